using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Admin.Users;

/// <summary>Tells the clients of a session that an administrator ended that it is over (OpenID Connect Back-Channel Logout).</summary>
public interface IEndedSessions
{
    ValueTask TellAsync(HttpContext http, Realm realm, UserSession ended, CancellationToken ct);

    /// <summary>Tells one client whose part of a session ended.</summary>
    ValueTask TellAsync(HttpContext http, Realm realm, UserSession session, ClientSession part, CancellationToken ct);
}

internal static class SessionEnd
{
    public static ValueTask TellAsync(AdminContext context, UserSession session) =>
        context.Http.RequestServices.GetService<IEndedSessions>() is { } ended ? ended.TellAsync(context.Http, context.Realm, session, context.Aborted) : default;

    /// <summary>Takes a client out of the sessions of a person who allows it nothing any more, and tells it. The sessions go on for others.</summary>
    public static async ValueTask SignOutOfAsync(HttpContext http, Realm realm, User user, Client client)
    {
        var ct = http.RequestAborted;
        var sessions = http.RequestServices.GetRequiredService<ISessions>();
        foreach (var session in await sessions.ListByUserAsync(realm.Id, user.Id, offline: false, ct))
        {
            if (session.Client(client.Id) is { } part && await sessions.DetachAsync(realm.Id, session.Id, client.Id, offline: false, ct)
                && http.RequestServices.GetService<IEndedSessions>() is { } ended)
            {
                await ended.TellAsync(http, realm, session, part, ct);
            }
        }
    }

    /// <summary>Ends the offline access of a client; true when it had some.</summary>
    public static async ValueTask<bool> EndOfflineAsync(HttpContext http, Realm realm, User user, Client client)
    {
        var ct = http.RequestAborted;
        var sessions = http.RequestServices.GetRequiredService<ISessions>();
        var ended = false;
        foreach (var session in await sessions.ListByUserAsync(realm.Id, user.Id, offline: true, ct))
        {
            if (session.Client(client.Id) is not null)
            {
                ended |= session.Clients.Count == 1
                    ? await sessions.DeleteAsync(realm.Id, session.Id, offline: true, ct)
                    : await sessions.DetachAsync(realm.Id, session.Id, client.Id, offline: true, ct);
            }
        }

        return ended;
    }
}
