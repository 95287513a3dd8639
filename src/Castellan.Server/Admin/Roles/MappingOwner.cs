using Castellan.Core.Groups;
using Castellan.Core.Realms;
using Castellan.Core.Roles;
using Castellan.Core.Tokens;
using Castellan.Core.Users;

namespace Castellan.Server.Admin.Roles;

/// <summary>What roles are mapped to: a user, a group, or the scope of a client or client scope.</summary>
/// <param name="Direct">Ids of the roles that are mapped to it.</param>
/// <param name="Effective">Ids of the roles that count with them: those, and what groups above or around bring. Composites are reached from there.</param>
internal sealed record MappingOwner(RoleOwner Kind, string Id, IReadOnlyList<string> Direct, IReadOnlyList<string> Effective)
{
    /// <summary>Whether every role counts, as for a client with full scope.</summary>
    public bool HasAll { get; init; }

    /// <summary>Whether the mappings limit what tokens carry, instead of giving anything.</summary>
    public bool IsScope => Kind is RoleOwner.Client or RoleOwner.ClientScope;

    /// <summary>Whether the caller may map a role to this, or take it away.</summary>
    public bool MayHave(AdminContext context, Role role) => Kind switch
    {
        RoleOwner.Role => context.MayCompose(role),
        _ when IsScope => context.MayPutInScope(role),
        _ => context.MayGive(role),
    };

    /// <summary>The kind of event that a change of mappings to roles of the realm is.</summary>
    public string RealmEvent => IsScope ? "REALM_SCOPE_MAPPING" : "REALM_ROLE_MAPPING";

    public string ClientEvent => IsScope ? "CLIENT_SCOPE_MAPPING" : "CLIENT_ROLE_MAPPING";

    public static MappingOwner Of(Realm realm, Group group) =>
        new(RoleOwner.Group, group.Id, group.RoleIds, [.. realm.Groups.Lineage(group).SelectMany(g => g.RoleIds)]);

    public static MappingOwner Of(Realm realm, User user) => new(RoleOwner.User, user.Id, user.RoleIds, GrantedRoles.Given(realm, user));
}
