using System.Buffers.Text;
using System.Text.Json;
using Castellan.Core;
using Castellan.Core.Authorize;
using Castellan.Core.Clients;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Login;

/// <summary>Where the pages of a sign-in post to and link to: <c>login-actions/…</c>.</summary>
public static class LoginActionsEndpoint
{
    private const string Root = "/login-actions/";

    public static void MapLoginActions(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        foreach (var path in (ReadOnlySpan<string>)[LoginPaths.Authenticate, LoginPaths.Registration, LoginPaths.ResetCredentials, LoginPaths.RequiredAction, LoginPaths.FirstBrokerLogin, LoginPaths.PostBrokerLogin])
        {
            endpoints.MapRealm(Root + path, [HttpMethods.Get, HttpMethods.Post], (http, realm) => GuardedAsync(http, realm, services.GetRequiredService<LoginHttp>(), path));
        }

        endpoints.MapRealmGet(Root + "restart", (http, realm) => RestartAsync(http, realm, services.GetRequiredService<LoginHttp>()));
        endpoints.MapRealmPost(Root + "consent", (http, realm) => ConsentAsync(http, realm, services.GetRequiredService<LoginHttp>()));
    }

    internal static Task BusyAsync(HttpContext http, LoginHttp login, Realm realm)
    {
        http.Response.Headers.RetryAfter = "2";
        return login.PageAsync(http, realm, new ErrorPage(503, "internalServerError"));
    }

    private static async Task GuardedAsync(HttpContext http, Realm realm, LoginHttp login, string path)
    {
        try
        {
            await HandleAsync(http, realm, login, path);
        }
        catch (BusyException)
        {
            await BusyAsync(http, login, realm);
        }
    }

    private static async Task HandleAsync(HttpContext http, Realm realm, LoginHttp login, string path)
    {
        if (path == LoginPaths.ResetCredentials && !(realm.Settings.ResetPasswordAllowed ?? false))
        {
            await login.PageAsync(http, realm, new ErrorPage(400, "resetCredentialNotAllowedMessage"));
            return;
        }

        if (await FindAsync(http, realm, login, path) is not var (client, tab))
        {
            return;
        }

        if (path == LoginPaths.Registration && !tab.MayRegister(realm))
        {
            await login.PageAsync(http, realm, new ErrorPage(400, "registrationNotAllowedMessage"), client);
            return;
        }

        var query = http.Request.Query;
        var execution = query["execution"].ToString() is { Length: > 0 } named ? named : null;
        var code = query["session_code"].ToString();
        if (query["kc_locale"].ToString() is { Length: > 0 and <= 35 } locale)
        {
            tab.SetNote("kc_locale", locale);
        }

        LoginForm? form = null;
        if (code.Length == 0)
        {
            if (path != tab.Path && LoginPaths.IsBroker(path))
            {
                // Only an identity provider leads here.
                LoginHttp.Redirect(http, realm, login.Url(http, realm, client, tab, tab.Path, tab.Execution));
                return;
            }

            if (path != tab.Path && path != LoginPaths.RequiredAction)
            {
                // From the sign-in to the registration and back: what one of them proved says nothing in the other.
                tab.Reset(path);
                execution = null;
            }
            else if (execution is not null && execution != tab.Execution)
            {
                await ExpiredAsync(http, realm, login, client, tab);
                return;
            }
        }
        else if (tab.Code is null || !Secret.Equal(code, tab.Code) || path != tab.Path)
        {
            if (execution == tab.Execution)
            {
                LoginHttp.Redirect(http, realm, login.Url(http, realm, client, tab, tab.Path, tab.Execution));
            }
            else
            {
                await ExpiredAsync(http, realm, login, client, tab);
            }

            return;
        }
        else if (HttpMethods.IsPost(http.Request.Method))
        {
            if (await LoginForms.ReadAsync(http) is not { } posted)
            {
                await login.PageAsync(http, realm, new ErrorPage(400, "invalidRequestMessage"), client);
                return;
            }

            // The code is spent, whatever the form says: each posting needs a page of its own.
            tab.Code = null;
            form = LoginForms.ToLoginForm(posted);
        }

        var context = await login.ContextAsync(http, realm, client, tab, await login.BrowserSessionAsync(http, realm));
        if (await LeftOpen.BegunAnewAsync(login, http, context))
        {
            return;
        }

        await login.WriteAsync(http, context, form is null ? await login.SignIn.ContinueAsync(context) : await login.SignIn.AnswerAsync(context, execution, form));
    }

