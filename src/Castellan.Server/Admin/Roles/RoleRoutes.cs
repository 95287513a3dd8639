using Castellan.Core;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;
using Castellan.Server.Admin.Groups;
using Castellan.Server.Admin.Users;

namespace Castellan.Server.Admin.Roles;

/// <summary>Roles by name, of the realm and of its clients.</summary>
internal static class RoleRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        .. Under("roles", Permission.ViewRealm, Permission.ManageRealm, RoleContainer.OfRealm),
        .. Under("clients/{client}/roles", Permission.ViewClients, Permission.ManageClients, RoleContainer.OfClient),
    ];

    private delegate ValueTask<Read<RoleContainer>> Container(AdminContext context);

    private delegate ValueTask<AdminAnswer> WithRole(AdminContext context, RoleContainer container, Role role);

    private static IEnumerable<AdminRoute> Under(string path, Permission view, Permission manage, Container find)
    {
        yield return AdminRoute.Get(path, view, c => ListAsync(c, find));
        yield return AdminRoute.Post(path, manage, c => CreateAsync(c, find));
        yield return AdminRoute.Get(path + "/{role}", view, One(find, (c, _, role) => new(AdminAnswer.Json(c.Realm.Show(role, brief: false), AdminJson.Default.RoleRepresentation))));
        yield return AdminRoute.Put(path + "/{role}", manage, Change(find, UpdateAsync));
        yield return AdminRoute.Delete(path + "/{role}", manage, Change(find, DeleteAsync), noCache: true);
        yield return AdminRoute.Get(path + "/{role}/composites", view, One(find, (c, _, role) => new(RoleParts.List(c, role))));
        yield return AdminRoute.Post(path + "/{role}/composites", manage, Change(find, (c, container, role) => RoleParts.AddAsync(c, role, $"{container.Path}/{role.Name}/composites")));
        yield return AdminRoute.Delete(path + "/{role}/composites", manage, Change(find, (c, container, role) => RoleParts.RemoveAsync(c, role, $"{container.Path}/{role.Name}/composites")));
        yield return AdminRoute.Get(path + "/{role}/composites/realm", view, One(find, (c, _, role) => new(RoleParts.List(c, role, static r => r.ClientId is null))));
        yield return AdminRoute.Get(path + "/{role}/composites/clients/{of}", view, One(find, (c, _, role) => RoleParts.ListOfClientAsync(c, role)));
        yield return AdminRoute.Get(path + "/{role}/users", Permission.ViewUsers, One(find, UsersAsync));
        yield return AdminRoute.Get(path + "/{role}/groups", view, One(find, GroupsAsync));
        yield return AdminRoute.Get(path + "/{role}/management/permissions", view, One(find, (_, _, _) => new(AdminAnswer.NotEnabled)));
        yield return AdminRoute.Put(path + "/{role}/management/permissions", manage, One(find, (_, _, _) => new(AdminAnswer.NotEnabled)));
    }

    private static AdminHandler One(Container find, WithRole then) => async context =>
    {
        if (!(await find(context)).Ok(out var container, out var refusal))
        {
            return refusal;
        }

        return container.Find(context, context.Route("role")) is { } role ? await then(context, container, role) : AdminAnswer.NotFound("Could not find role");
    };

    private static AdminHandler Change(Container find, WithRole then) =>
        One(find, (context, container, role) => container.MayChange(context) ? then(context, container, role) : new(AdminAnswer.Forbidden));

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context, Container find)
    {
        if (!(await find(context)).Ok(out var container, out var refusal))
        {
            return refusal;
        }

        var search = context.Query("search")?.Trim();
        var found = context.Realm.RolesOf(container.ClientId).Where(r => r.Matches(search));

        // Without a search there are pages only for who says both where they begin and how long they are.
        var roles = string.IsNullOrEmpty(search) && (context.Number("first") is null || context.Number("max") is null) ? found : context.Page(found);
        return AdminAnswer.Json(context.Realm.Show(roles, context.Brief(otherwise: true)), AdminJson.Default.ListRoleRepresentation);
    }

    private static async ValueTask<AdminAnswer> CreateAsync(AdminContext context, Container find)
    {
        if (!(await find(context)).Ok(out var container, out var refusal) || !(await context.ReadAsync(AdminJson.Default.RoleRepresentation)).Ok(out var given, out refusal))
        {
            return refusal;
        }

        if (!container.MayChange(context))
        {
            return AdminAnswer.Forbidden;
        }

        if (given.Name is not { } name)
        {
            return AdminAnswer.Error(400, "role has no name");
        }

        if (container.Find(context, name) is not null)
        {
            return Exists(name);
        }

        var role = new RoleRepresentation
        {
            Id = Ids.New(), Name = name, Description = given.Description, ClientRole = container.ClientId is not null,
            ContainerId = container.ClientId ?? context.Realm.Id, Attributes = given.Attributes,
        };
        var changes = new List<Change> { new PutRole(role) };
        if (given is { Composite: true, Composites: { } parts })
        {
            if (!(await RoleParts.ByNameAsync(context, parts)).Ok(out var roles, out refusal))
            {
                return refusal;
            }

            if (!roles.All(context.MayCompose))
            {
                return AdminAnswer.Forbidden;
            }

            changes.AddRange(roles.Select(r => new AddRole(RoleOwner.Role, role.Id, r.Id)));
        }

        await context.ApplyAsync(changes);
        (given.Id, given.Composite) = (role.Id, given.Composite ?? false);
        await context.RecordAsync("CREATE", container.EventType, $"{container.Path}/{name}", given, AdminJson.Default.RoleRepresentation);
        return AdminAnswer.Created(context.AddressBelow(name));
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, RoleContainer container, Role role)
    {
        if (!(await context.ReadAsync(AdminJson.Default.RoleRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given.Name is { } name && name != role.Name && container.Find(context, name) is not null)
        {
            return Exists(name);
        }

        if (given.Name is { } other && other != role.Name && !context.MayAbolish(role))
        {
            return AdminAnswer.Forbidden;
        }

        await context.ApplyAsync(new PutRole(Updated(context.Realm, role, given)));
        given.Composite ??= false;
        await context.RecordAsync("UPDATE", container.EventType, $"{container.Path}/{role.Name}", given, AdminJson.Default.RoleRepresentation);
        return AdminAnswer.NoContent;
    }

    /// <summary>The role after an update: attributes that are not given stay, a description that is not given goes.</summary>
    internal static RoleRepresentation Updated(Realm realm, Role role, RoleRepresentation given)
    {
        var document = RoleViews.Document(realm, role);
        document.Name = given.Name ?? role.Name;
        document.Description = given.Description;
        document.Attributes = given.Attributes ?? document.Attributes;
        return document;
    }

    internal static AdminAnswer Exists(string name) => AdminAnswer.Message(409, $"Role with name {name} already exists");

    private static ValueTask<AdminAnswer> DeleteAsync(AdminContext context, RoleContainer container, Role role) =>
        DeleteAsync(context, role, container.EventType, $"{container.Path}/{role.Name}", AdminEvents.Text(new() { Id = role.Id, Name = role.Name, Composite = false }, AdminJson.Default.RoleRepresentation));

    /// <param name="named">What the log says of the role beside its path.</param>
    internal static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, Role role, string eventType, string path, string? named)
    {
        if (role.Id == context.Realm.Settings.DefaultRole?.Id)
        {
            return AdminAnswer.Message(400, $"{role.Name} is default role of the realm and cannot be removed.");
        }

        if (!context.MayAbolish(role))
        {
            return AdminAnswer.Forbidden;
        }

        await context.ApplyAsync(new DeleteRole(role.Id));
        await context.RecordAsync("DELETE", eventType, path, named);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> UsersAsync(AdminContext context, RoleContainer container, Role role)
    {
        // Who sees people does not see by that what roles there are.
        if (!container.MaySee(context))
        {
            return AdminAnswer.Forbidden;
        }

        var users = await context.Users.InRoleAsync(context.Realm.Id, role.Id, context.First, context.Max(otherwise: 100), context.Aborted);
        return AdminAnswer.Json(await context.ShowMembersAsync(users), AdminJson.Default.ListUserRepresentation);
    }

    private static ValueTask<AdminAnswer> GroupsAsync(AdminContext context, RoleContainer container, Role role)
    {
        var groups = context.Realm.Groups.All.Where(g => g.RoleIds.Contains(role.Id) && context.Rights.Shows(g)).OrderBy(g => g.Name, StringComparer.Ordinal);
        var brief = context.Brief(otherwise: true);
        return new(AdminAnswer.Json([.. context.Page(groups, otherwise: 100).Select(g => context.ShowGroup(g, brief, access: false, count: false))], AdminJson.Default.ListGroupRepresentation));
    }
}
