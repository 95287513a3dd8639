using Castellan.Core.Groups;
using Castellan.Core.Realms;
using Castellan.Core.Roles;
using Castellan.Server.Admin.Roles;

namespace Castellan.Server.Admin.UiExt;

/// <summary>The dialogs in which client roles are given: those that can be, and those that count already, of all clients at once.</summary>
internal static class RoleChoice
{
    private static readonly Permission s_viewUsers = Permission.ViewUsers;

    private static readonly (string Type, Permission View, Func<AdminContext, ValueTask<MappingOwner?>> Find)[] s_owners =
    [
        ("clients", Permission.ViewClients, ClientAsync),
        ("clientScopes", Permission.ViewClients, ScopeAsync),
        ("groups", s_viewUsers, GroupAsync),
        ("users", s_viewUsers, UserAsync),
        ("roles", Permission.ViewRealm, RoleAsync),
    ];

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        .. s_owners.SelectMany(o => new[]
        {
            AdminRoute.Get($"ui-ext/available-roles/{o.Type}/{{id}}", o.View, Of(o.Find, Available), noCache: false),
            AdminRoute.Get($"ui-ext/effective-roles/{o.Type}/{{id}}", o.View, Of(o.Find, Effective), noCache: false),
        }),
        AdminRoute.Get("ui-ext/role-mappings/roles/{id}", Permission.ViewRealm, PartsAsync, noCache: false),
    ];

    private static AdminHandler Of(Func<AdminContext, ValueTask<MappingOwner?>> find, Func<AdminContext, MappingOwner, IEnumerable<Role>> choose) => async context =>
    {
        if (await find(context) is not { } owner)
        {
            return AdminAnswer.NotFound("Could not find resource");
        }

        var roles = choose(context, owner).Where(r => r.ClientName is not null).OrderBy(r => r.ClientName, StringComparer.Ordinal).ThenBy(r => r.Name, StringComparer.Ordinal)
            .Select(r => new ClientRoleChoice(r.Id, r.Name, r.Description, r.ClientName!, r.ClientId!));
        return AdminAnswer.Json([.. roles], UiExtJson.Default.ListClientRoleChoice);
    };

    private static IEnumerable<Role> Available(AdminContext context, MappingOwner owner)
    {
        var has = owner.Direct.ToHashSet(StringComparer.Ordinal);
        var search = context.Query("search") ?? "";
        var all = context.Realm.Roles.All
            .Where(r => r.ClientName is { } client && r.Id != owner.Id && !has.Contains(r.Id) && (owner.IsScope || context.MayGrant(r))
                && (r.Name.Contains(search, StringComparison.OrdinalIgnoreCase) || client.Contains(search, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(r => r.ClientName, StringComparer.Ordinal).ThenBy(r => r.Name, StringComparer.Ordinal);
        return context.Page(all);
    }

    private static IEnumerable<Role> Effective(AdminContext context, MappingOwner owner) => context.Realm.Roles.Expand(owner.Effective);

    /// <summary>The direct parts of a composite role, in the form of role mappings.</summary>
    private static async ValueTask<AdminAnswer> PartsAsync(AdminContext context)
    {
        if (context.Realm.Roles.Find(context.Route("id")) is not { } role)
        {
            return AdminAnswer.NotFound("Could not find role");
        }

        var mappings = new MappingsRepresentation();
        foreach (var parts in role.Composites.Select(context.Realm.Roles.Find).OfType<Role>().GroupBy(r => r.ClientId))
        {
            var shown = context.Realm.Show(parts);
            if (parts.Key is null)
            {
                mappings.RealmMappings = shown;
            }
            else if (await context.Clients.FindByIdAsync(context.Realm, parts.Key, context.Aborted) is { } client)
            {
                (mappings.ClientMappings ??= [])[client.ClientId] = new() { Id = client.Id, Client = client.ClientId, Mappings = shown };
            }
        }

        return AdminAnswer.Json(mappings, AdminApiJson.Default.MappingsRepresentation);
    }

    private static async ValueTask<MappingOwner?> ClientAsync(AdminContext context) =>
        await context.Clients.FindByIdAsync(context.Realm, context.Route("id"), context.Aborted) is { } client
            ? new MappingOwner(RoleOwner.Client, client.Id, client.ScopeRoleIds, client.ScopeRoleIds)
            : null;

    private static ValueTask<MappingOwner?> ScopeAsync(AdminContext context) =>
        new(context.Realm.FindScopeById(context.Route("id")) is { } scope ? new MappingOwner(RoleOwner.ClientScope, scope.Id, scope.RoleIds, scope.RoleIds) : null);

    private static ValueTask<MappingOwner?> GroupAsync(AdminContext context) =>
        new(context.Realm.Groups.Find(context.Route("id")) is Group group ? MappingOwner.Of(context.Realm, group) : null);

    private static async ValueTask<MappingOwner?> UserAsync(AdminContext context) =>
        await context.Users.FindAsync(context.Realm.Id, context.Route("id"), context.Aborted) is { } user ? MappingOwner.Of(context.Realm, user) : null;

    private static ValueTask<MappingOwner?> RoleAsync(AdminContext context) =>
        new(context.Realm.Roles.Find(context.Route("id")) is { } role ? new MappingOwner(RoleOwner.Role, role.Id, role.Composites, role.Composites) : null);
}
