using System.Text.Json;
using Castellan.Core.Events;
using Castellan.Core.Representations;
using Castellan.Core.Users.Profile;

namespace Castellan.Server.Admin.UiExt;

/// <summary>What the administration console asks for beside the documented API. Unstable in Keycloak too: its console is the only caller.</summary>
internal static class UiExtRoutes
{
    private const int MostNamed = 100;

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Put("ui-ext", Permission.ManageRealm, SaveRealmAsync),
        AdminRoute.Get("ui-ext/info", Permission.AnyAdmin, Info, noCache: false),
        AdminRoute.Get("ui-ext/realms/names", Permission.SignedIn, RealmNamesAsync),
        AdminRoute.Get("ui-ext/available-event-listeners", Permission.ViewEvents, Listeners, noCache: false),
        .. FlowUse.All,
        .. RoleChoice.All,
        .. SessionList.All,
    ];

    /// <summary>The settings pages save here: a realm, with which the user profile may come as <c>upConfig</c>.</summary>
    private static async ValueTask<AdminAnswer> SaveRealmAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(UiExtJson.Default.JsonObject)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        given.Remove("upConfig", out var profile);
        RealmRepresentation realm;
        UPConfig? config;
        try
        {
            realm = given.Deserialize(AdminJson.Default.RealmRepresentation)!;
            config = profile?.Deserialize(ProfileJson.Default.UPConfig);
        }
        catch (JsonException)
        {
            return AdminAnswer.CannotParse;
        }

        var saved = await Realms.RealmRoutes.UpdateAsync(context, realm);
        if (saved.Refused || config is null)
        {
            return saved;
        }

        var put = await Users.ProfileRoutes.PutAsync(context, config);
        return put.Refused ? put : saved;
    }

    private static ValueTask<AdminAnswer> Info(AdminContext context) =>
        new(AdminAnswer.Json(new UiInfo(UserProfileProvidersEnabled: false), UiExtJson.Default.UiInfo));

    /// <summary>The realms that the caller may administer, by name; a page of them with what they call themselves.</summary>
    private static async ValueTask<AdminAnswer> RealmNamesAsync(AdminContext context)
    {
        var search = context.Query("search") ?? "";
        var names = (await context.Realms.ListAsync(context.Aborted))
            .Where(r => r.Name.Contains(search, StringComparison.OrdinalIgnoreCase) && context.Caller.RolesIn(r).IsAdmin);
        var shown = new List<RealmName>();
        foreach (var realm in context.Page(names))
        {
            // Each realm that is looked at is loaded: as many as a page shows, and not all that there are.
            var known = shown.Count < MostNamed ? await context.Realms.FindByIdAsync(realm.Id, context.Aborted) : null;
            shown.Add(new(realm.Name, known?.Settings.DisplayName));
        }

        return AdminAnswer.Json(shown, UiExtJson.Default.ListRealmName);
    }

    private static ValueTask<AdminAnswer> Listeners(AdminContext context)
    {
        var ids = context.Service<EventLog>().ListenerIds.Order(StringComparer.Ordinal);
        return new(AdminAnswer.Json([.. ids.Select(id => new Listed(id))], UiExtJson.Default.ListListed));
    }
}
