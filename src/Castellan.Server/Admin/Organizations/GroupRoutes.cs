using Castellan.Core;
using Castellan.Core.Authorization.Administration;
using Castellan.Core.Groups;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin.Roles;

namespace Castellan.Server.Admin.Organizations;

/// <summary>The groups of an organization: their tree, their members and their roles. The routes of the realm's groups do not reach them.</summary>
internal static class GroupRoutes
{
    private const int UsualPage = 10;

    private static readonly AdminAnswer s_nameless = AdminAnswer.Message(400, "Group name is missing");
    private static readonly AdminAnswer s_taken = AdminAnswer.Message(409, "Group with the given name already exists.");
    private static readonly AdminAnswer s_unknown = AdminAnswer.Message(404, "Group does not exist");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("organizations/{id}/groups", OrganizationRoutes.View, Of(List)),
        AdminRoute.Post("organizations/{id}/groups", OrganizationRoutes.Manage, Of(CreateAsync)),
        AdminRoute.Get("organizations/{id}/groups/group-by-path/{**path}", OrganizationRoutes.View, Of(ByPath)),
        AdminRoute.Get("organizations/{id}/groups/{group}", OrganizationRoutes.View, One(Show)),
        AdminRoute.Put("organizations/{id}/groups/{group}", OrganizationRoutes.Manage, One(UpdateAsync)),
        AdminRoute.Delete("organizations/{id}/groups/{group}", OrganizationRoutes.Manage, One(DeleteAsync)),
        AdminRoute.Get("organizations/{id}/groups/{group}/children", OrganizationRoutes.View, One(Children)),
        AdminRoute.Post("organizations/{id}/groups/{group}/children", OrganizationRoutes.Manage, One(CreateChildAsync), noCache: true),
        AdminRoute.Get("organizations/{id}/groups/{group}/members", OrganizationRoutes.View, OneOfUsers(Permission.QueryUsers, MembersAsync)),
        AdminRoute.Put("organizations/{id}/groups/{group}/members/{user}", OrganizationRoutes.Manage, OneOfUsers(Permission.ManageUsers, JoinAsync), noCache: true),
        AdminRoute.Delete("organizations/{id}/groups/{group}/members/{user}", OrganizationRoutes.Manage, OneOfUsers(Permission.ManageUsers, LeaveAsync), noCache: true),
        .. MappingRoutes.Under("organizations/{id}/groups/{group}/role-mappings", OrganizationRoutes.View, OrganizationRoutes.Manage, OwnerAsync),
    ];

    private delegate ValueTask<AdminAnswer> Handler(AdminContext context, OrganizationGroups groups, Group group);

    private static AdminHandler Of(Func<AdminContext, OrganizationGroups, ValueTask<AdminAnswer>> then) => OrganizationRoutes.With(
        async (context, organization) => await then(context, await OrganizationGroups.LoadAsync(context, organization)));

    private static AdminHandler One(Handler then) => OrganizationRoutes.With((context, organization) => OneAsync(context, organization, then));

    private static AdminHandler OneOfUsers(Permission users, Handler then) => MemberRoutes.Users(users, (context, organization) => OneAsync(context, organization, then));

    private static async ValueTask<AdminAnswer> OneAsync(AdminContext context, OrganizationRepresentation organization, Handler then)
    {
        var groups = await OrganizationGroups.LoadAsync(context, organization);
        return groups.Tree.Find(context.Route("group")) is { } group ? await then(context, groups, group) : await UnknownAsync(context);
    }

    private static async ValueTask<AdminAnswer> UnknownAsync(AdminContext context)
    {
        var id = context.Route("group");
        return context.Realm.Groups.Find(id) is not null || await context.Service<IOrganizationStore>().OwnerOfGroupAsync(context.Realm.Id, id, context.Aborted) is not null
            ? AdminAnswer.Message(400, "Group does not belong to the organization")
            : s_unknown;
    }

    private static async ValueTask<Read<MappingOwner>> OwnerAsync(AdminContext context)
    {
        MappingOwner? owner = null;
        AdminHandler find = One((_, groups, group) =>
        {
            owner = new(RoleOwner.OrganizationGroup, group.Id, group.RoleIds, [.. groups.Tree.Lineage(group).SelectMany(g => g.RoleIds)]);
            return new(AdminAnswer.NoContent);
        });
        var answer = await find(context);
        return owner is null ? answer : owner;
    }

    private static ValueTask<AdminAnswer> List(AdminContext context, OrganizationGroups groups)
    {
        var (brief, count) = (context.Brief(otherwise: true), context.Flag("subGroupsCount"));
        return new(AdminAnswer.Json([.. context.Page(groups.Matching(context), UsualPage).Select(g => groups.Show(g, brief, count))], AdminJson.Default.ListGroupRepresentation));
    }

    private static ValueTask<AdminAnswer> Children(AdminContext context, OrganizationGroups groups, Group group)
    {
        var (brief, count) = (context.Brief(otherwise: true), context.Flag("subGroupsCount"));
        return new(AdminAnswer.Json([.. context.Page(groups.Children(context, group), UsualPage).Select(g => groups.Show(g, brief, count))], AdminJson.Default.ListGroupRepresentation));
    }

    private static ValueTask<AdminAnswer> ByPath(AdminContext context, OrganizationGroups groups) => new(groups.FindByPath(context.Route("path")) is { } group
        ? AdminAnswer.Json(groups.Show(group, brief: true, context.Flag("subGroupsCount")), AdminJson.Default.GroupRepresentation)
        : AdminAnswer.NotFound("Group path does not exist"));

    private static ValueTask<AdminAnswer> Show(AdminContext context, OrganizationGroups groups, Group group) =>
        new(AdminAnswer.Json(groups.Show(group, brief: false, context.Flag("subGroupsCount")), AdminJson.Default.GroupRepresentation));

    private static ValueTask<AdminAnswer> CreateAsync(AdminContext context, OrganizationGroups groups) => PutBelowAsync(context, groups, parent: null);

    private static ValueTask<AdminAnswer> CreateChildAsync(AdminContext context, OrganizationGroups groups, Group parent) => PutBelowAsync(context, groups, parent);

    /// <summary>Makes a group, or moves the one whose id is given.</summary>
    private static async ValueTask<AdminAnswer> PutBelowAsync(AdminContext context, OrganizationGroups groups, Group? parent)
    {
        if (!(await context.ReadAsync(AdminJson.Default.GroupRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (string.IsNullOrWhiteSpace(given.Name))
        {
            return s_nameless;
        }

        var existing = given.Id is { } id ? groups.Tree.Find(id) : null;
        if (given.Id is not null && existing is null)
        {
            return s_unknown;
        }

        var below = parent?.Id ?? groups.Root;
        if (groups.IsTaken(below, given.Name, existing?.Id))
        {
            return s_taken;
        }

        if (existing is not null && parent is not null && groups.Tree.Lineage(parent).Any(g => g.Id == existing.Id))
        {
            return AdminAnswer.Message(400, "A group cannot be moved below itself");
        }

        var group = Document(existing?.Id ?? Ids.New(), below, given, existing);
        await context.ApplyAsync(new PutOrganizationGroup(groups.Root, group));
        await RecordAsync(context, existing is null ? "CREATE" : "UPDATE", groups, group);
        if (existing is not null)
        {
            return AdminAnswer.NoContent;
        }

        // The path of the new group is read off the tree that has it.
        var now = groups.With(new GroupTree(groups.Tree.All.Append(new Group(group, []))));
        return AdminAnswer.Json(now.Show(now.Tree.Find(group.Id!)!, brief: parent is null), AdminJson.Default.GroupRepresentation, 201, context.AddressBelow(group.Id!), "application/json");
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, OrganizationGroups groups, Group group)
    {
        if (!(await context.ReadAsync(AdminJson.Default.GroupRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (string.IsNullOrWhiteSpace(given.Name))
        {
            return s_nameless;
        }

        var stored = Document(group.Id, group.ParentId!, given, group);
        await context.ApplyAsync(new PutOrganizationGroup(groups.Root, stored));
        await RecordAsync(context, "UPDATE", groups, stored);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, OrganizationGroups groups, Group group)
    {
        await context.ApplyAsync(new DeleteOrganizationGroup(group.Id));
        await context.RecordAsync("DELETE", "ORGANIZATION_GROUP", $"organizations/{groups.Root}/groups/{group.Id}");
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> MembersAsync(AdminContext context, OrganizationGroups groups, Group group)
    {
        if (!context.Rights.ListsAny(AdminObjects.Users))
        {
            return AdminAnswer.Json([], OrganizationJson.Default.ListMemberRepresentation);
        }

        var members = await context.Service<IOrganizationStore>()
            .GroupMembersAsync(context.Realm.Id, group.Id, context.First, context.Max(UsualPage), context.Rights.ShownUsers, context.Aborted);
        var shown = new List<MemberRepresentation>();
        foreach (var member in members)
        {
            shown.Add(await MemberRoutes.ShowAsync(context, groups.Organization, member, context.Brief(otherwise: false)));
        }

        return AdminAnswer.Json(shown, OrganizationJson.Default.ListMemberRepresentation);
    }

    private static async ValueTask<AdminAnswer> JoinAsync(AdminContext context, OrganizationGroups groups, Group group)
    {
        var store = context.Service<IOrganizationStore>();
        var id = context.Route("user");
        if (await context.Users.FindAsync(context.Realm.Id, id, context.Aborted) is null)
        {
            return AdminAnswer.Message(404, "User does not exist");
        }

        if (await store.FindMemberAsync(context.Realm.Id, groups.Root, id, context.Aborted) is null)
        {
            return AdminAnswer.Message(400, "User is not member of the organization");
        }

        if ((await store.GroupsOfMemberAsync(context.Realm.Id, groups.Root, id, context.Aborted)).Contains(group.Id))
        {
            return AdminAnswer.Message(409, "User is already a member of the group");
        }

        await context.ApplyAsync(new JoinOrganizationGroup(group.Id, id));
        await context.RecordAsync("CREATE", "ORGANIZATION_GROUP_MEMBERSHIP", $"organizations/{groups.Root}/groups/{group.Id}/members/{id}");
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> LeaveAsync(AdminContext context, OrganizationGroups groups, Group group)
    {
        var id = context.Route("user");
        if (await context.Users.FindAsync(context.Realm.Id, id, context.Aborted) is null)
        {
            return AdminAnswer.Message(404, "User does not exist");
        }

        await context.ApplyAsync(new LeaveOrganizationGroup(group.Id, id));
        await context.RecordAsync("DELETE", "ORGANIZATION_GROUP_MEMBERSHIP", $"organizations/{groups.Root}/groups/{group.Id}/members/{id}");
        return AdminAnswer.NoContent;
    }

    /// <summary>The group as it is stored: attributes that are not given stay.</summary>
    private static GroupRepresentation Document(string id, string parentId, GroupRepresentation given, Group? existing) => new()
    {
        Id = id, Name = given.Name, ParentId = parentId, Description = given.Description ?? existing?.Representation.Description,
        Attributes = given.Attributes ?? existing?.Representation.Attributes,
    };

    private static ValueTask RecordAsync(AdminContext context, string operation, OrganizationGroups groups, GroupRepresentation group) =>
        context.RecordAsync(operation, "ORGANIZATION_GROUP", $"organizations/{groups.Root}/groups/{group.Id}", group, AdminJson.Default.GroupRepresentation);
}
