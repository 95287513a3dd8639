using Castellan.Core.Clients;
using Castellan.Core.Groups;
using Castellan.Core.Realms;
using Castellan.Core.Roles;
using Castellan.Core.Users;

namespace Castellan.Core.Authorization;

/// <summary>Those that a realm has.</summary>
/// <param name="findClient">A client by its id or its <c>client_id</c>.</param>
public sealed class RealmPrincipals(Realm realm, IUserStore users, Func<string, CancellationToken, ValueTask<(string Id, string ClientId)?>> findClient) : IPrincipals
{
    public RealmPrincipals(Realm realm, IUserStore users, IClients clients)
        : this(realm, users, async (nameOrId, ct) =>
            (await clients.FindByIdAsync(realm, nameOrId, ct) ?? await clients.FindAsync(realm, nameOrId, ct)) is { } client ? (client.Id, client.ClientId) : null)
    {
    }

    public async ValueTask<string?> IdAsync(PrincipalKind kind, string nameOrId, CancellationToken ct = default) => kind switch
    {
        PrincipalKind.User => (await users.FindAsync(realm.Id, nameOrId, ct) ?? await users.FindByUsernameAsync(realm.Id, nameOrId.ToLowerInvariant(), ct))?.Id,
        PrincipalKind.Client => (await findClient(nameOrId, ct))?.Id,
        PrincipalKind.Role => (await RoleAsync(nameOrId, ct))?.Id,
        PrincipalKind.Group => GroupOf(nameOrId)?.Id,
        _ => (realm.FindScopeById(nameOrId) ?? realm.FindScope(nameOrId))?.Id,
    };

    public async ValueTask<string?> NameAsync(PrincipalKind kind, string id, CancellationToken ct = default) => kind switch
    {
        PrincipalKind.User => (await users.FindAsync(realm.Id, id, ct))?.Username,
        PrincipalKind.Client => (await findClient(id, ct))?.ClientId,
        PrincipalKind.Role => realm.Roles.Find(id) is { } role ? (role.ClientName is { } client ? $"{client}/{role.Name}" : role.Name) : null,
        PrincipalKind.Group => realm.Groups.Find(id) is { } group ? realm.Groups.Path(group) : null,
        _ => realm.FindScopeById(id)?.Name,
    };

    private async ValueTask<Role?> RoleAsync(string nameOrId, CancellationToken ct)
    {
        if ((realm.Roles.Find(nameOrId) ?? realm.Roles.FindRealmRole(nameOrId)) is { } role)
        {
            return role;
        }

        var slash = nameOrId.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && await findClient(nameOrId[..slash], ct) is { } client ? realm.Roles.FindClientRole(client.Id, nameOrId[(slash + 1)..]) : null;
    }

    private Group? GroupOf(string pathOrId) =>
        realm.Groups.Find(pathOrId) ?? (pathOrId.StartsWith('/') ? realm.Groups.All.FirstOrDefault(g => realm.Groups.Path(g) == pathOrId) : null);
}
