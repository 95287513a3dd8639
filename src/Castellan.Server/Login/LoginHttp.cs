using System.Text;
using Castellan.Core;
using Castellan.Core.Brokering;
using Castellan.Core.Brokering.Saml;
using Castellan.Core.Clients;
using Castellan.Core.Codes;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Login.Actions;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Protocol.Saml;
using Castellan.Server.Brokering;
using Castellan.Server.Http;
using Castellan.Server.Login.Answers;
using Castellan.Server.Pages;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Login;

/// <summary>Between the browser and the sign-in: reads what a request brings, writes what an outcome means.</summary>
public sealed class LoginHttp(
    LoginServices services, SignIn signIn, Completion completion, LoginCookies cookies, SignInAnswers answers, DeviceAuthorizations devices, ServerUrls urls,
    ThemeFolder themes, ProviderButtons buttons, UpstreamDoor door, SamlDoor samlDoor)
{
    internal const string NoStore = "no-store, must-revalidate, max-age=0";

    public LoginCookies Cookies => cookies;

    public ServerUrls Urls => urls;

    public LoginServices Services => services;

    public SignIn SignIn => signIn;

    public SignInAnswers Answers => answers;

    public DeviceAuthorizations Devices => devices;

    /// <summary>The session that the browser's cookie names, if both are good. Cookies of a session that is gone are taken back.</summary>
    public async ValueTask<UserSession?> BrowserSessionAsync(HttpContext http, Realm realm, bool takeBack = true)
    {
        if (await cookies.ReadIdentityAsync(http, realm) is { } identity
            && await services.Sessions.FindAsync(realm.Id, identity.SessionId, ct: http.RequestAborted) is { } session && session.UserId == identity.UserId
            && SessionLifetimes.IsAlive(realm, session, services.Time.GetUtcNow().ToUnixTimeMilliseconds())
            && await services.Users.FindAsync(realm.Id, identity.UserId, http.RequestAborted) is { Enabled: true } user && identity.IssuedAt >= (user.Representation.NotBefore ?? 0))
        {
            return session;
        }

        if (takeBack)
        {
            cookies.ExpireIdentity(http, realm);
        }

        return null;
    }

    /// <summary>The id of what the browser has begun here; a new one, with its cookie, when it has begun nothing.</summary>
    /// <param name="hash">What becomes of the hash that goes with it.</param>
    public async ValueTask<string> RootAsync(HttpContext http, Realm realm, RootHash hash = RootHash.Written)
    {
        var root = await cookies.ReadAuthSessionAsync(http, realm);
        if (root is null || !await services.Tabs.AnyAsync(realm.Id, root, http.RequestAborted))
        {
            // A browser without a sign-in under way gets a new id: one that somebody planted before is worth nothing.
            root = Secret.Base64Url(18);
            await (hash == RootHash.TakenBack ? cookies.RenewAuthSessionAsync(http, realm, root) : cookies.WriteAuthSessionAsync(http, realm, root, withHash: hash == RootHash.Written));
        }

        return root;
    }

    /// <summary>Everything that a request of a sign-in has to do with.</summary>
    /// <param name="told">The event that the sign-in ends with, where it did not come here by the flow.</param>
    public async ValueTask<LoginContext> ContextAsync(HttpContext http, Realm realm, Client client, AuthenticationTab tab, UserSession? browserSession, LoginEvent? told = null)
    {
        var happened = told ?? SignInWords.Event(http, client, tab);

        var context = new LoginContext
        {
            Realm = realm, Client = client, Tab = tab, Services = services, Ct = http.RequestAborted, Event = happened,
            // Who comes to register, or forgot a password, is not the one who is signed in. That one stays so until it is done: a link on somebody's page,
            // which may begin it, must not sign people out.
            BrowserSession = tab.ClientNote(LoginNotes.BegunWith) is null ? browserSession : null,
            SignedInHere = browserSession,
            Request = new LoginRequest(Ip(http), Origin(urls.Frontend(http, realm)), urls.Issuer(http, realm))
            {
                UserAgent = http.Request.Headers.UserAgent,
                Headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                Query = http.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString()),
                RememberedUsername = LoginCookies.Remembered(http, realm),
                Languages = Locales.OfBrowser(http),
            },
        };
        await context.LoadUserAsync();
        if (tab.Path == LoginPaths.RequiredAction && tab.Note(LoginNotes.AttemptedUsername) is null)
        {
            happened.With("username", context.User?.Username);
        }

        return context;
    }

    /// <summary>Writes what a request came to, the tab first.</summary>
    /// <param name="cache">What redirects and last pages say about caches.</param>
    public async Task WriteAsync(HttpContext http, LoginContext context, LoginOutcome outcome, string? cache = NoStore)
    {
        var tab = context.Tab;
        if (context.Language is { Length: > 0 } language)
        {
            // What stands in a profile or an address is not yet fit for a header.
            if (Locales.IsTag(language))
            {
                cookies.Set(http, context.Realm, Locales.Cookie, language, httpOnly: true, null);
            }
        }
        else if (context.Language is not null)
        {
            cookies.Expire(http, context.Realm, Locales.Cookie);
        }

        switch (outcome)
        {
            case LoginOutcome.Finish:
                await FinishAsync(http, context, cache);
                return;
            case LoginOutcome.Refuse refuse:
                await services.Tabs.TakeAsync(tab, http.RequestAborted);
                await ExpireRestartAsync(http, context);
                await answers.Of(tab).RefuseAsync(this, http, new(context.Realm, context.Client, tab, refuse.Error, refuse.Description) { Messages = refuse.Messages }, cache);
                return;
            case LoginOutcome.End end:
                if (tab.IsStored)
                {
                    await services.Tabs.TakeAsync(tab, http.RequestAborted);
                }

                cookies.Expire(http, context.Realm, LoginCookies.Restart);
                if (end.Detached)
                {
                    cookies.ExpireDetached(http, context.Realm);
                }

                await PageAsync(http, context.Realm, end.Page, context.Client, context);
                return;
            case LoginOutcome.Show { Page: not (ErrorPage or InfoPage) } or LoginOutcome.AtBroker:
                tab.Code ??= Secret.Base64Url(32);
                break;
        }

        var provider = (outcome as LoginOutcome.Leave)?.Provider;
        var message = provider is { IsSaml: true } ? samlDoor.Begin(context, provider, action: true) : null;
        var upstream = provider is { IsSaml: false } ? await door.BeginAsync(http, context, provider, action: true) : null;
        if (!await KeepAsync(tab, http.RequestAborted))
        {
            // Another request of the same tab was faster: this one shows what that one made of it.
            Redirect(http, context.Realm, Url(http, context.Realm, context.Client, tab, tab.Path, tab.Execution));
            return;
        }

        switch (outcome)
        {
            case LoginOutcome.GoTo next:
                Redirect(http, context.Realm, Url(http, context.Realm, context.Client, tab, next.Path, next.Execution), cache);
                return;
            case LoginOutcome.AtBroker broker:
                var address = $"{urls.Issuer(http, context.Realm)}/broker/{broker.Path}?session_code={tab.Code}&{SignInWords.TabQuery(context.Client, tab)}{(broker.Hint is { } hint ? $"&login_hint={Uri.EscapeDataString(hint)}" : "")}";
                Redirect(http, context.Realm, address, cache, broker.Path.EndsWith("/login", StringComparison.Ordinal) ? StatusCodes.Status303SeeOther : StatusCodes.Status302Found);
                return;
            case LoginOutcome.Leave when message is not null:
                await message.SendAsync(RedirectBinding.Request, http, this, context.Realm, context.Client, cache);
                return;
            case LoginOutcome.Leave when upstream is null:
                await PageAsync(http, context.Realm, new ErrorPage(502, "couldNotSendAuthenticationRequestMessage"), context.Client, context);
                return;
            case LoginOutcome.Leave:
                Redirect(http, context.Realm, upstream!, cache, StatusCodes.Status303SeeOther);
                return;
            case LoginOutcome.Show { Page: ErrorPage } show:
                await PageAsync(http, context.Realm, show.Page, context.Client, context, show, noStore: false, cacheControl: cache);
                return;
            case LoginOutcome.Show show:
                await PageAsync(http, context.Realm, show.Page, context.Client, context, show);
                return;
        }
    }

    /// <summary>Writes a page.</summary>
    public async Task PageAsync(
        HttpContext http, Realm realm, LoginPage page, Client? client = null, LoginContext? context = null, LoginOutcome.Show? shown = null,
        bool noStore = true, string? cacheControl = null, PageReader? reader = null)
    {
        var tab = context?.Tab;
        var user = context?.User;
        var chosen = tab?.Note("kc_locale");
        var locale = Locales.Choose(http, realm, chosen, tab?.ClientNote("ui_locales") ?? reader?.Locales ?? http.Request.Query["ui_locales"], user ?? context?.Addressee ?? reader?.User);
        if (http.Request.Query.ContainsKey("kc_locale") && (realm.Settings.InternationalizationEnabled ?? false))
        {
            cookies.Set(http, realm, Locales.Cookie, locale, httpOnly: true, null);
        }

        var theme = themes.Login(realm, client);
        var consent = page is ConsentPage;
        var view = new Page
        {
            Realm = realm, Client = client, Messages = new Messages(realm, theme, locale), Theme = theme, Base = urls.Frontend(http, realm), User = user,
            Nonce = Secret.Base64Url(16),
            TabQuery = tab is null || client is null ? "" : SignInWords.TabQuery(client, tab),
            Action = tab is null || client is null ? "" : Url(http, realm, client, tab, consent ? "consent" : tab.Path, consent || page is PageExpiredPage ? null : tab.Execution, page is PageExpiredPage or ConsentPage ? null : tab.Code),
            ActionLink = tab is null || client is null ? "" : Url(http, realm, client, tab, tab.Path, tab.Execution),
            AnotherWay = shown?.AnotherWay ?? false,
            AppInitiated = shown?.AppInitiated ?? false,
            Attempted = tab is not null && page is UsernamePasswordPage { Reauthenticate: true } or PasswordPage or OtpPage or WebAuthnPage or RecoveryCodePage or SelectWayPage or SelectOrganizationPage
                ? user?.Username ?? tab?.Note(LoginNotes.NamedUsername) : null,
            SwitchesOrganization = page is UsernamePasswordPage or PasswordPage && tab?.Note(LoginNotes.OrganizationChosen) is not null,
            LocaleQuery = SignInWords.LocaleQuery(http, client, tab) ?? (page is DeviceCodePage ? "" : null), Code = tab?.Code,
            Providers = tab is not null && client is not null && (page is UsernamePasswordPage { ForLink: true } || (tab.Path == LoginPaths.Authenticate && page is UsernamePasswordPage or UsernamePage or PasswordPage))
                ? await buttons.OfAsync(realm, tab!, user, page is UsernamePage, (page as UsernamePage)?.Organization, http.RequestAborted) : [],
        };
        if (consent)
        {
            view.Action = PathOf(view.Action);
        }
        else if (page is RegisterPage && tab?.ClientNote(LoginNotes.Invitation) is { } invitation)
        {
            view.Action += "&token=" + invitation;
        }

        http.Response.StatusCode = page.Status;
        if (noStore || cacheControl is not null)
        {
            http.Response.Headers.CacheControl = cacheControl ?? NoStore;
        }

        SecurityHeaders.ApplyToPage(http.Response.Headers, realm);
        if (page is FrontchannelLogoutPage frames)
        {
            http.Response.Headers.ContentSecurityPolicy = AuthorizeAnswers.FramePolicy(realm, frames);
        }

        var body = PageWriter.Write(view, page);
        http.Response.ContentType = page is FormPostPage ? "text/html" : "text/html;charset=utf-8";
        http.Response.Headers.ContentLanguage = locale;
        http.Response.ContentLength = body.Length;
        await http.Response.BodyWriter.WriteAsync(body, http.RequestAborted);
    }

    /// <summary>Sends the browser elsewhere within a sign-in.</summary>
    /// <param name="cacheControl">Null for none.</param>
    /// <param name="asPage">Whether it has the headers of a page, as answers to forms have.</param>
    public static void Redirect(HttpContext http, Realm realm, string url, string? cacheControl = NoStore, int status = StatusCodes.Status302Found, bool? asPage = null)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.Location = url;
        if (cacheControl is not null)
        {
            http.Response.Headers.CacheControl = cacheControl;
        }

        if (asPage ?? HttpMethods.IsPost(http.Request.Method))
        {
            SecurityHeaders.ApplyToPage(http.Response.Headers, realm);
        }
        else
        {
            SecurityHeaders.Apply(http.Response.Headers, realm);
            http.Response.Headers.Remove("X-Frame-Options");
        }

        http.Response.ContentLength = 0;
    }

    /// <summary>An address of <c>login-actions</c> for a tab.</summary>
    public string Url(HttpContext http, Realm realm, Client client, AuthenticationTab tab, string path, string? execution, string? code = null)
    {
        var url = new StringBuilder(urls.Issuer(http, realm)).Append("/login-actions/").Append(path).Append('?');
        if (code is not null)
        {
            url.Append("session_code=").Append(code).Append('&');
        }

        if (execution is not null)
        {
            url.Append("execution=").Append(Uri.EscapeDataString(execution)).Append('&');
        }

        return url.Append(SignInWords.TabQuery(client, tab)).ToString();
    }

    /// <summary>The realm's account console.</summary>
    public string AccountUrl(HttpContext http, Realm realm) => urls.Issuer(http, realm) + "/account/";

    private async Task FinishAsync(HttpContext http, LoginContext context, string? cache)
    {
        var (realm, tab) = (context.Realm, context.Tab);
        if (await LeftOpen.BegunAnewAsync(this, http, context))
        {
            return;
        }

        if (await completion.SomebodyElseAsync(context) is { } other)
        {
            await KeepAsync(tab, http.RequestAborted);
            context.Event.With("existing_user", other.Id);
            await context.TellAsync("different_user_authenticated");
            await PageAsync(http, realm, new ErrorPage(400, "differentUserAuthenticated", other.Username), context.Client, context, noStore: false, cacheControl: cache);
            return;
        }

        if (await completion.FinishAsync(context) is not { } done)
        {
            await PageAsync(http, realm, new InfoPage("alreadyLoggedIn"), context.Client);
            return;
        }

        await ExpireRestartAsync(http, context);
        await cookies.WriteIdentityAsync(http, realm, done.Session, done.Session.LoginUsername ?? context.User!.Username);
        await answers.Of(tab).AcceptAsync(this, http, context, done, cache);
    }

    /// <summary>With the last tab goes the cookie that would begin it anew.</summary>
    private async ValueTask ExpireRestartAsync(HttpContext http, LoginContext context)
    {
        if (!await services.Tabs.AnyAsync(context.Realm.Id, context.Tab.RootId, http.RequestAborted))
        {
            cookies.Expire(http, context.Realm, LoginCookies.Restart);
        }
    }

    /// <summary>Keeps a sign-in, a new one or as it is now; false when another request of it was faster.</summary>
    public async ValueTask<bool> KeepAsync(AuthenticationTab tab, CancellationToken ct)
    {
        tab.Touched = services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        if (tab.IsStored)
        {
            return await services.Tabs.SaveAsync(tab, ct);
        }

        await services.Tabs.AddAsync(tab, ct);
        return true;
    }

    /// <summary>An address without scheme and host.</summary>
    internal static string PathOf(string url) => new Uri(url).PathAndQuery;

    private static string Origin(string url) => new Uri(url).GetLeftPart(UriPartial.Authority);

    internal static string? Ip(HttpContext http) => http.Connection.RemoteIpAddress is { } ip ? (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString() : null;
}

/// <summary>What becomes of the cookie that lets pages see when a browser begins anew.</summary>
public enum RootHash
{
    Written, TakenBack, LeftAlone,
}
