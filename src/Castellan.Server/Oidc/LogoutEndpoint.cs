using Castellan.Core;
using Castellan.Core.Authorize;
using Castellan.Core.Brokering;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Saml.Logout;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Protocol.Saml;
using Castellan.Server.Brokering;
using Castellan.Server.Http;
using Castellan.Server.Login;
using Castellan.Server.Saml;
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
    private const string StateNote = "logout-state";
    private const string LocalesNote = "ui_locales";
    private const string Confirmed = "logout.confirmation.enabled";
    private const string NobodyNamed = "Either the parameter 'client_id' or the parameter 'id_token_hint' is required when 'post_logout_redirect_uri' is used.";
    private const string OtherClient = "Parameter client_id is different than the client for which ID Token was issued.";

    public static void MapLogout(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        endpoints.MapRealmGet(Root, (http, realm) => BeginAsync(http, realm, services, name => http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null));
        endpoints.MapRealm(Root, [HttpMethods.Options], (http, _) => Cors.PreflightAsync(http, "GET, HEAD, OPTIONS"));
        endpoints.MapRealmPost(Root, async (http, realm) =>
        {
            if (http.Request.ContentType is { Length: > 0 } type && !type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
            {
                await JsonAnswers.ErrorAsync(http, StatusCodes.Status415UnsupportedMediaType, "HTTP 415 Unsupported Media Type", realm);
                return;
            }

            if (string.IsNullOrEmpty(http.Request.ContentType))
            {
                await BeginAsync(http, realm, services, static _ => null);
                return;
            }

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
        endpoints.MapRealmGet(Root + "/logout-confirm", (http, realm) => ShowAsync(http, realm, services));
        endpoints.MapRealmPost(Root + "/logout-confirm", (http, realm) => ConfirmAsync(http, realm, services));
    }

    private static async Task BeginAsync(HttpContext http, Realm realm, IServiceProvider services, Func<string, string?> parameter)
    {
        var login = services.GetRequiredService<LoginHttp>();
        var (clientId, redirect) = (parameter("client_id"), parameter("post_logout_redirect_uri"));
        OwnToken? hint = null;
        string? hintedClient = null;
        if (parameter("id_token_hint") is { } token)
        {
            hint = OwnToken.Read(realm, token, login.Urls.Issuer(http, realm));
            hintedClient = hint?.Type == "ID" ? hint.AuthorizedParty ?? (hint.Audience is [var first, ..] ? first : null) : null;
            if (hintedClient is null)
            {
                var reason = hint is null or { Type: "ID" } ? "Invalid IDToken" : $"Token type is incorrect. Expected '[ID]' but was '{hint.Type ?? "null"}'";
                await RefuseAsync(login, http, realm, null, "invalid_token", reason, new ErrorPage(400, "invalidParameterMessage", "id_token_hint"));
                return;
            }
        }
        else if (redirect is not null && clientId is null)
        {
            await RefuseAsync(login, http, realm, null, "invalid_request", NobodyNamed, new ErrorPage(400, "missingParameterMessage", "id_token_hint"));
            return;
        }

        if (clientId is not null && hintedClient is not null && clientId != hintedClient)
        {
            await RefuseAsync(login, http, realm, clientId, "invalid_token", OtherClient, new ErrorPage(400, "invalidParameterMessage", "id_token_hint"));
            return;
        }

        var client = (clientId ?? hintedClient) is { Length: <= 255 } id ? await login.Services.Clients.FindAsync(realm, id, http.RequestAborted) : null;
        if (redirect is not null && (client is null || !RedirectUris.IsPostLogout(client, login.Urls.Addresses(http, realm), redirect)))
        {
            await TellAsync(login, http, realm, new LoginEvent { Type = EventTypes.Logout, ClientId = client?.ClientId }.With("redirect_uri", redirect).Failed("invalid_redirect_uri"));
            await login.PageAsync(http, realm, new ErrorPage(400, "invalidRedirectUriMessage"), client, cacheControl: NoCache);
            return;
        }

        var root = await login.RootAsync(http, realm, RootHash.LeftAlone);
        var session = await login.BrowserSessionAsync(http, realm);
        var asked = new Asked(client, hint?.SessionId, redirect, parameter("state"), parameter("ui_locales"));
        if (client is not null && (hint is null ? session is null && redirect is not null : session is null || hint.SessionId == session.Id))
        {
            // Either the application proves that it knows the session, or there is none to be signed out of. A token of no session proves nothing.
            await LogOutAsync(http, realm, services, asked);
            return;
        }

        client ??= await login.Services.Clients.FindAsync(realm, "account", http.RequestAborted);
        if (client is null)
        {
            await login.PageAsync(http, realm, new ErrorPage(400, "clientNotFoundMessage"), cacheControl: NoCache);
            return;
        }

        var tab = login.Cookies.NewTab(realm, root, client.Id, null, []);
        tab.Path = "logout";
        tab.SetNote(RedirectNote, asked.Redirect);
        tab.SetNote(StateNote, asked.State);
        tab.SetNote(SessionNote, asked.SessionId);
        tab.SetNote(LocalesNote, asked.Locales is { Length: <= 255 } locales ? locales : null);
        await AskAsync(http, realm, login, tab, client, session ?? (asked.SessionId is { } known ? await FindAsync(login, realm, known, http.RequestAborted) : null));
    }

    /// <summary>Asks the person, with a code that the answer must bring along.</summary>
    /// <param name="session">Of whom; she is asked in her language.</param>
    private static async Task AskAsync(HttpContext http, Realm realm, LoginHttp login, AuthenticationTab tab, Client client, UserSession? session)
    {
        tab.Code = Secret.Base64Url(32);
        if (!(tab.IsStored ? await login.Services.Tabs.SaveAsync(tab, http.RequestAborted) : await AddAsync(login, tab, http.RequestAborted)))
        {
            await login.PageAsync(http, realm, new ErrorPage(400, "failedLogout"), client, cacheControl: NoCache);
            return;
        }

        var action = $"{login.Urls.Issuer(http, realm)}{Root}/logout-confirm?client_id={Uri.EscapeDataString(client.ClientId)}&tab_id={tab.TabId}";
        var user = session is null ? null : await login.Services.Users.FindAsync(realm.Id, session.UserId, http.RequestAborted);
        await login.PageAsync(
            http, realm, new LogoutConfirmPage(LoginHttp.PathOf(action), tab.Code, Back(client)), client, cacheControl: NoCache, reader: new(user, tab.Note(LocalesNote)));
    }

    private static async ValueTask<bool> AddAsync(LoginHttp login, AuthenticationTab tab, CancellationToken ct)
    {
        await login.Services.Tabs.AddAsync(tab, ct);
        return true;
    }

    /// <summary>The page that asks, opened again.</summary>
    private static async Task ShowAsync(HttpContext http, Realm realm, IServiceProvider services)
    {
        var login = services.GetRequiredService<LoginHttp>();
        if (await FindAsync(http, realm, login) is { } tab && await login.Services.Clients.FindByIdAsync(realm, tab.ClientId, http.RequestAborted) is { } client)
        {
            await AskAsync(http, realm, login, tab, client, await login.BrowserSessionAsync(http, realm));
            return;
        }

        // Whoever opens it when all is done already hears that.
        LoginPage page = await login.BrowserSessionAsync(http, realm) is null ? new InfoPage("successLogout") : new ErrorPage(400, "failedLogout");
        await login.PageAsync(http, realm, page, cacheControl: NoCache);
    }

    private static async ValueTask<AuthenticationTab?> FindAsync(HttpContext http, Realm realm, LoginHttp login) =>
        await login.Cookies.ReadAuthSessionAsync(http, realm) is { } root && http.Request.Query["tab_id"].ToString() is { Length: > 0 and <= 64 } id
            && await login.Services.Tabs.FindAsync(realm.Id, root, id, http.RequestAborted) is { Path: "logout" } tab ? tab : null;

    private static async Task ConfirmAsync(HttpContext http, Realm realm, IServiceProvider services)
    {
        var login = services.GetRequiredService<LoginHttp>();
        var tab = await FindAsync(http, realm, login);
        if (tab is not { Code: { } code } || await LoginForms.ReadAsync(http) is not { } form
            || !Secret.Equal(form["session_code"].ToString(), code) || !await login.Services.Tabs.TakeAsync(tab, http.RequestAborted))
        {
            await RefuseAsync(login, http, realm, null, "session_expired", "Failed verification during logout.", new ErrorPage(400, "failedLogout"));
            return;
        }

        var client = await login.Services.Clients.FindByIdAsync(realm, tab.ClientId, http.RequestAborted);
        await LogOutAsync(http, realm, services, new Asked(client, tab.Note(SessionNote), tab.Note(RedirectNote), tab.Note(StateNote), tab.Note(LocalesNote)));
    }

    /// <summary>What is to be signed out of, and where the person goes on.</summary>
    /// <param name="SessionId">The session of the ID token that the application showed.</param>
    /// <param name="Locales">The languages that the application asked for.</param>
    private sealed record Asked(Client? Client, string? SessionId, string? Redirect, string? State, string? Locales)
    {
        public string? Next => Redirect is null || State is null ? Redirect : AuthorizeAnswers.Url(Redirect, false, [new("state", State)]);
    }

    private static async Task LogOutAsync(HttpContext http, Realm realm, IServiceProvider services, Asked asked)
    {
        var login = services.GetRequiredService<LoginHttp>();
        var named = asked.SessionId is null ? null : await FindAsync(login, realm, asked.SessionId, http.RequestAborted);
        if (asked.SessionId is not null && named is null)
        {
            await TellAsync(login, http, realm, new LoginEvent { Type = EventTypes.Logout, ClientId = asked.Client?.ClientId }.Failed("session_expired"));
            login.Cookies.Expire(http, realm, LoginCookies.Restart);
        }

        var browser = await login.BrowserSessionAsync(http, realm);
        if ((browser ?? named) is not { } session)
        {
            await LastAsync(http, realm, login, asked.Client, new(asked.Client?.Id, asked.Next, [], false, asked.Locales));
            return;
        }

        if (named is not null && named.Id != session.Id && named.UserId == session.UserId)
        {
            // The person was asked for both: the session that the application knows, and the one of this browser.
            await EndAsync(http, realm, services, asked, named, []);
        }

        // Clients that hear in the browser hear only in the one that the session is of.
        await EndHereAsync(http, realm, services, asked, session, inBrowser: browser is not null || LoginCookies.Knows(http, session));
    }

    private static async Task EndHereAsync(HttpContext http, Realm realm, IServiceProvider services, Asked asked, UserSession session, bool inBrowser)
    {
        var login = services.GetRequiredService<LoginHttp>();
        var issuer = login.Urls.Issuer(http, realm);
        var saml = services.GetRequiredService<SamlLogout>();
        var left = inBrowser ? await saml.InBrowserAsync(realm, login.Urls.Addresses(http, realm), session, null, http.RequestAborted) : [];
        var frames = new List<OtherLogout.Frame>();
        var heard = left.ConvertAll(p => p.ClientId);
        var upstream = session.Offline
            ? null : await services.GetRequiredService<UpstreamLogout>().BeginAsync(realm, session, issuer, new LeftFor(asked.Next, asked.Client?.Id), http.RequestAborted);
        var departure = session.Offline || upstream is not null
            ? null : await services.GetRequiredService<UpstreamSamlLogout>().BeginAsync(realm, session, issuer, new LeftFor(asked.Next, asked.Client?.Id), http.RequestAborted);
        foreach (var part in inBrowser ? session.Clients : [])
        {
            if (await login.Services.Clients.FindByIdAsync(realm, part.ClientId, http.RequestAborted) is { Enabled: true } member
                && SessionEnding.FrontChannelUrl(member, session, issuer) is { } url)
            {
                frames.Add(new(member.Representation.Name is { Length: > 0 } name ? name : member.ClientId, url));
                heard.Add(part.ClientId);
            }
        }

        await EndAsync(http, realm, services, asked, session, heard);
        if (departure is not null && left.Count == 0)
        {
            await departure.SendAsync(RedirectBinding.Request, http, login, realm, asked.Client, NoCache);
            return;
        }

        // The session is over; that of its identity provider ends at the provider, which sends the browser back.
        var other = new OtherLogout(asked.Client?.Id, upstream ?? asked.Next, frames, upstream is not null, asked.Locales);
        if (!await saml.BeginOtherAsync(http, realm, session, left, other))
        {
            await GoOnAsync(http, realm, login, other);
        }
    }

    private static async Task EndAsync(HttpContext http, Realm realm, IServiceProvider services, Asked asked, UserSession session, IReadOnlyCollection<string> heard)
    {
        var login = services.GetRequiredService<LoginHttp>();
        await services.GetRequiredService<SessionEnding>().EndAsync(realm, session, login.Urls.Issuer(http, realm), heard, http.RequestAborted);
        await TellAsync(login, http, realm, new LoginEvent { Type = EventTypes.Logout, ClientId = asked.Client?.ClientId, UserId = session.UserId, SessionId = session.Id }
            .With("redirect_uri", asked.Redirect));
    }

    /// <summary>What is left to do when everybody has heard who hears through the browser.</summary>
    internal static async Task GoOnAsync(HttpContext http, Realm realm, LoginHttp login, OtherLogout other)
    {
        if (!other.IsUpstream)
        {
            login.Cookies.ExpireSignIn(http, realm);
        }

        var client = other.ClientId is { } id ? await login.Services.Clients.FindByIdAsync(realm, id, http.RequestAborted) : null;
        await LastAsync(http, realm, login, client, other);
    }

    private static Task LastAsync(HttpContext http, Realm realm, LoginHttp login, Client? client, OtherLogout other)
    {
        if (other is { Frames.Count: 0, Url: { } next } && (other.IsUpstream || client?.Flag(Confirmed) is not true))
        {
            LoginHttp.Redirect(http, realm, next, NoCache);
            return Task.CompletedTask;
        }

        LoginPage page = other.Frames.Count > 0 ? new FrontchannelLogoutPage([.. other.Frames.Select(f => (f.Client, f.Url))], other.Url) : new InfoPage("successLogout") { BackUrl = Back(client) ?? other.Url };
        return login.PageAsync(http, realm, page, client, cacheControl: NoCache, reader: new(null, other.Locales));
    }

    /// <summary>No way back leads to the console that stands in where no application asked; null for the application's own.</summary>
    private static string? Back(Client? client) => client?.ClientId == "account" ? "" : null;

    /// <summary>The session that an application knows, or what is left of it offline.</summary>
    private static async ValueTask<UserSession?> FindAsync(LoginHttp login, Realm realm, string id, CancellationToken ct) =>
        await login.Services.Sessions.FindAsync(realm.Id, id, ct: ct) ?? await login.Services.Sessions.FindAsync(realm.Id, id, offline: true, ct);

    private static async Task RefuseAsync(LoginHttp login, HttpContext http, Realm realm, string? clientId, string error, string reason, ErrorPage page)
    {
        await TellAsync(login, http, realm, new LoginEvent { Type = EventTypes.Logout, ClientId = clientId }.With("reason", reason).Failed(error));
        await login.PageAsync(http, realm, page, cacheControl: NoCache);
    }

    private static ValueTask TellAsync(LoginHttp login, HttpContext http, Realm realm, LoginEvent happened)
    {
        happened.IpAddress = LoginHttp.Ip(http);
        return login.Services.Events.RecordAsync(realm, happened, http.RequestAborted);
    }
}
