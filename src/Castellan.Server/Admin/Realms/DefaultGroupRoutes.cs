using Castellan.Core.Groups;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin.Groups;

namespace Castellan.Server.Admin.Realms;

/// <summary>The groups that new users join. The realm knows them by their paths.</summary>
internal static class DefaultGroupRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("default-groups", Permission.ViewRealm, List),
        AdminRoute.Put("default-groups/{group}", Permission.ManageRealm, c => ChangeAsync(c, "CREATE", (paths, path) =>
        {
            if (!paths.Contains(path))
            {
                paths.Add(path);
            }
        }), noCache: true),
        AdminRoute.Delete("default-groups/{group}", Permission.ManageRealm, c => ChangeAsync(c, "DELETE", (paths, path) => paths.Remove(path)), noCache: true),
    ];

    private static ValueTask<AdminAnswer> List(AdminContext context)
    {
        var groups = (context.Realm.Settings.DefaultGroups ?? []).Select(p => GroupRoutes.FindByPath(context.Realm.Groups, p)).OfType<Group>();
        return new(AdminAnswer.Json([.. groups.Select(g => context.ShowGroup(g, brief: true, access: false, count: false))], AdminJson.Default.ListGroupRepresentation));
    }

    private static async ValueTask<AdminAnswer> ChangeAsync(AdminContext context, string operation, Action<List<string>, string> change)
    {
        if (context.Realm.Groups.Find(context.Route("group")) is not { } group)
        {
            return AdminAnswer.NotFound("Group not found");
        }

        var settings = context.Realm.Settings.Copy(AdminJson.Default.RealmRepresentation);
        change(settings.DefaultGroups ??= [], context.Realm.Groups.Path(group));
        await context.ApplyAsync(new PutRealm(settings));
        await context.RecordAsync(operation, "GROUP", $"default-groups/{group.Id}");
        return AdminAnswer.NoContent;
    }
}
