using System.Globalization;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Sessions;

namespace Castellan.Server.Admin.Realms;

/// <summary>A client with the number of its sessions. The numbers are texts, as they always were.</summary>
internal sealed class ClientSessionStat
{
    public string? Id { get; set; }

    public string? ClientId { get; set; }

    public string? Active { get; set; }

    public string? Offline { get; set; }
}

/// <summary>To which clients a request went out, and with what success.</summary>
internal sealed class GlobalRequestResult
{
    public List<string>? SuccessRequests { get; set; }

    public List<string>? FailedRequests { get; set; }
}

/// <summary>Sessions of the whole realm.</summary>
internal static class RealmSessionRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("client-session-stats", Permission.ViewRealm, StatsAsync),
        AdminRoute.Post("logout-all", Permission.ManageUsers, LogoutAllAsync),
        AdminRoute.Post("push-revocation", Permission.ManageRealm, PushRevocationAsync),
        AdminRoute.Delete("sessions/{session}", Permission.ManageUsers, DeleteAsync),
    ];

    private static async ValueTask<AdminAnswer> StatsAsync(AdminContext context)
    {
        var sessions = context.Service<ISessions>();
        var online = await sessions.CountByClientAsync(context.Realm.Id, offline: false, ct: context.Aborted);
        var offline = await sessions.CountByClientAsync(context.Realm.Id, offline: true, ct: context.Aborted);
        var stats = new List<ClientSessionStat>();
        foreach (var id in online.Keys.Union(offline.Keys, StringComparer.Ordinal))
        {
            if (await context.Clients.FindByIdAsync(context.Realm, id, context.Aborted) is { } client)
            {
                stats.Add(new() { Id = id, ClientId = client.ClientId, Active = Number(online, id), Offline = Number(offline, id) });
            }
        }

        return AdminAnswer.Json([.. stats.OrderBy(s => s.ClientId, StringComparer.Ordinal)], AdminApiJson.Default.ListClientSessionStat);

        static string Number(Dictionary<string, int> counts, string id) => counts.GetValueOrDefault(id).ToString(CultureInfo.InvariantCulture);
    }

    private static async ValueTask<AdminAnswer> LogoutAllAsync(AdminContext context)
    {
        await context.Service<ISessions>().DeleteByRealmAsync(context.Realm.Id, offline: false, context.Aborted);

        // What was issued before now counts no more, even where no session stands behind it.
        var settings = context.Realm.Settings.Copy(AdminJson.Default.RealmRepresentation);
        settings.NotBefore = (int)(context.Now / 1000);
        await context.ApplyAsync(new PutRealm(settings));
        await context.RecordAsync("ACTION", "REALM", "logout-all", "{}");
        return AdminAnswer.Json(new(), AdminApiJson.Default.GlobalRequestResult);
    }

    private static async ValueTask<AdminAnswer> PushRevocationAsync(AdminContext context)
    {
        await context.RecordAsync("ACTION", "REALM", "push-revocation", "{}");
        return AdminAnswer.Json(new(), AdminApiJson.Default.GlobalRequestResult);
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context)
    {
        var id = context.Route("session");
        if (!await context.Service<ISessions>().DeleteAsync(context.Realm.Id, id, context.Flag("isOffline"), context.Aborted))
        {
            return AdminAnswer.NotFound("Sesssion not found");
        }

        await context.RecordAsync("DELETE", "USER_SESSION", $"sessions/{id}");
        return AdminAnswer.NoContent;
    }
}
