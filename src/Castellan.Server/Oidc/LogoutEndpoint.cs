using Castellan.Core;
using Castellan.Core.Authorize;
using Castellan.Core.Brokering;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Server.Http;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Oidc;

/// <summary>
/// Sign-out started by an application (OpenID Connect RP-Initiated Logout 1.0). Without an ID token of the session that ends, the person is asked: a
/// link on somebody's page must not sign people out.
/// </summary>
public static class LogoutEndpoint
{
    private const string Root = "/protocol/openid-connect/logout";
    private const string NoCache = "no-cache";
    private const string SessionNote = "logout-session";
    private const string RedirectNote = "logout-redirect";

    public static void MapLogout(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        endpoints.MapRealmGet(Root, (http, realm) => BeginAsync(http, realm, services, name => http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null));
        endpoints.MapRealmPost(Root, async (http, realm) =>
        {
            if (await LoginForms.ReadAsync(http) is not { } form)
            {
                await services.GetRequiredService<LoginHttp>().PageAsync(http, realm, new ErrorPage(400, "invalidRequestMessage"), cacheControl: NoCache);
                return;
            }

            if (form.ContainsKey("refresh_token"))
            {
                // The older way, of clients that hold the session's refresh token (Keycloak's own; no page takes part).
                await services.GetRequiredService<RefreshTokenLogout>().HandleAsync(http, realm, form);
                return;
            }

            await BeginAsync(http, realm, services, name => form[name].ToString() is { Length: > 0 } value ? value : null);
        });
        endpoints.MapRealmPost(Root + "/logout-confirm", (http, realm) => ConfirmAsync(http, realm, services));
    }

    private static async Task BeginAsync(HttpContext http, Realm realm, IServiceProvider services, Func<string, string?> parameter)
    {
        var login = services.GetRequiredService<LoginHttp>();
        var clients = login.Services.Clients;
        OwnToken? hint = null;
        string? hintedClient = null;
        if (parameter("id_token_hint") is { } token)
        {
            hint = OwnToken.Read(realm, token, login.Urls.Issuer(http, realm));
            hintedClient = hint?.Type == "ID" ? hint.AuthorizedParty ?? (hint.Audience is [var first, ..] ? first : null) : null;
            if (hintedClient is null)
            {
                await TellAsync(login, http, realm, new LoginEvent { Type = EventTypes.Logout }.With("reason", "Invalid IDToken").Failed("invalid_token"));
                await login.PageAsync(http, realm, new ErrorPage(400, "invalidParameterMessage", "id_token_hint"), cacheControl: NoCache);
                return;
            }
        }

        var clientId = parameter("client_id");
        if (clientId is not null && hintedClient is not null && clientId != hintedClient)
        {
            await login.PageAsync(http, realm, new ErrorPage(400, "invalidParameterMessage", "client_id"), cacheControl: NoCache);
            return;
        }

        var client = (clientId ?? hintedClient) is { Length: <= 255 } id ? await clients.FindAsync(realm, id, http.RequestAborted) : null;
        if (clientId is not null && client is null)
        {
            await login.PageAsync(http, realm, new ErrorPage(400, "clientNotFoundMessage"), cacheControl: NoCache);
            return;
        }

        var redirect = parameter("post_logout_redirect_uri");
        if (redirect is not null)
        {
            if (client is null)
            {
                await login.PageAsync(http, realm, new ErrorPage(400, "missingParameterMessage", "id_token_hint"), cacheControl: NoCache);
                return;
            }

            if (!RedirectUris.IsPostLogout(client, login.Urls.Addresses(http, realm), redirect))
            {
                await TellAsync(login, http, realm, new LoginEvent { Type = EventTypes.Logout, ClientId = client.ClientId }.With("redirect_uri", redirect).Failed("invalid_redirect_uri"));
                await login.PageAsync(http, realm, new ErrorPage(400, "invalidRedirectUriMessage"), client, cacheControl: NoCache);
                return;
            }

            redirect = parameter("state") is { } state ? AuthorizeAnswers.Url(redirect, false, [new("state", state)]) : redirect;
        }

        var root = await login.Cookies.ReadAuthSessionAsync(http, realm);
        if (root is null || !await login.Services.Tabs.AnyAsync(realm.Id, root, http.RequestAborted))
        {
            root = Secret.Base64Url(18);
            await login.Cookies.WriteAuthSessionAsync(http, realm, root, withHash: false);
        }

        var session = await login.BrowserSessionAsync(http, realm, takeBack: false);
        if (hint is not null && (session is null || session.Id == hint.SessionId))
        {
            session ??= hint.SessionId is { } sid ? await login.Services.Sessions.FindAsync(realm.Id, sid, ct: http.RequestAborted) : null;
            await EndAsync(http, realm, services, client, session, redirect);
            return;
        }

        client ??= await clients.FindAsync(realm, "account", http.RequestAborted);
        if (client is null)
        {
            await login.PageAsync(http, realm, new ErrorPage(400, "clientNotFoundMessage"), cacheControl: NoCache);
            return;
        }

        var tab = login.Cookies.NewTab(realm, root, client.Id, null, []);
        tab.Path = "logout";
        tab.Code = Secret.Base64Url(32);
        tab.SetNote(RedirectNote, redirect);
        tab.SetNote(SessionNote, session?.Id);
        await login.Services.Tabs.AddAsync(tab, http.RequestAborted);
        var action = $"{login.Urls.Issuer(http, realm)}{Root}/logout-confirm?client_id={Uri.EscapeDataString(client.ClientId)}&tab_id={tab.TabId}";
        await login.PageAsync(http, realm, new LogoutConfirmPage(LoginHttp.PathOf(action), tab.Code, null), client, cacheControl: NoCache);
    }

