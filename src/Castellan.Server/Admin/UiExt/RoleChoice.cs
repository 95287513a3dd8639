using Castellan.Core.Groups;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;
using Castellan.Server.Admin.Roles;

namespace Castellan.Server.Admin.UiExt;

/// <summary>The dialogs in which client roles are given: those that can be, and those that count already, of all clients at once.</summary>
internal static class RoleChoice
{
    private static readonly (string Type, Permission View, Permission Manage, Func<AdminContext, ValueTask<MappingOwner?>> Find)[] s_owners =
    [
        ("clients", Permission.ViewClients, Permission.ManageClients, ClientAsync),
        ("clientScopes", Permission.ViewClients, Permission.ManageClients, ScopeAsync),
        ("groups", Permission.ViewUsers, Permission.ManageUsers, GroupAsync),
        ("users", Permission.ViewUsers, Permission.ManageUsers, UserAsync),
        ("roles", Permission.ViewRealm, Permission.ManageRealm, RoleAsync),
    ];

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        .. s_owners.SelectMany(o => new[]
        {
            AdminRoute.Get($"ui-ext/available-roles/{o.Type}/{{id}}", o.View, Of(o.Find, Available), noCache: false),
            AdminRoute.Get($"ui-ext/effective-roles/{o.Type}/{{id}}", o.View, Of(o.Find, Effective), noCache: false),
            AdminRoute.Get($"ui-ext/effective-roles-all/{o.Type}/{{id}}", o.View, With(o.Find, AllEffective), noCache: false),
            AdminRoute.Post($"ui-ext/role-mapping-delete/{o.Type}/{{id}}", o.Manage, With(o.Find, RemoveAsync)),
        }),
        AdminRoute.Get("ui-ext/role-mappings/roles/{id}", Permission.ViewRealm, PartsAsync, noCache: false),
    ];

    private static AdminHandler With(Func<AdminContext, ValueTask<MappingOwner?>> find, Func<AdminContext, MappingOwner, ValueTask<AdminAnswer>> then) => async context =>
        await find(context) is { } owner ? await then(context, owner) : AdminAnswer.NotFound("Could not find resource");

    private static AdminHandler Of(Func<AdminContext, ValueTask<MappingOwner?>> find, Func<AdminContext, MappingOwner, IEnumerable<Role>> choose) => With(find, (context, owner) =>
    {
        var roles = Ordered(choose(context, owner).Where(r => r.ClientName is not null)).Select(r => new ClientRoleChoice(r.Id, r.Name, r.Description, r.ClientName!, r.ClientId!));
        return new(AdminAnswer.Json([.. roles], UiExtJson.Default.ListClientRoleChoice));
    });

    private static IEnumerable<Role> Ordered(IEnumerable<Role> roles) => roles.OrderBy(r => r.ClientName, StringComparer.Ordinal).ThenBy(r => r.Name, StringComparer.Ordinal);

    /// <summary>Realm and client roles together, with those that come by others.</summary>
    private static ValueTask<AdminAnswer> AllEffective(AdminContext context, MappingOwner owner)
    {
        var reached = context.Realm.Roles.Expand(owner.Kind == RoleOwner.Role ? owner.Direct : owner.Effective);
        var roles = Ordered(reached).Select(r => new EffectiveRole(r.Id, r.Name, r.Description, r.ClientName is not null, r.ClientName, r.ClientId));
        return new(AdminAnswer.Json([.. roles], UiExtJson.Default.ListEffectiveRole));
    }

    /// <summary>Takes roles of the realm and of several clients away at once: all of them or, where one may not be taken, none.</summary>
    private static async ValueTask<AdminAnswer> RemoveAsync(AdminContext context, MappingOwner owner)
    {
        if (!(await context.ReadAsync(UiExtJson.Default.ListMappingToRemove)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var roles = new List<Role>();
        foreach (var mapping in given)
        {
            if (mapping.RoleId is not { } id || context.Realm.Roles.Find(id) is not { } role)
            {
                return AdminAnswer.NotFound("Role not found");
            }

            roles.Add(role);
        }

        if ((owner.Kind == RoleOwner.Role && context.Realm.Roles.Find(owner.Id) is { } composite && !await RolesByIdRoutes.MayChangeAsync(context, composite))
            || !roles.TrueForAll(r => owner.MayHave(context, r)))
        {
            return AdminAnswer.Forbidden;
        }

        await context.ApplyAsync(roles.Select(r => new RemoveRole(owner.Kind, owner.Id, r.Id)));
        foreach (var taken in roles.GroupBy(r => r.ClientId))
        {
            var type = owner.Kind == RoleOwner.Role ? "REALM_ROLE" : taken.Key is null ? owner.RealmEvent : owner.ClientEvent;
            await context.RecordAsync("DELETE", type, PathOf(owner, taken.Key), context.Realm.Show(taken, brief: false), AdminJson.Default.ListRoleRepresentation);
        }

        return AdminAnswer.NoContent;
    }

    /// <summary>Where the documented API has the same mappings; what events name.</summary>
    private static string PathOf(MappingOwner owner, string? clientId) => owner.Kind switch
    {
        RoleOwner.Role => $"roles-by-id/{owner.Id}/composites",
        RoleOwner.User or RoleOwner.Group => $"{(owner.Kind == RoleOwner.User ? "users" : "groups")}/{owner.Id}/role-mappings/{Container(clientId)}",
        _ => $"{(owner.Kind == RoleOwner.Client ? "clients" : "client-scopes")}/{owner.Id}/scope-mappings/{Container(clientId)}",
    };

    private static string Container(string? clientId) => clientId is null ? "realm" : "clients/" + clientId;

    private static IEnumerable<Role> Available(AdminContext context, MappingOwner owner)
    {
        var has = owner.Direct.ToHashSet(StringComparer.Ordinal);
        var search = context.Query("search") ?? "";
        var all = context.Realm.Roles.All
            .Where(r => r.ClientName is { } client && r.Id != owner.Id && !has.Contains(r.Id) && !IsOwn(r) && owner.MayHave(context, r)
                && (r.Name.Contains(search, StringComparison.OrdinalIgnoreCase) || client.Contains(search, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(r => r.ClientName, StringComparer.Ordinal).ThenBy(r => r.Name, StringComparer.Ordinal);
        return context.Page(all, otherwise: 10);

        // The scope of a client holds its own roles anyway.
        bool IsOwn(Role role) => owner.Kind == RoleOwner.Client && role.ClientId == owner.Id;
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
        new(context.Realm.Roles.Find(context.Route("id")) is { } role ? new MappingOwner(RoleOwner.Role, role.Id, role.Composites, DefaultRoles(context.Realm)) : null);

    // Keycloak's consoles show beside a role's own parts what everybody has, whichever the role.
    private static IReadOnlyList<string> DefaultRoles(Realm realm) => realm.Settings.DefaultRole?.Id is { } id ? [id] : [];
}
