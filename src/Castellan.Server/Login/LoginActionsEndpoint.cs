using Castellan.Core;
using Castellan.Core.Clients;
using Castellan.Core.Events;
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

        endpoints.MapRealmGet(Root + SignInsUnderWay.Restart, (http, realm) => RestartAsync(http, realm, services.GetRequiredService<LoginHttp>()));
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
        var query = http.Request.Query;
        var mayRegister = path != LoginPaths.Registration || (realm.Settings.RegistrationAllowed ?? false);
        if (!mayRegister && !query.ContainsKey("token"))
        {
            await SignInsUnderWay.TellAsync(http, realm, login, path, null, "registration_disabled");
            await login.PageAsync(http, realm, new ErrorPage(400, "registrationNotAllowedMessage"));
            return;
        }

        if (await SignInsUnderWay.FindAsync(http, realm, login, path) is not var (client, tab))
        {
            return;
        }

        if (!mayRegister && !tab.MayRegister(realm))
        {
            await SignInsUnderWay.TellAsync(http, realm, login, path, client, "registration_disabled");
            await login.PageAsync(http, realm, new ErrorPage(400, "registrationNotAllowedMessage"), client);
            return;
        }

        if (path == LoginPaths.ResetCredentials && !(realm.Settings.ResetPasswordAllowed ?? false))
        {
            await SignInsUnderWay.RefuseResetAsync(http, realm, login, client);
            return;
        }

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

            if ((execution is not null && execution != tab.Execution) || (path == LoginPaths.RequiredAction) != (tab.Path == LoginPaths.RequiredAction))
            {
                // An earlier page, or one from before or behind the flow that is at work.
                await ExpiredAsync(http, realm, login, client, tab, path);
                return;
            }

            if (path != tab.Path)
            {
                // From the sign-in to the registration and back: what one of them proved says nothing in the other.
                tab.Reset(path);
                execution = null;
            }
        }
        else if (tab.Code is null || !Secret.Equal(code, tab.Code) || path != tab.Path)
        {
            if (execution == tab.Execution)
            {
                tab.SetNote(LoginNotes.ForwardedError, "expiredActionMessage");
                await login.Services.Tabs.SaveAsync(tab, http.RequestAborted);
                LoginHttp.Redirect(http, realm, login.Url(http, realm, client, tab, tab.Path, tab.Execution));
            }
            else
            {
                await ExpiredAsync(http, realm, login, client, tab, path);
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

            if (await TookTooLongAsync(http, realm, login, client, tab, path))
            {
                return;
            }

            // The code is spent, whatever the form says: each posting needs a page of its own.
            tab.Code = null;
            if (execution != tab.Execution)
            {
                await login.Services.Tabs.SaveAsync(tab, http.RequestAborted);
                if (path == LoginPaths.RequiredAction)
                {
                    LoginHttp.Redirect(http, realm, login.Url(http, realm, client, tab, path, tab.Execution));
                }
                else
                {
                    await ExpiredAsync(http, realm, login, client, tab, path);
                }

                return;
            }

            form = LoginForms.ToLoginForm(posted);
        }

        if (await TookTooLongAsync(http, realm, login, client, tab, path))
        {
            return;
        }

        var session = await login.BrowserSessionAsync(http, realm);
        if (path == LoginPaths.Registration)
        {
            // Who registers is not the one who is signed in.
            login.Cookies.ExpireIdentity(http, realm);
            session = null;
        }

        var context = await login.ContextAsync(http, realm, client, tab, session);
        if (await LeftOpen.BegunAnewAsync(login, http, context))
        {
            return;
        }

        await login.WriteAsync(http, context, form is null ? await login.SignIn.ContinueAsync(context) : await login.SignIn.AnswerAsync(context, execution, form));
    }

    /// <summary>Who took longer for a page than the realm allows begins anew, in the same tab.</summary>
    private static async ValueTask<bool> TookTooLongAsync(HttpContext http, Realm realm, LoginHttp login, Client client, AuthenticationTab tab, string path)
    {
        if (login.Services.Time.GetUtcNow().ToUnixTimeMilliseconds() < Math.Max(tab.Touched, tab.Started) + (1000L * PageLifespans.Of(realm, path)))
        {
            return false;
        }

        await SignInsUnderWay.TellAsync(http, realm, login, path, client, "expired_code", ("code_id", tab.RootId));
        tab.Reset(LoginPaths.Authenticate);
        tab.Code = null;
        tab.SetNote(LoginNotes.ForwardedError, "loginTimeout");
        tab.Touched = login.Services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        await login.Services.Tabs.SaveAsync(tab, http.RequestAborted);
        LoginHttp.Redirect(http, realm, login.Url(http, realm, client, tab, tab.Path, null));
        return true;
    }

    private static async Task ConsentAsync(HttpContext http, Realm realm, LoginHttp login)
    {
        if (await SignInsUnderWay.FindAsync(http, realm, login, LoginPaths.RequiredAction) is not var (client, tab))
        {
            return;
        }

        if (await LoginForms.ReadAsync(http) is not { } form || tab.Code is null
            || (form["code"].ToString() is { Length: > 0 } code && !Secret.Equal(code, tab.Code)))
        {
            LoginHttp.Redirect(http, realm, login.Url(http, realm, client, tab, tab.Path, tab.Execution));
            return;
        }

        if (await TookTooLongAsync(http, realm, login, client, tab, LoginPaths.RequiredAction))
        {
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
        if (await SignInsUnderWay.FindAsync(http, realm, login, SignInsUnderWay.Restart) is not var (client, tab))
        {
            return;
        }

        var action = tab.ClientNote(LoginNotes.BegunWith) ?? LoginPaths.Authenticate;
        var happened = SignInsUnderWay.Event(http, EventTypes.RestartAuthentication, client);
        happened.UserId = tab.UserId;
        happened.With("username", tab.Note(LoginNotes.AttemptedUsername)).With("auth_method", tab.Protocol);
        if (http.Request.Query["skip_logout"] != "true" && await login.BrowserSessionAsync(http, realm, takeBack: false) is { } session)
        {
            // Asked to prove themselves anew, the person says that they are somebody else: the session ends, and the page asks for a name again.
            await login.Services.Ending.EndAsync(realm, session, login.Urls.Issuer(http, realm), http.RequestAborted);
            login.Cookies.ExpireIdentity(http, realm);
            tab = await RecreateAsync(http, realm, login, tab);
        }

        tab.Reset(action);
        tab.Code = null;
        await login.Services.Tabs.SaveAsync(tab, http.RequestAborted);
        await login.Services.Events.RecordAsync(realm, happened, http.RequestAborted);
        LoginHttp.Redirect(http, realm, login.Url(http, realm, client, tab, action, null));
    }

    /// <summary>The same request of the client in a tab of a browser that is known by a new id.</summary>
    private static async ValueTask<AuthenticationTab> RecreateAsync(HttpContext http, Realm realm, LoginHttp login, AuthenticationTab tab)
    {
        var root = Secret.Base64Url(18);
        await login.Services.Tabs.RemoveAllAsync(realm.Id, tab.RootId, http.RequestAborted);
        await login.Cookies.WriteAuthSessionAsync(http, realm, root);
        login.Cookies.Expire(http, realm, LoginCookies.Restart);
        var anew = login.Cookies.NewTab(realm, root, tab.ClientId, tab.RedirectUri, new(tab.ClientNotes));
        anew.ClientNotes.Remove(LoginNotes.Beside);
        await login.Cookies.WriteRestartAsync(http, realm, anew);
        await login.Services.Tabs.AddAsync(anew, http.RequestAborted);
        return anew;
    }

    private static async Task ExpiredAsync(HttpContext http, Realm realm, LoginHttp login, Client client, AuthenticationTab tab, string path)
    {
        if (path == LoginPaths.RequiredAction && tab.Path != LoginPaths.RequiredAction)
        {
            await SignInsUnderWay.TellAsync(http, realm, login, path, client, "invalid_code", ("code_id", tab.RootId));
        }

        await login.PageAsync(http, realm, new PageExpiredPage(), client, await login.ContextAsync(http, realm, client, tab, null));
    }
}
