using Castellan.Core.Events;

namespace Castellan.Server.Admin.UiExt;

/// <summary>What the administration console asks for beside the documented API. Unstable in Keycloak too: its console is the only caller.</summary>
internal static class UiExtRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("ui-ext/info", Permission.AnyAdmin, Info, noCache: false),
        AdminRoute.Get("ui-ext/realms/names", Permission.SignedIn, RealmNamesAsync),
        AdminRoute.Get("ui-ext/available-event-listeners", Permission.ViewEvents, Listeners, noCache: false),
        .. FlowUse.All,
        .. RoleChoice.All,
        .. SessionList.All,
    ];

    private static ValueTask<AdminAnswer> Info(AdminContext context) =>
        new(AdminAnswer.Json(new UiInfo(UserProfileProvidersEnabled: false), UiExtJson.Default.UiInfo));

    /// <summary>The realms that the caller may administer, by name.</summary>
    private static async ValueTask<AdminAnswer> RealmNamesAsync(AdminContext context)
    {
        var search = context.Query("search") ?? "";
        var names = (await context.Realms.ListAsync(context.Aborted))
            .Where(r => r.Name.Contains(search, StringComparison.OrdinalIgnoreCase) && context.Caller.RolesIn(r).IsAdmin);
        return AdminAnswer.Json([.. context.Page(names).Select(r => new RealmName(r.Name))], UiExtJson.Default.ListRealmName);
    }

    private static ValueTask<AdminAnswer> Listeners(AdminContext context)
    {
        var ids = context.Service<EventLog>().ListenerIds.Order(StringComparer.Ordinal);
        return new(AdminAnswer.Json([.. ids.Select(id => new Listed(id))], UiExtJson.Default.ListListed));
    }
}
