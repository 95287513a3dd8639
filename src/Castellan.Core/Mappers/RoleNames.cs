using Castellan.Core.Realms;

namespace Castellan.Core.Mappers;

/// <summary>Roles as mappers write them: <c>name</c>, or <c>client.name</c>.</summary>
internal static class RoleNames
{
    /// <summary>
    /// Takes a role apart. Client ids and role names may hold dots themselves: the first cut that gives a role that exists counts, then the first dot.
    /// </summary>
    public static (string? Client, string Name) Split(Realm realm, string role)
    {
        if (realm.Roles.FindRealmRole(role) is not null)
        {
            return (null, role);
        }

        for (var dot = role.IndexOf('.'); dot > 0; dot = role.IndexOf('.', dot + 1))
        {
            var (client, name) = (role[..dot], role[(dot + 1)..]);
            if (realm.Roles.OfClientNamed(client).Any(r => r.Name == name))
            {
                return (client, name);
            }
        }

        var first = role.IndexOf('.');
        return first <= 0 ? (null, role) : (role[..first], role[(first + 1)..]);
    }
}
