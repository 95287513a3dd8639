using System.Globalization;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Sessions;
using Castellan.Server.Admin.Clients;
using Castellan.Server.Admin.Users;

namespace Castellan.Server.Admin.Realms;

/// <summary>A client with the number of its sessions. The numbers are texts, as they always were.</summary>
internal sealed class ClientSessionStat
{
    public string? Id { get; set; }

    public string? ClientId { get; set; }

    public string? Active { get; set; }

    public string? Offline { get; set; }
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
        var result = await context.AskAllAsync(AdapterAction.Logout, settings.NotBefore.Value, client => client.Enabled);
        await context.RecordAsync("ACTION", "REALM", "logout-all", result, AdminApiJson.Default.GlobalRequestResult);
        return Adapters.Answer(result);
    }

    private static async ValueTask<AdminAnswer> PushRevocationAsync(AdminContext context)
    {
        var result = await context.AskAllAsync(AdapterAction.PushNotBefore, context.Realm.Settings.NotBefore ?? 0, _ => true);
        await context.RecordAsync("ACTION", "REALM", "push-revocation", result, AdminApiJson.Default.GlobalRequestResult);
        return Adapters.Answer(result);
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context)
    {
        var (id, offline) = (context.Route("session"), context.Flag("isOffline"));
        if (!await EndAsync(context, id, offline))
        {
            return AdminAnswer.NotFound("Sesssion not found");
        }

        if (offline)
        {
            // The sign-in that an offline session came of ends with it.
            await EndAsync(context, id, offline: false);
        }

        await context.RecordAsync("DELETE", "USER_SESSION", $"sessions/{id}", offline ? """{"offline":true}""" : """{"offline":false}""");
        return AdminAnswer.NoContent;
    }

    /// <summary>Ends a session and tells its clients. False when it is gone already.</summary>
    private static async ValueTask<bool> EndAsync(AdminContext context, string id, bool offline)
    {
        var sessions = context.Service<ISessions>();
        if (await sessions.FindAsync(context.Realm.Id, id, offline, context.Aborted) is not { } session || !await sessions.DeleteAsync(context.Realm.Id, id, offline, context.Aborted))
        {
            return false;
        }

        await SessionEnd.TellAsync(context, session);
        return true;
    }
}
