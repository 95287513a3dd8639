using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin.Groups;

namespace Castellan.Server.Admin.Realms;

/// <summary>The groups that new users join.</summary>
internal static class DefaultGroupRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("default-groups", Permission.ViewRealm, List),
        AdminRoute.Put("default-groups/{group}", Permission.ManageRealm, c => ChangeAsync(c, "CREATE", (groups, id) =>
        {
            if (!groups.Contains(id))
            {
                groups.Add(id);
            }
        }), noCache: true),
        AdminRoute.Delete("default-groups/{group}", Permission.ManageRealm, c => ChangeAsync(c, "DELETE", (groups, id) => groups.Remove(id)), noCache: true),
    ];

    private static ValueTask<AdminAnswer> List(AdminContext context)
    {
        return new(AdminAnswer.Json([.. context.Realm.DefaultGroups.Where(context.Rights.Shows).Select(g => context.ShowGroup(g, brief: true, access: false, count: false))], AdminJson.Default.ListGroupRepresentation));
    }

    private static async ValueTask<AdminAnswer> ChangeAsync(AdminContext context, string operation, Action<List<string>, string> change)
    {
        if (context.Realm.Groups.Find(context.Route("group")) is not { } group)
        {
            return AdminAnswer.NotFound("Group not found");
        }

        if (!context.Rights.Shows(group))
        {
            return AdminAnswer.Forbidden;
        }

        var settings = context.Realm.Settings.Copy(AdminJson.Default.RealmRepresentation);
        change(settings.DefaultGroups = [.. context.Realm.DefaultGroups.Select(g => g.Id)], group.Id);
        await context.ApplyAsync(new PutRealm(settings));
        await context.RecordAsync(operation, "GROUP", $"default-groups/{group.Id}");
        return AdminAnswer.NoContent;
    }
}
