using Castellan.Core;
using Castellan.Core.Authorization.Administration;
using Castellan.Core.Groups;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin.Roles;
using Castellan.Server.Admin.Users;

namespace Castellan.Server.Admin.Groups;

/// <summary>Groups: their tree, their members and their roles.</summary>
internal static class GroupRoutes
{
    private static readonly AdminAnswer s_unknown = AdminAnswer.NotFound("Could not find group by id");
    private static readonly AdminAnswer s_nameless = AdminAnswer.Message(400, "Group name is missing");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("groups", Permission.QueryGroups, List),
        AdminRoute.Post("groups", Permission.ManageUsers, CreateAsync),
        AdminRoute.Get("groups/count", Permission.QueryGroups, Count),
        AdminRoute.Get("groups/{group}", Permission.ViewUsers, One((c, g) => new(AdminAnswer.Json(c.ShowGroup(g, brief: false), AdminJson.Default.GroupRepresentation)))),
        AdminRoute.Put("groups/{group}", Permission.ManageUsers, One(UpdateAsync)),
        AdminRoute.Delete("groups/{group}", Permission.ManageUsers, One(DeleteAsync)),
        AdminRoute.Get("groups/{group}/children", Permission.ViewUsers, One(Children)),
        AdminRoute.Post("groups/{group}/children", Permission.ManageUsers, One(CreateChildAsync), noCache: true),
        AdminRoute.Get("groups/{group}/members", Permission.ViewUsers, One(MembersAsync)),
        AdminRoute.Get("groups/{group}/management/permissions", Permission.ViewUsers, One((_, _) => new(AdminAnswer.NotEnabled))),
        AdminRoute.Put("groups/{group}/management/permissions", Permission.ManageUsers, One((_, _) => new(AdminAnswer.NotEnabled))),
        AdminRoute.Get("group-by-path/{**path}", Permission.ViewUsers, ByPath),
        .. MappingRoutes.Under("groups/{group}/role-mappings", Permission.ViewUsers, Permission.ManageUsers, async context =>
            (await FindAsync(context)).Ok(out var group, out var refusal) ? MappingOwner.Of(context.Realm, group) : refusal),
    ];

    private static AdminHandler One(Func<AdminContext, Group, ValueTask<AdminAnswer>> then) => async context =>
        (await FindAsync(context)).Ok(out var group, out var refusal) ? await then(context, group) : refusal;

    private static async ValueTask<Read<Group>> FindAsync(AdminContext context) =>
        context.Realm.Groups.Find(context.Route("group")) is { } group ? group
        : await context.IsOfOrganizationAsync(context.Route("group")) ? AdminAnswer.Message(400, "Cannot manage organization related group via non Organization API.")
        : s_unknown;

    private static ValueTask<AdminAnswer> List(AdminContext context) =>
        new(AdminAnswer.Json(context.Rights.ListsAny(AdminObjects.Groups) ? GroupSearch.Find(context) : [], AdminJson.Default.ListGroupRepresentation));

    private static ValueTask<AdminAnswer> Count(AdminContext context)
    {
        var groups = context.Realm.Groups;
        var counted = context.Query("search") is { } search ? groups.All.Where(g => g.Name.Contains(search, StringComparison.OrdinalIgnoreCase))
            : context.Flag("top") ? groups.Children(null) : groups.All;
        var count = counted.Count(context.Rights.Shows);
        return new(AdminAnswer.Json(new CountRepresentation { Count = count }, AdminApiJson.Default.CountRepresentation));
    }

    private static ValueTask<AdminAnswer> ByPath(AdminContext context)
    {
        var group = FindByPath(context.Realm.Groups, context.Route("path"));
        return new(group is null
            ? AdminAnswer.NotFound("Group path does not exist")
            : AdminAnswer.Json(context.ShowGroup(group, brief: false, access: false), AdminJson.Default.GroupRepresentation));
    }

    /// <summary>A name may hold slashes itself, so each prefix of the path may be one.</summary>
    internal static Group? FindByPath(GroupTree groups, string path, string? root = null)
    {
        path = path.Trim('/');
        return path.Length == 0 ? null : Below(root, path);

        Group? Below(string? parent, string rest) => groups.Children(parent)
            .Where(g => rest == g.Name || rest.StartsWith(g.Name + "/", StringComparison.Ordinal))
            .Select(g => rest.Length == g.Name.Length ? g : Below(g.Id, rest[(g.Name.Length + 1)..]))
            .FirstOrDefault(g => g is not null);
    }

    private static async ValueTask<AdminAnswer> CreateAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminJson.Default.GroupRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (string.IsNullOrWhiteSpace(given.Name))
        {
            return s_nameless;
        }

        var existing = given.Id is { } id ? context.Realm.Groups.Find(id) : null;
        if (given.Id is not null && existing is null)
        {
            return AdminAnswer.NotFound("Could not find child by id");
        }

        if (existing is not null && !context.Rights.On(existing, "manage"))
        {
            return AdminAnswer.Forbidden;
        }

        if (existing is not { ParentId: null } && IsTaken(context, null, existing?.Name ?? given.Name, existing?.Id))
        {
            return AdminAnswer.Message(409, $"Top level group named '{given.Name}' already exists.");
        }

        var group = existing is null ? Document(Ids.New(), null, given, null) : Moved(existing, null);
        await context.ApplyAsync(new PutGroup(group));
        await RecordAsync(context, existing is null ? "CREATE" : "UPDATE", existing is null ? $"groups/{group.Id}" : "groups", given, group.Id!);
        return existing is null ? AdminAnswer.Created(context.Address($"groups/{group.Id}")) : AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> CreateChildAsync(AdminContext context, Group parent)
    {
        if (!(await context.ReadAsync(AdminJson.Default.GroupRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (string.IsNullOrWhiteSpace(given.Name))
        {
            return s_nameless;
        }

        var existing = given.Id is { } id ? context.Realm.Groups.Find(id) : null;
        if (given.Id is not null && existing is null)
        {
            return AdminAnswer.NotFound("Could not find child by id");
        }

        if (existing is not null && !context.Rights.On(existing, "manage"))
        {
            return AdminAnswer.Forbidden;
        }

        if (IsTaken(context, parent.Id, existing?.Name ?? given.Name, existing?.Id))
        {
            return AdminAnswer.Message(409, $"Sibling group named '{given.Name}' already exists.");
        }

        // To be put below itself changes nothing; below one that is below itself it would be lost.
        var stays = existing?.Id == parent.Id;
        if (existing is not null && !stays && context.Realm.Groups.Lineage(parent).Any(g => g.Id == existing.Id))
        {
            return AdminAnswer.Message(400, "A group cannot be moved below itself");
        }

        var group = existing is null ? Document(Ids.New(), parent.Id, given, null) : Moved(existing, stays ? existing.ParentId : parent.Id);
        await context.ApplyAsync(new PutGroup(group));
        await RecordAsync(context, existing is null ? "CREATE" : "UPDATE", $"groups/{parent.Id}/children", given, group.Id!);
        if (existing is not null)
        {
            return AdminAnswer.NoContent;
        }

        var made = context.ShowGroup(new Group(group, []), brief: false, count: false);
        return AdminAnswer.Json(made, AdminJson.Default.GroupRepresentation, 201, context.Address($"groups/{group.Id}"), "application/json");
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, Group group)
    {
        if (!(await context.ReadAsync(AdminJson.Default.GroupRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (string.IsNullOrWhiteSpace(given.Name))
        {
            return s_nameless;
        }

        if (given.Id is not null && given.Id != group.Id)
        {
            return AdminAnswer.Message(400, "Invalid group id");
        }

        if (IsTaken(context, group.ParentId, given.Name, group.Id))
        {
            return AdminAnswer.Message(409, $"Sibling group named '{given.Name}' already exists.");
        }

        await context.ApplyAsync(new PutGroup(Document(group.Id, group.ParentId, given, group)));
        await RecordAsync(context, "UPDATE", $"groups/{group.Id}", given, given.Id);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, Group group)
    {
        await context.ApplyAsync(new DeleteGroup(group.Id));
        await RecordAsync(context, "DELETE", $"groups/{group.Id}", new GroupRepresentation { Name = group.Name }, group.Id);
        return AdminAnswer.NoContent;
    }

    private static ValueTask<AdminAnswer> Children(AdminContext context, Group group)
    {
        var brief = context.Brief(otherwise: false);
        var search = context.Query("search")?.Trim();
        var exact = context.Flag("exact");
        var children = context.Realm.Groups.Children(group.Id).Where(context.Rights.Shows).Where(g =>
            string.IsNullOrEmpty(search) || (exact ? g.Name == search : g.Name.Contains(search, StringComparison.OrdinalIgnoreCase)));
        var count = context.Flag("subGroupsCount", otherwise: true);
        return new(AdminAnswer.Json([.. context.Page(children, otherwise: 10).Select(g => context.ShowGroup(g, brief, count: count))], AdminJson.Default.ListGroupRepresentation));
    }

    private static async ValueTask<AdminAnswer> MembersAsync(AdminContext context, Group group)
    {
        var (realm, first, max) = (context.Realm.Id, context.First, context.Max(otherwise: 100));
        var users = context.Rights.ShownUsers is { } only
            ? await context.Users.SearchAsync(realm, new(GroupIds: [group.Id], ServiceAccounts: true, Only: only), first, max, context.Aborted)
            : await context.Users.InGroupAsync(realm, group.Id, first, max, context.Aborted);
        return AdminAnswer.Json(await context.ShowMembersAsync(users, access: false), AdminJson.Default.ListUserRepresentation);
    }

    private static bool IsTaken(AdminContext context, string? parentId, string name, string? except) =>
        context.Realm.Groups.Children(parentId).Any(g => g.Name == name && g.Id != except);

    /// <summary>The group as it is stored: attributes that are not given stay, a description that is not given goes.</summary>
    private static GroupRepresentation Document(string id, string? parentId, GroupRepresentation given, Group? existing) => new()
    {
        Id = id,
        Name = given.Name,
        ParentId = parentId,
        Description = given.Description,
        Attributes = given.Attributes ?? existing?.Representation.Attributes,
    };

    /// <summary>Whoever names a group that there is puts it in another place, and changes nothing else of it.</summary>
    private static GroupRepresentation Moved(Group group, string? parentId) => Document(group.Id, parentId, group.Representation, group);

    private static ValueTask RecordAsync(AdminContext context, string operation, string path, GroupRepresentation given, string? id)
    {
        given.Id = id;
        given.SubGroups ??= [];
        return context.RecordAsync(operation, "GROUP", path, given, AdminJson.Default.GroupRepresentation);
    }
}
