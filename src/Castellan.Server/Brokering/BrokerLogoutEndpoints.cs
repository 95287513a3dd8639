using Castellan.Core.Brokering;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Protocol.Errors;
using Castellan.Server.Http;
using Castellan.Server.Login;
using Castellan.Server.Oidc;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Brokering;

/// <summary>The end of sessions between here and a provider: the browser that comes back from its logout, and the token by which it tells of one.</summary>
internal sealed class BrokerLogoutEndpoints(LoginHttp login, BrokerTabs tabs, UpstreamLogout upstream, UpstreamLogoutTokens logoutTokens, ISessions sessions, SessionEnding ending, ServerUrls urls)
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        endpoints.MapRealmGet("/broker/{alias}/endpoint/logout_response", (http, realm) => services.GetRequiredService<BrokerLogoutEndpoints>().ReturnAsync(http, realm));
        endpoints.MapRealmPost(OidcRoutes.Protocol + "/logout/backchannel-logout", (http, realm) => services.GetRequiredService<BrokerLogoutEndpoints>().EndAsync(http, realm));
    }

    private async Task ReturnAsync(HttpContext http, Realm realm)
    {
        if (await upstream.TakeAsync(realm, (string)http.Request.RouteValues["alias"]!, http.Request.Query["state"].ToString(), http.RequestAborted) is not { } left)
        {
            await TellAsync(http, realm, new LoginEvent { Type = EventTypes.Logout }.Failed("user_session_not_found"));
            await tabs.RefuseAsync(http, realm, new ErrorPage(400, "identityProviderUnexpectedErrorMessage"), null, null);
            return;
        }

        await LeftBehind.GoOnAsync(http, login, realm, left);
    }

    private async Task EndAsync(HttpContext http, Realm realm)
    {
        var ct = http.RequestAborted;
        var issuer = urls.Issuer(http, realm);
        if (OidcRoutes.CheckRealm(http, realm, issuer) is { } closed)
        {
            await OAuthResults.RefuseAsync(http, realm, closed);
            return;
        }

        var form = await LoginForms.ReadAsync(http);
        if (form is null || form["logout_token"].ToString() is not { Length: > 0 } token)
        {
            await RefuseAsync(http, realm, "No logout token");
            return;
        }

        if (await logoutTokens.ReadAsync(realm, token, ct) is not { } ended)
        {
            await RefuseAsync(http, realm, "The decode of the logoutToken failed");
            return;
        }

        var any = false;
        foreach (var (session, offline) in await FindAsync(realm, ended, ct))
        {
            if (await ending.EndAsync(realm, session, issuer, tellProvider: false, ct) && !offline)
            {
                any = true;
                await TellAsync(http, realm, new LoginEvent { Type = EventTypes.Logout, UserId = session.UserId, SessionId = session.Id });
            }
        }

        if (!any)
        {
            await TellAsync(http, realm, new LoginEvent { Type = EventTypes.Logout }.Failed("user_session_not_found"));
        }

        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.Headers.CacheControl = "no-store";
        SecurityHeaders.Apply(http.Response.Headers, realm);
    }

    private async ValueTask<List<(UserSession Session, bool Offline)>> FindAsync(Realm realm, List<EndedUpstream> ended, CancellationToken ct)
    {
        var found = new List<(UserSession, bool)>();
        foreach (var one in ended)
        {
            foreach (var offline in one.Offline ? (bool[])[false, true] : [false])
            {
                found.AddRange((await sessions.ListByBrokerAsync(realm.Id, one.SessionId, one.UserId, offline, ct)).Select(s => (s, offline)));
            }
        }

        return found;
    }

    private async Task RefuseAsync(HttpContext http, Realm realm, string reason)
    {
        await TellAsync(http, realm, new LoginEvent { Type = EventTypes.Logout }.With("reason", reason).Failed("invalid_token"));
        await OAuthResults.ErrorAsync(http, realm, new ProtocolError("invalid_request", reason));
    }

    private ValueTask TellAsync(HttpContext http, Realm realm, LoginEvent happened)
    {
        happened.IpAddress = LoginHttp.Ip(http);
        return login.Services.Events.RecordAsync(realm, happened, http.RequestAborted);
    }
}
