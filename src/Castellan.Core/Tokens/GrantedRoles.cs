using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Roles;
using Castellan.Core.Users;

namespace Castellan.Core.Tokens;

/// <summary>The roles that a token may carry, by name. Role mappers change them: renamed and hardcoded roles are what every later mapper sees.</summary>
public sealed class GrantedRoles
{
    /// <summary>Names of realm roles.</summary>
    public List<string> Realm { get; } = [];

    /// <summary>Names of client roles, by <c>client_id</c>.</summary>
    public Dictionary<string, List<string>> Clients { get; } = new(StringComparer.Ordinal);

    public GrantedRoles(IEnumerable<Role> roles)
    {
        foreach (var role in roles)
        {
            Add(role.ClientName, role.Name);
        }
    }

    /// <param name="client">The <c>client_id</c>; null for a realm role.</param>
    public void Add(string? client, string name)
    {
        var list = client is null ? Realm : Clients.TryGetValue(client, out var known) ? known : Clients[client] = [];
        if (!list.Contains(name))
        {
            list.Add(name);
        }
    }

    public bool Remove(string? client, string name)
    {
        if (client is null)
        {
            return Realm.Remove(name);
        }

        if (!Clients.TryGetValue(client, out var list) || !list.Remove(name))
        {
            return false;
        }

        if (list.Count == 0)
        {
            Clients.Remove(client);
        }

        return true;
    }

    /// <summary>Everything that the user has: own roles, those of groups and of the groups above them, with all that these contain.</summary>
    public static HashSet<Role> Of(Realm realm, User user) => realm.Roles.Expand(Given(realm, user));

    /// <summary>The same without what these contain.</summary>
    public static IReadOnlyList<string> Given(Realm realm, User user)
    {
        if (user.GroupIds.Count == 0)
        {
            return user.RoleIds;
        }

        var ids = new List<string>(user.RoleIds);
        foreach (var id in user.GroupIds)
        {
            if (realm.Groups.Find(id) is { } group)
            {
                foreach (var above in realm.Groups.Lineage(group))
                {
                    ids.AddRange(above.RoleIds);
                }
            }
        }

        return ids;
    }

    /// <summary>
    /// What of the user's roles a token of this client may carry: all with full scope, otherwise those in the scope mappings of the client and its
    /// scopes and the client's own roles. Both sides are expanded, so that a scope mapping on a part of a composite role lets that part through.
    /// </summary>
    public static HashSet<Role> Within(Realm realm, Client client, GrantedScopes scopes, HashSet<Role> roles)
    {
        if (client.FullScopeAllowed)
        {
            return roles;
        }

        var ids = new List<string>(client.ScopeRoleIds);
        ids.AddRange(realm.Roles.OfClient(client.Id).Select(r => r.Id));
        foreach (var scope in scopes.Active)
        {
            ids.AddRange(scope.RoleIds);
        }

        var allowed = realm.Roles.Expand(ids);
        allowed.IntersectWith(roles);
        return allowed;
    }
}
