using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Server.Admin;
using Castellan.Server.Admin.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Account;

/// <summary>Where a person is signed in, as sessions and grouped by device; and signing out there.</summary>
internal static class SessionRoutes
{
    public static IReadOnlyList<AccountRoute> All { get; } =
    [
        AccountRoute.View("/sessions", ListAsync),
        AccountRoute.View("/sessions/devices", DevicesAsync),
        AccountRoute.Manage("DELETE", "/sessions", EndAllAsync),
        AccountRoute.Manage("DELETE", "/sessions/{id}", EndAsync),
    ];

    private static async ValueTask<AdminAnswer> ListAsync(AccountContext context)
    {
        var shown = new List<AccountSession>();
        foreach (var session in await SessionsAsync(context))
        {
            shown.Add(await ShowAsync(context, session));
        }

        return AdminAnswer.Json(shown, AccountJson.Default.ListAccountSession);
    }

    private static async ValueTask<AdminAnswer> DevicesAsync(AccountContext context)
    {
        var devices = new List<AccountDevice>();
        var sessions = await AllSessionsAsync(context);
        foreach (var group in sessions.GroupBy(s => (DeviceOf(s).Os, DeviceOf(s).OsVersion)))
        {
            var device = DeviceOf(group.First());
            var shown = new List<AccountSession>();
            foreach (var session in group.OrderByDescending(s => IsCurrent(context, s)).ThenByDescending(s => s.LastAccess))
            {
                shown.Add(await ShowAsync(context, session));
            }

            devices.Add(new(device.Os, device.OsVersion, device.Name, device.Mobile, shown.Max(s => s.LastAccess), shown.Exists(s => s.Current == true) ? true : null, shown));
        }

        return AdminAnswer.Json([.. devices.OrderByDescending(d => d.Current == true).ThenByDescending(d => d.LastAccess)], AccountJson.Default.ListAccountDevice);
    }

    private static async ValueTask<AdminAnswer> EndAllAsync(AccountContext context)
    {
        var own = context.Query("current") == "true";
        foreach (var session in await AllSessionsAsync(context))
        {
            if (own || !IsCurrent(context, session))
            {
                await EndAsync(context, session);
            }
        }

        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> EndAsync(AccountContext context)
    {
        // Offline access that came of a session has its id, and is given up with it. Somebody else's session is as unknown as one that never was.
        foreach (var offline in new[] { false, true })
        {
            if (await context.Sessions.FindAsync(context.Realm.Id, context.Route("id"), offline, context.Aborted) is { } session && session.UserId == context.User.Id)
            {
                await EndAsync(context, session);
            }
        }

        return AdminAnswer.NoContent;
    }

    /// <summary>Signs out of a session, tells its applications, and remembers it.</summary>
    private static async ValueTask EndAsync(AccountContext context, UserSession session)
    {
        await context.Sessions.DeleteAsync(context.Realm.Id, session.Id, session.Offline, context.Aborted);
        if (context.Http.RequestServices.GetService<IEndedSessions>() is { } ended)
        {
            await ended.TellAsync(context.Http, context.Realm, session, context.Aborted);
        }

        await context.RecordAsync(new LoginEvent { Type = EventTypes.Logout, SessionId = session.Id });
    }

    private static async ValueTask<List<UserSession>> SessionsAsync(AccountContext context, bool offline = false)
    {
        var now = context.Now;
        var all = await context.Sessions.ListByUserAsync(context.Realm.Id, context.User.Id, offline, context.Aborted);
        return all.FindAll(s => SessionLifetimes.IsAlive(context.Realm, s, now));
    }

    /// <summary>Offline access is a sign-in too for the person whose device has it.</summary>
    private static async ValueTask<List<UserSession>> AllSessionsAsync(AccountContext context) =>
        [.. await SessionsAsync(context), .. await SessionsAsync(context, offline: true)];

    private static bool IsCurrent(AccountContext context, UserSession session) =>
        context.Caller.Session is { } own && (own.Id, own.Offline) == (session.Id, session.Offline);

    /// <summary>When a session ends; one without an end, when it would go unused.</summary>
    private static long End(Realm realm, UserSession session) => SessionLifetimes.End(realm, session) is var end and not long.MaxValue ? end : session.Started + SessionLifetimes.Idle(realm, session);

    private static async ValueTask<AccountSession> ShowAsync(AccountContext context, UserSession session)
    {
        var clients = new List<AccountClient>();
        foreach (var part in session.Clients)
        {
            if (await context.Clients.FindByIdAsync(context.Realm, part.ClientId, context.Aborted) is { } client)
            {
                clients.Add(ApplicationRoutes.Brief(client));
            }
        }

        return new(
            session.Id, session.IpAddress, session.Started / 1000, session.LastAccess / 1000, End(context.Realm, session) / 1000, clients,
            DeviceOf(session).Browser, IsCurrent(context, session) ? true : null);
    }

    private static Device DeviceOf(UserSession session) => Device.Parse(session.Notes.GetValueOrDefault(Device.Note));
}
