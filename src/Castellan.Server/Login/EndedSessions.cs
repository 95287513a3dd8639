using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Server.Admin.Users;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Login;

/// <summary>Tells clients of sessions that an administrator, or another client, ended.</summary>
public sealed class EndedSessions(SessionEnding ending, ServerUrls urls) : IEndedSessions
{
    public ValueTask TellAsync(HttpContext http, Realm realm, UserSession ended, CancellationToken ct) => ending.TellAsync(realm, ended, urls.Issuer(http, realm), ct);

    public ValueTask TellAsync(HttpContext http, Realm realm, UserSession session, ClientSession part, CancellationToken ct) =>
        ending.TellAsync(realm, session, part, urls.Issuer(http, realm), ct);
}
