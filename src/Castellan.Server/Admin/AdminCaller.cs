using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Admin;

/// <summary>Who calls the admin API: the bearer of a valid access token of the master realm or of the realm that is administered.</summary>
/// <param name="Realm">The realm that issued the token.</param>
/// <param name="Client">The client that the token was issued to.</param>
/// <param name="Roles">The roles, in <paramref name="Realm"/>, that count: the user's, bounded by what the token may carry, with all composites reached.</param>
public sealed record AdminCaller(Realm Realm, User User, Client Client, string? SessionId, CallerRoles Roles)
{
    /// <summary>The scope of the token.</summary>
    public string? Scope { get; init; }

    /// <summary>The clients whose roles a token that was exchanged is for (RFC 8693): it was asked for to be given away, and is for no others. Null: all.</summary>
    public IReadOnlyCollection<string>? Within { get; init; }

    public bool IsMaster => Realm.Name == "master";

    /// <summary>Whether the caller has the role <c>create-realm</c> of the master realm.</summary>
    public bool MayCreateRealms => HasMasterRole("create-realm");

    /// <summary>Whether the caller has the role <c>admin</c> of the master realm.</summary>
    public bool IsServerAdmin => HasMasterRole("admin");

    /// <summary>What the caller may do in a realm.</summary>
    public AdminRoles RolesIn(Realm target) =>
        IsMaster || target.Id == Realm.Id
            ? new AdminRoles(RolesOf(ManagementClient(target)), MayCreateRealms)
            : AdminRoles.None;

    /// <summary>What the caller may do in a realm that is known by name only.</summary>
    public AdminRoles RolesIn(RealmVersion target) =>
        IsMaster || target.Id == Realm.Id
            ? new AdminRoles(RolesOf(IsMaster ? target.Name + "-realm" : "realm-management"), MayCreateRealms)
            : AdminRoles.None;

    /// <summary>The <c>client_id</c> of the client, in the caller's realm, whose roles administer the target.</summary>
    public string ManagementClient(Realm target) => IsMaster ? target.Name + "-realm" : "realm-management";

    private IEnumerable<string> RolesOf(string client) => Within?.Contains(client) is false ? [] :
        Realm.Roles.OfClientNamed(client).Where(r => Roles.Contains(r.Id)).Select(r => r.Name);

    private bool HasMasterRole(string name) => IsMaster && Within is null && Realm.Roles.FindRealmRole(name) is { } role && Roles.Contains(role.Id);
}

/// <summary>Finds out who calls.</summary>
public interface IAdminCallers
{
    /// <summary>The bearer of the token, or null when it is not valid here and now.</summary>
    ValueTask<AdminCaller?> FindAsync(HttpContext http, string token, CancellationToken ct);
}
