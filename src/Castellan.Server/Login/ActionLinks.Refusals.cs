using Castellan.Core.Authorize;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Mail;
using Castellan.Core.Realms;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Login;

/// <summary>Links that are not followed, and the events of those that are and are not.</summary>
public sealed partial class ActionLinks
{
    private async Task ExpiredAsync(HttpContext http, Realm realm, ActionToken token, (Client Client, AuthenticationTab Tab)? here)
    {
        if (here is not var (client, tab))
        {
            await FailAsync(http, realm, token, "expired_code", "expiredActionTokenNoSessionMessage", "Token is not active");
            return;
        }

        await login.Services.Events.RecordAsync(realm, Unread(http, token).Failed("expired_code"), http.RequestAborted);
        tab.Reset(tab.ClientNote(LoginNotes.BegunWith) ?? LoginPaths.Authenticate);
        tab.Code = null;
        tab.SetNote(LoginNotes.ForwardedError, "expiredActionTokenSessionExistsMessage");
        var context = await login.ContextAsync(http, realm, client, tab, await login.BrowserSessionAsync(http, realm));
        await login.WriteAsync(http, context, await login.SignIn.ContinueAsync(context));
    }

    private async ValueTask<bool> RefuseTakenAsync(Link link)
    {
        if (!await tokens.IsTakenAsync(link.Realm, link.Token, link.Http.RequestAborted))
        {
            return false;
        }

        await RefuseAsync(link, "expired_code", "expiredActionMessage");
        return true;
    }

    /// <summary>The link is not followed; the event says what the person is told.</summary>
    private async Task RefuseAsync(Link link, string error, string message)
    {
        await TellAsync(link, ActionLinkKind.Of(link.Token.Type)!.Event, e => e.With("reason", message).Failed(error));
        await AloneAsync(link.Http, link.Realm, new ErrorPage(400, message), link.Context.Client);
    }

    /// <summary>A token that says nothing to be believed, or no longer.</summary>
    private async Task FailAsync(HttpContext http, Realm realm, ActionToken? token, string error, string message, string reason)
    {
        await login.Services.Events.RecordAsync(realm, Unread(http, token).With("reason", reason).Failed(error), http.RequestAborted);
        await AloneAsync(http, realm, new ErrorPage(400, message));
    }

    private static LoginEvent Unread(HttpContext http, ActionToken? token) =>
        new LoginEvent { Type = EventTypes.ExecuteActionToken, UserId = token?.UserId, IpAddress = LoginHttp.Ip(http) }.With("token_id", token?.Nonce).With("action", token?.Type);

    private ValueTask TellAsync(Link link, string type, Func<LoginEvent, LoginEvent> details) =>
        login.Services.Events.RecordAsync(link.Realm, details(Happened(link, type)), link.Http.RequestAborted);

    private LoginEvent Happened(Link link, string type)
    {
        var tab = link.Context.Tab;
        return new LoginEvent { Type = type, ClientId = link.Context.Client.ClientId, UserId = link.User?.Id ?? link.Token.UserId, IpAddress = LoginHttp.Ip(link.Http) }
            .With("action", link.Token.Type).With("token_id", link.Token.Nonce).With("auth_method", "openid-connect").With("code_id", tab.RootId)
            .With("redirect_uri", link.Here ? tab.RedirectUri ?? tab.ClientNote("redirect_uri") : login.AccountUrl(link.Http, link.Realm))
            .With("response_type", tab.ClientNote("response_type") ?? "code").With("response_mode", ResponseTypes.EventWord(SignInWords.Mode(tab)))
            .With("username", tab.Note(LoginNotes.AttemptedUsername) ?? (link.Here ? link.User?.Username : null)).With("remember_me", tab.Note(LoginNotes.RememberMe) ?? "false");
    }
}
