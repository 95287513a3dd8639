using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Roles;
using Castellan.Core.Users;

namespace Castellan.Core.Tokens;

/// <summary>
/// The roles that a token may carry, by name. Role mappers change them: renamed and hardcoded roles are what every later mapper sees. Few do, so
/// that tokens share the names until one of them changes.
/// </summary>
public sealed class GrantedRoles
{
    private List<string> _realm;
    private Dictionary<string, List<string>> _clients;
    private bool _isShared;

    public GrantedRoles(IEnumerable<Role> roles)
        : this([], new(StringComparer.Ordinal), isShared: false)
    {
        foreach (var role in roles)
        {
            Add(role.ClientName, role.Name);
        }
    }

    private GrantedRoles(List<string> realm, Dictionary<string, List<string>> clients, bool isShared) => (_realm, _clients, _isShared) = (realm, clients, isShared);

    /// <summary>Names of realm roles.</summary>
    public IReadOnlyList<string> Realm => _realm;

    /// <summary>Names of client roles, by <c>client_id</c>; to be read.</summary>
    public Dictionary<string, List<string>> Clients => _clients;

    /// <summary>The same names for a token of its own.</summary>
    public GrantedRoles Copy() => new(_realm, _clients, isShared: true);

    /// <param name="client">The <c>client_id</c>; null for a realm role.</param>
    public void Add(string? client, string name)
    {
        Own();
        var list = client is null ? _realm : _clients.TryGetValue(client, out var known) ? known : _clients[client] = [];
        if (!list.Contains(name))
        {
            list.Add(name);
        }
    }

    public bool Remove(string? client, string name)
    {
        Own();
        if (client is null)
        {
            return _realm.Remove(name);
        }

        if (!_clients.TryGetValue(client, out var list) || !list.Remove(name))
        {
            return false;
        }

        if (list.Count == 0)
        {
            _clients.Remove(client);
        }

        return true;
    }

    private void Own()
    {
        if (_isShared)
        {
            _realm = [.. _realm];
            _clients = _clients.ToDictionary(c => c.Key, c => new List<string>(c.Value), StringComparer.Ordinal);
            _isShared = false;
        }
    }

    /// <summary>Everything that the user has: own roles, those of groups and of the groups above them, with all that these contain.</summary>
    public static IReadOnlySet<Role> Of(Realm realm, User user) => realm.Roles.Expand(Given(realm, user));

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
    public static IReadOnlySet<Role> Within(Realm realm, Client client, GrantedScopes scopes, IReadOnlySet<Role> roles)
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

        return realm.Roles.Expand(ids).Where(roles.Contains).ToHashSet<Role>(ReferenceEqualityComparer.Instance);
    }
}
