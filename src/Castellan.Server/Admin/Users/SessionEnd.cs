using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Admin.Users;

/// <summary>Tells the clients of a session that an administrator ended that it is over (OpenID Connect Back-Channel Logout).</summary>
public interface IEndedSessions
{
    ValueTask TellAsync(HttpContext http, Realm realm, UserSession ended, CancellationToken ct);
}

internal static class SessionEnd
{
    public static ValueTask TellAsync(AdminContext context, UserSession session) =>
        context.Http.RequestServices.GetService<IEndedSessions>() is { } ended ? ended.TellAsync(context.Http, context.Realm, session, context.Aborted) : default;
}