    private static async Task ConfirmAsync(HttpContext http, Realm realm, IServiceProvider services)
    {
        var login = services.GetRequiredService<LoginHttp>();
        var root = await login.Cookies.ReadAuthSessionAsync(http, realm);
        var tab = root is null || http.Request.Query["tab_id"].ToString() is not { Length: > 0 and <= 64 } id ? null
            : await login.Services.Tabs.FindAsync(realm.Id, root, id, http.RequestAborted);
        if (tab is not { Path: "logout", Code: { } code } || await LoginForms.ReadAsync(http) is not { } form
            || !Secret.Equal(form["session_code"].ToString(), code) || !await login.Services.Tabs.TakeAsync(tab, http.RequestAborted))
        {
            await login.PageAsync(http, realm, new ErrorPage(400, "failedLogout"), cacheControl: NoCache);
            return;
        }

        var client = await login.Services.Clients.FindByIdAsync(realm, tab.ClientId, http.RequestAborted);
        await EndAsync(http, realm, services, client, await login.BrowserSessionAsync(http, realm, takeBack: false), tab.Note(RedirectNote));
    }

    private static async Task EndAsync(HttpContext http, Realm realm, IServiceProvider services, Client? client, UserSession? session, string? redirect)
    {
        var login = services.GetRequiredService<LoginHttp>();
        var issuer = login.Urls.Issuer(http, realm);
        var frames = new List<(string Client, string Url)>();
        var upstream = (string?)null;
        if (session is not null)
        {
            upstream = await services.GetRequiredService<UpstreamLogout>().BeginAsync(realm, session, issuer, new LeftFor(redirect, client?.Id), http.RequestAborted);
            foreach (var part in session.Clients)
            {
                if (await login.Services.Clients.FindByIdAsync(realm, part.ClientId, http.RequestAborted) is { Enabled: true } member
                    && SessionEnding.FrontChannelUrl(member, session, issuer) is { } url)
                {
                    frames.Add((member.Representation.Name is { Length: > 0 } name ? name : member.ClientId, url));
                }
            }

            await services.GetRequiredService<SessionEnding>().EndAsync(realm, session, issuer, http.RequestAborted);
            await TellAsync(login, http, realm, new LoginEvent { Type = EventTypes.Logout, ClientId = client?.ClientId, UserId = session.UserId, SessionId = session.Id }
                .With("redirect_uri", redirect?.Split('?')[0]));
        }

        if (upstream is null)
        {
            login.Cookies.ExpireIdentity(http, realm);
        }

        // The session is over; that of its identity provider ends at the provider, which sends the browser back.
        redirect = upstream ?? redirect;
        if (frames.Count > 0)
        {
            await login.PageAsync(http, realm, new FrontchannelLogoutPage(frames, redirect), client, cacheControl: NoCache);
        }
        else if (redirect is not null)
        {
            LoginHttp.Redirect(http, realm, redirect, NoCache);
        }
        else
        {
            await login.PageAsync(http, realm, new InfoPage("successLogout"), client, cacheControl: NoCache);
        }
    }

    private static ValueTask TellAsync(LoginHttp login, HttpContext http, Realm realm, LoginEvent happened)
    {
        happened.IpAddress = LoginHttp.Ip(http);
        return login.Services.Events.RecordAsync(realm, happened, http.RequestAborted);
    }
}