    private static async Task ConsentAsync(HttpContext http, Realm realm, LoginHttp login)
    {
        if (await FindAsync(http, realm, login, LoginPaths.RequiredAction) is not var (client, tab))
        {
            return;
        }

        if (await LoginForms.ReadAsync(http) is not { } form || tab.Code is null
            || (form["code"].ToString() is { Length: > 0 } code && !Secret.Equal(code, tab.Code)))
        {
            LoginHttp.Redirect(http, realm, login.Url(http, realm, client, tab, tab.Path, tab.Execution));
            return;
        }

        tab.Code = null;
        var context = await login.ContextAsync(http, realm, client, tab, await login.BrowserSessionAsync(http, realm));
        if (await LeftOpen.BegunAnewAsync(login, http, context))
        {
            return;
        }

        await login.WriteAsync(http, context, await login.SignIn.ConsentAsync(context, granted: !form.ContainsKey("cancel") && form.ContainsKey("accept")));
    }

    private static async Task RestartAsync(HttpContext http, Realm realm, LoginHttp login)
    {
        if (await FindAsync(http, realm, login, LoginPaths.Authenticate) is not var (client, tab))
        {
            return;
        }

        var action = tab.Path is LoginPaths.Registration or LoginPaths.ResetCredentials ? tab.Path : LoginPaths.Authenticate;
        if (tab.UserId is { } asked && await login.BrowserSessionAsync(http, realm, takeBack: false) is { } session && session.UserId == asked)
        {
            // Asked to prove themselves anew, the person says that they are somebody else: the session ends, and the page asks for a name again.
            await login.Services.Ending.EndAsync(realm, session, login.Urls.Issuer(http, realm), http.RequestAborted);
        }

        tab.Reset(action);
        tab.Code = null;
        await login.Services.Tabs.SaveAsync(tab, http.RequestAborted);
        LoginHttp.Redirect(http, realm, login.Url(http, realm, client, tab, action, null));
    }

    private static async Task ExpiredAsync(HttpContext http, Realm realm, LoginHttp login, Client client, AuthenticationTab tab) =>
        await login.PageAsync(http, realm, new PageExpiredPage(), client, await login.ContextAsync(http, realm, client, tab, null));

    /// <summary>The sign-in that the request belongs to. When there is none, the request is answered with what helps, and this is null.</summary>
    private static async ValueTask<(Client Client, AuthenticationTab Tab)?> FindAsync(HttpContext http, Realm realm, LoginHttp login, string path)
    {
        var ct = http.RequestAborted;
        if (Callers.CheckTls(http, realm, login.Urls.Issuer(http, realm)) is not null)
        {
            await login.PageAsync(http, realm, new ErrorPage(400, "httpsRequiredMessage"));
            return null;
        }

        if (!realm.Enabled)
        {
            await login.PageAsync(http, realm, new ErrorPage(403, "realmNotEnabledMessage"));
            return null;
        }

        var query = http.Request.Query;
        var client = query["client_id"].ToString() is { Length: > 0 and <= 255 } id ? await login.Services.Clients.FindAsync(realm, id, ct) : null;
        var root = await login.Cookies.ReadAuthSessionAsync(http, realm);
        var tabId = query["tab_id"].ToString();
        var tab = root is null || tabId.Length is 0 or > 64 ? null : await login.Services.Tabs.FindAsync(realm.Id, root, tabId, ct);
        if (tab is not null && client is not null && client.Id == tab.ClientId)
        {
            if (!client.Enabled)
            {
                await login.PageAsync(http, realm, new ErrorPage(400, "loginRequesterNotEnabledMessage"), client);
                return null;
            }

            return (client, tab);
        }

        if (await login.BrowserSessionAsync(http, realm) is not null)
        {
            await DoneElsewhereAsync(http, realm, login, client, http.Request.Query["client_data"].ToString());
            return null;
        }

        if (path == LoginPaths.ResetCredentials && HttpMethods.IsGet(http.Request.Method) && (client is null || client.ClientId == "account")
            && await login.Services.Clients.FindAsync(realm, "account", ct) is { Enabled: true } account)
        {
            return await BeginAsync(http, realm, login, account, path);
        }

        var renew = root is null || !await login.Services.Tabs.AnyAsync(realm.Id, root, ct);
        if (await login.Cookies.ReadRestartAsync(http, realm, renew ? Secret.Base64Url(18) : root!) is { } again && await login.Services.Clients.FindByIdAsync(realm, again.ClientId, ct) is { Enabled: true } owner
            && (client is null || client.Id == owner.Id) && await IsStillAllowedAsync(http, realm, login, again, owner))
        {
            await RestartTabAsync(http, realm, login, owner, again, renew, path);
            return null;
        }

        await login.PageAsync(http, realm, new ErrorPage(400, "cookieNotFoundMessage"), client);
        return null;
    }

