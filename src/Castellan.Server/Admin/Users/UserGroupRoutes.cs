using Castellan.Core.Groups;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;
using Castellan.Core.Users;
using Castellan.Server.Admin.Groups;
using Castellan.Server.Admin.Roles;

namespace Castellan.Server.Admin.Users;

/// <summary>The groups that a user is in.</summary>
internal static class UserGroupRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("users/{user}/groups", Permission.ViewUsers, UserRoutes.One(List)),
        AdminRoute.Get("users/{user}/groups/count", Permission.ViewUsers, UserRoutes.One(Count)),
        AdminRoute.Put("users/{user}/groups/{group}", Permission.ManageUsers, UserRoutes.One(JoinAsync), noCache: true),
        AdminRoute.Delete("users/{user}/groups/{group}", Permission.ManageUsers, UserRoutes.One(LeaveAsync), noCache: true),
    ];

    /// <summary>Whether the caller may put somebody into a group: not when that would give an administration role that is not the caller's to give.</summary>
    /// <param name="byDefault">Whether everybody who is new is in it.</param>
    public static bool MayJoin(AdminContext context, Group group, bool byDefault = false) => (byDefault || context.Rights.On(group, "manage-membership")) &&
        context.Realm.Groups.Lineage(group).SelectMany(g => g.RoleIds).Select(context.Realm.Roles.Find).OfType<Role>().All(context.MayGrant);

    private static ValueTask<AdminAnswer> List(AdminContext context, User user)
    {
        var brief = context.Brief(otherwise: true);
        var groups = context.Page(Matching(context, user)).Select(g => context.ShowGroup(g, brief, access: false, count: false));
        return new(AdminAnswer.Json([.. groups], AdminJson.Default.ListGroupRepresentation));
    }

    private static ValueTask<AdminAnswer> Count(AdminContext context, User user) =>
        new(AdminAnswer.Json(new CountRepresentation { Count = Matching(context, user).Count() }, AdminApiJson.Default.CountRepresentation));

    private static IEnumerable<Group> Matching(AdminContext context, User user)
    {
        var search = context.Query("search")?.Trim() ?? "";
        return user.GroupIds.Select(context.Realm.Groups.Find).OfType<Group>()
            .Where(g => g.Name.Contains(search, StringComparison.OrdinalIgnoreCase) && context.Rights.Shows(g)).OrderBy(g => g.Name, StringComparer.Ordinal);
    }

    private static async ValueTask<AdminAnswer> JoinAsync(AdminContext context, User user)
    {
        if (context.Realm.Groups.Find(context.Route("group")) is not { } group)
        {
            return await UnknownAsync(context);
        }

        if (!MayJoin(context, group))
        {
            return AdminAnswer.Forbidden;
        }

        if (!user.GroupIds.Contains(group.Id))
        {
            await context.ApplyAsync(new JoinGroup(user.Id, group.Id));
            await RecordAsync(context, "CREATE", user, group);
        }

        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> LeaveAsync(AdminContext context, User user)
    {
        if (context.Realm.Groups.Find(context.Route("group")) is not { } group)
        {
            return await UnknownAsync(context);
        }

        if (!context.Rights.On(group, "manage-membership"))
        {
            return AdminAnswer.Forbidden;
        }

        if (user.GroupIds.Contains(group.Id))
        {
            await context.ApplyAsync(new LeaveGroup(user.Id, group.Id));
            await RecordAsync(context, "DELETE", user, group);
        }

        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> UnknownAsync(AdminContext context) => await context.IsOfOrganizationAsync(context.Route("group"))
        ? AdminAnswer.Message(400, "Cannot access organization related group via non Organization API.")
        : AdminAnswer.NotFound("Group not found");

    private static ValueTask RecordAsync(AdminContext context, string operation, User user, Group group)
    {
        var details = new Dictionary<string, string>(StringComparer.Ordinal) { ["username"] = user.Username };
        if (user.Email is { } email)
        {
            details["email"] = email;
        }

        var shown = AdminEvents.Text(context.ShowGroup(group, brief: false, access: false, count: false), AdminJson.Default.GroupRepresentation);
        return context.RecordAsync(operation, "GROUP_MEMBERSHIP", $"users/{user.Id}/groups/{group.Id}", shown, details);
    }
}
