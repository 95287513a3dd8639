using System.Collections.Concurrent;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Roles;
using Castellan.Core.Tokens;
using Castellan.Core.Users;

namespace Castellan.Server.Admin;

/// <summary>
/// The roles that count of whoever calls the admin API: those that the user has now, whatever the token names, as far as the client's own scope
/// lets them through.
/// </summary>
public sealed class CallerRoles
{
    private readonly ReachedRoles _has;
    private readonly ReachedRoles? _allowed;

    private CallerRoles(Realm realm, User user, Client client)
    {
        _has = new(realm.Roles, GrantedRoles.Given(realm, user));
        _allowed = client.FullScopeAllowed ? null : new(realm.Roles, [.. client.ScopeRoleIds, .. realm.Roles.OfClient(client.Id).Select(r => r.Id)]);
    }

    /// <summary>What is known of a caller is kept with the picture of the realm.</summary>
    public static CallerRoles Of(Realm realm, User user, Client client) => realm.Compiled(static _ => new Known()).Of(realm, user, client);

    public bool Contains(string roleId) => _has.Contains(roleId) && _allowed?.Contains(roleId) is null or true;

    private sealed class Known
    {
        private const int Max = 256;
        private readonly ConcurrentDictionary<string, CallerRoles> _callers = new(StringComparer.Ordinal);

        public CallerRoles Of(Realm realm, User user, Client client)
        {
            // Everything that the answer hangs on beside the realm: two users with the same roles and groups share it. No id holds a zero, so that
            // none reads as two.
            var key = $"{(client.FullScopeAllowed ? "" : client.Id)}\0{string.Join('\0', user.RoleIds)}\0\0{string.Join('\0', user.GroupIds)}";
            if (_callers.TryGetValue(key, out var roles))
            {
                return roles;
            }

            if (_callers.Count >= Max)
            {
                _callers.Clear();
            }

            return _callers[key] = new(realm, user, client);
        }
    }
}