    /// <summary>What the client asked once is held against what it may ask now: its settings may have changed since.</summary>
    private static async ValueTask<bool> IsStillAllowedAsync(HttpContext http, Realm realm, LoginHttp login, AuthenticationTab again, Client client)
    {
        if (again.ClientNote(LoginNotes.Device) is { } device)
        {
            return client.MayUseDevices() && await login.Devices.IsOpenAsync(realm.Id, device, http.RequestAborted);
        }

        var request = new AuthorizeRequest(realm, login.Urls.Addresses(http, realm), new(again.ClientNotes) { ["client_id"] = client.ClientId }) { IsResumed = true };
        return await http.RequestServices.GetRequiredService<AuthorizePipeline>().CheckAsync(request, http.RequestAborted) is null && request.RedirectUri == again.RedirectUri;
    }

    /// <summary>A forgotten password without a sign-in before it: a link in somebody's bookmarks.</summary>
    private static async ValueTask<(Client Client, AuthenticationTab Tab)> BeginAsync(HttpContext http, Realm realm, LoginHttp login, Client account, string path)
    {
        var root = Secret.Base64Url(18);
        await login.Cookies.WriteAuthSessionAsync(http, realm, root);
        var home = login.AccountUrl(http, realm);
        var tab = login.Cookies.NewTab(realm, root, account.Id, home, new() { ["redirect_uri"] = home, ["response_type"] = "none", ["scope"] = "" });
        tab.Path = path;
        return (account, tab);
    }

    private static async Task RestartTabAsync(HttpContext http, Realm realm, LoginHttp login, Client client, AuthenticationTab tab, bool renew, string path)
    {
        if (renew)
        {
            await login.Cookies.RenewAuthSessionAsync(http, realm, tab.RootId);
        }

        tab.Path = path is LoginPaths.Registration or LoginPaths.ResetCredentials ? path : LoginPaths.Authenticate;
        tab.SetNote(LoginNotes.ForwardedError, "loginTimeout");
        await login.Services.Tabs.AddAsync(tab, http.RequestAborted);
        LoginHttp.Redirect(http, realm, login.Url(http, realm, client, tab, tab.Path, null));
    }

    /// <summary>
    /// The person signed in in another tab meanwhile. Where the address still says for whom this one was, its client is told to ask again;
    /// the address is believed only as far as the client's registration goes.
    /// </summary>
    internal static Task DoneElsewhereAsync(HttpContext http, Realm realm, LoginHttp login, Client? client, string data)
    {
        if (client is { Enabled: true } && ReadAddress(data) is { RedirectUri: { } uri } address && RedirectUris.Find(client, login.Urls.Addresses(http, realm), uri, required: true) is { } redirect)
        {
            var notes = new Dictionary<string, string>();
            foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[("response_type", address.ResponseType), ("response_mode", address.ResponseMode), ("state", address.State)])
            {
                if (value is not null)
                {
                    notes[name] = value;
                }
            }

            return login.RefuseAsync(http, realm, client, login.Cookies.NewTab(realm, "", client.Id, redirect, notes), "temporarily_unavailable", "authentication_expired");
        }

        return login.PageAsync(http, realm, new InfoPage("alreadyLoggedIn") { BackUrl = client is null ? "" : null }, client);
    }

    private static ReturnAddress? ReadAddress(string text)
    {
        try
        {
            return text.Length is 0 or > 8192 ? null : JsonSerializer.Deserialize(Base64Url.DecodeFromChars(text), LoginJson.Default.ReturnAddress);
        }
        catch (Exception broken) when (broken is FormatException or JsonException)
        {
            return null;
        }
    }
}
