using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;

namespace Castellan.Server.Admin.Roles;

/// <summary>Roles by id, whoever owns them.</summary>
internal static class RolesByIdRoutes
{
    private static readonly Permission s_view = Permission.Any("view-realm", "manage-realm", "view-clients", "manage-clients");
    private static readonly Permission s_manage = Permission.Any("manage-realm", "manage-clients");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("roles-by-id/{id}", s_view, See((c, role) => new(AdminAnswer.Json(c.Realm.Show(role, brief: false), AdminJson.Default.RoleRepresentation)))),
        AdminRoute.Put("roles-by-id/{id}", s_manage, ChangeAsync(UpdateAsync)),
        AdminRoute.Delete("roles-by-id/{id}", s_manage, ChangeAsync((c, role) => RoleRoutes.DeleteAsync(c, role, EventType(role), Path(role), named: null)), noCache: true),
        AdminRoute.Get("roles-by-id/{id}/composites", s_view, See((c, role) => new(RoleParts.Page(c, role)))),
        AdminRoute.Post("roles-by-id/{id}/composites", s_manage, ChangeAsync((c, role) => RoleParts.AddAsync(c, role, Path(role) + "/composites"))),
        AdminRoute.Delete("roles-by-id/{id}/composites", s_manage, ChangeAsync((c, role) => RoleParts.RemoveAsync(c, role, Path(role) + "/composites"))),
        AdminRoute.Get("roles-by-id/{id}/composites/realm", s_view, See((c, role) => new(RoleParts.List(c, role, static r => r.ClientId is null)))),
        AdminRoute.Get("roles-by-id/{id}/composites/clients/{of}", s_view, See(RoleParts.ListOfClientAsync)),
        AdminRoute.Get("roles-by-id/{id}/management/permissions", s_view, See((_, _) => new(AdminAnswer.NotEnabled))),
        AdminRoute.Put("roles-by-id/{id}/management/permissions", s_manage, See((_, _) => new(AdminAnswer.NotEnabled))),
    ];

    private static AdminHandler See(Func<AdminContext, Role, ValueTask<AdminAnswer>> then) => One("view", then);

    private static AdminHandler ChangeAsync(Func<AdminContext, Role, ValueTask<AdminAnswer>> then) => One("manage", async (context, role) =>
        await MayChangeAsync(context, role) ? await then(context, role) : AdminAnswer.Forbidden);

    /// <summary>Whether the caller may change a role: as one who manages its owner.</summary>
    internal static async ValueTask<bool> MayChangeAsync(AdminContext context, Role role)
    {
        var client = role.ClientId is { } id ? await context.Clients.FindByIdAsync(context.Realm, id, context.Aborted) : null;
        return Opens(context, role, "manage") && new RoleContainer(client).MayChange(context);
    }

    /// <summary>The permission of the route lets in whoever may do this to roles of some kind; here the kind is known.</summary>
    private static bool Opens(AdminContext context, Role role, string act)
    {
        var what = role.ClientId is null ? "realm" : "clients";
        return context.Roles.HasAny($"{act}-{what}", $"manage-{what}");
    }

    private static AdminHandler One(string act, Func<AdminContext, Role, ValueTask<AdminAnswer>> then) => context =>
    {
        if (context.Realm.Roles.Find(context.Route("id")) is not { } role)
        {
            return new(AdminAnswer.NotFound("Could not find role with id"));
        }

        return Opens(context, role, act) ? then(context, role) : new(AdminAnswer.Forbidden);
    };

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, Role role)
    {
        if (!(await context.ReadAsync(AdminJson.Default.RoleRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given.Name is { } name && name != role.Name
            && (role.ClientId is null ? context.Realm.Roles.FindRealmRole(name) : context.Realm.Roles.FindClientRole(role.ClientId, name)) is not null)
        {
            return RoleRoutes.Exists(name);
        }

        if (given.Name is { } other && other != role.Name && !context.MayAbolish(role))
        {
            return AdminAnswer.Forbidden;
        }

        await context.ApplyAsync(new PutRole(RoleRoutes.Updated(context.Realm, role, given)));
        given.Composite ??= false;
        await context.RecordAsync("UPDATE", EventType(role), Path(role), given, AdminJson.Default.RoleRepresentation);
        return AdminAnswer.NoContent;
    }

    private static string EventType(Role role) => role.ClientId is null ? "REALM_ROLE" : "CLIENT_ROLE";

    private static string Path(Role role) => $"roles-by-id/{role.Id}";
}
