using Castellan.Core;
using Castellan.Core.Realms;
using Castellan.Core.Roles;

namespace Castellan.Server.Registration;

/// <summary>Roles of a client that everybody in the realm has: those among the parts of the realm's default role.</summary>
internal static class DefaultRolesOfClient
{
    public static List<string> Of(Realm realm, string clientId) => [.. Parts(realm, clientId).Select(r => r.Name)];

    /// <summary>The changes after which these are the ones: roles that there are not are made, and a role that nobody has by default any more stays.</summary>
    /// <param name="names">None are said: nothing changes.</param>
    /// <param name="others">What else changes with the client.</param>
    public static IEnumerable<Change> Follow(Realm realm, string clientId, List<string>? names, List<Change> others)
    {
        if (names is null || realm.Settings.DefaultRole?.Id is not { } all)
        {
            yield break;
        }

        foreach (var gone in Parts(realm, clientId).Where(r => !names.Contains(r.Name)))
        {
            yield return new RemoveRole(RoleOwner.Role, all, gone.Id);
        }

        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            var id = realm.Roles.FindClientRole(clientId, name)?.Id ?? others.OfType<PutRole>().FirstOrDefault(p => p.Role.ContainerId == clientId && p.Role.Name == name)?.Role.Id;
            if (id is null)
            {
                id = Ids.New();
                yield return new PutRole(new() { Id = id, Name = name, ClientRole = true, ContainerId = clientId, Attributes = [] });
            }

            yield return new AddRole(RoleOwner.Role, all, id);
        }
    }

    private static IEnumerable<Role> Parts(Realm realm, string clientId) =>
        realm.Settings.DefaultRole?.Id is { } id && realm.Roles.Find(id) is { } all ? all.Composites.Select(realm.Roles.Find).OfType<Role>().Where(r => r.ClientId == clientId) : [];
}
