using System.Collections.Concurrent;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Core.Users;

namespace Castellan.Server.Admin;

/// <summary>
/// The roles that count of whoever calls the admin API: those that the user has now, whatever the token names, as far as the client's own scope
/// lets them through. An administrator of many realms reaches thousands of them, so they are worked out once for a picture of the realm.
/// </summary>
public sealed class CallerRoles
{
    private readonly Realm _realm;
    private const int Max = 256;
    private readonly ConcurrentDictionary<string, IReadOnlySet<string>> _known = new(StringComparer.Ordinal);

    private CallerRoles(Realm realm) => _realm = realm;

    /// <summary>The ids of the roles that count, those that come by others included.</summary>
    public static IReadOnlySet<string> Of(Realm realm, User user, Client client) => realm.Compiled(static r => new CallerRoles(r)).For(user, client);

    private IReadOnlySet<string> For(User user, Client client)
    {
        // Everything that the answer hangs on beside the realm: two users with the same roles and groups share it.
        var key = $"{(client.FullScopeAllowed ? "" : client.Id)} {string.Join(' ', user.RoleIds)} {string.Join(' ', user.GroupIds)}";
        if (_known.TryGetValue(key, out var roles))
        {
            return roles;
        }

        if (_known.Count >= Max)
        {
            _known.Clear();
        }

        return _known[key] = Find(user, client);
    }

    private HashSet<string> Find(User user, Client client)
    {
        var roles = GrantedRoles.Of(_realm, user);
        if (!client.FullScopeAllowed)
        {
            roles.IntersectWith(_realm.Roles.Expand([.. client.ScopeRoleIds, .. _realm.Roles.All.Where(r => r.ClientId == client.Id).Select(r => r.Id)]));
        }

        return roles.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
    }
}
