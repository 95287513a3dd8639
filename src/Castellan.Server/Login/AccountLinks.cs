using Castellan.Core.Brokering;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Login.Steps.Broker;
using Castellan.Core.Mail;

namespace Castellan.Server.Login;

/// <summary>
/// The links of mails that confirm an account of an identity provider. A link counts for one account and one person: the sign-in that waits must still be
/// about this account, whoever else may have come by in between.
/// </summary>
internal sealed class AccountLinks(LoginHttp login, ActionTokens tokens)
{
    private const int Tries = 4;

    public async Task FollowAsync(ActionLinks pages, ActionLinks.Link link)
    {
        var (http, realm, token, ct) = (link.Http, link.Realm, link.Token, link.Http.RequestAborted);
        var linked = await login.Services.Users.FederatedIdentitiesAsync(realm.Id, link.User.Id, ct);
        if (linked.Exists(l => l.IdentityProvider == token.IdentityProvider && LinkByMailStep.Proof(l.IdentityProvider!, l.UserId ?? "", link.User.Id) == token.IdentityProviderAccount)
            || await tokens.IsTakenAsync(realm, token, ct))
        {
            await login.Services.Events.RecordAsync(realm, Happened(link).Failed("email_already_verified"), ct);
            await login.PageAsync(http, realm, new InfoPage("emailVerifiedAlreadyMessage"), link.Context.Client);
            return;
        }

        var tab = link.Context.Tab;
        if (!link.Here)
        {
            // Whoever confirms in another browser must mean it: a program that opens links does not go on.
            var again = await pages.AgainAsync(link, token with { SignIn = Mail.LoginMail.SignInOf(tab), AskedBy = token.AskedBy ?? token.SignIn });
            await pages.ShowAsync(link, new InfoPage("confirmAccountLinkingBody", [token.IdentityProviderUser, token.IdentityProvider])
            {
                HeaderKey = "confirmAccountLinking", HeaderArguments = [token.IdentityProviderUser, token.IdentityProvider], ActionUrl = again,
            });
            return;
        }

        if (await LeftOpen.BegunAnewAsync(login, http, link.Context))
        {
            return;
        }

        var waits = IsAbout(tab, token);
        var other = waits ? null : await FindWaitingAsync(link);
        if ((!waits && other is null) || !await tokens.TakeAsync(realm, token, ct))
        {
            await pages.AloneAsync(http, realm, new ErrorPage(400, "staleEmailVerificationLink"), link.Context.Client);
            return;
        }

        await pages.MarkVerifiedAsync(link);
        await login.Services.Events.RecordAsync(realm, Happened(link), ct);
        if (waits)
        {
            tab.SetNote(LoginNotes.LinkConfirmed, token.IdentityProviderAccount);
            // The flow finds out by itself who it is; until then it is nobody.
            link.Context.Identify(null);
            link.Context.Event.With("action", token.Type).With("email", token.Email).With("token_id", token.Nonce).With("remember_me", "false").With("response_mode", "query").With("response_type", "code");
            await login.WriteAsync(http, link.Context, await login.SignIn.ContinueAsync(link.Context));
            return;
        }

        if (!await ConfirmAsync(link, other!))
        {
            await pages.AloneAsync(http, realm, new ErrorPage(400, "staleEmailVerificationLink"), link.Context.Client);
            return;
        }

        link.Context.Identify(link.User);
        await login.WriteAsync(http, link.Context, new LoginOutcome.End(new InfoPage("identityProviderLinkSuccess", [token.IdentityProvider, token.IdentityProviderUser]) { BackUrl = "" }));
    }

    /// <summary>Whether a sign-in waits for the confirmation of the token's account, by the token's person.</summary>
    private static bool IsAbout(AuthenticationTab tab, ActionToken token) =>
        tab.Path == LoginPaths.FirstBrokerLogin && BrokeredIdentity.Read(tab.Note(LoginNotes.Brokered)) is { } identity
        && LinkByMailStep.Proof(identity.Provider, identity.Id, token.UserId) == token.IdentityProviderAccount;

    /// <summary>The sign-in of the browser that asked for the mail, if it still waits.</summary>
    private async ValueTask<AuthenticationTab?> FindWaitingAsync(ActionLinks.Link link) =>
        link.Token.AskedBy?.Split('.', 3) is [var root, var tabId, _]
        && await login.Services.Tabs.FindAsync(link.Realm.Id, root, tabId, link.Http.RequestAborted) is { } tab && IsAbout(tab, link.Token) ? tab : null;

    /// <summary>Tells the sign-in that waits. Its own browser may write it at the same moment: then what became of it is looked at again.</summary>
    private async ValueTask<bool> ConfirmAsync(ActionLinks.Link link, AuthenticationTab waiting)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            waiting.SetNote(LoginNotes.LinkConfirmed, link.Token.IdentityProviderAccount);
            if (await login.Services.Tabs.SaveAsync(waiting, link.Http.RequestAborted))
            {
                return true;
            }

            if (await FindWaitingAsync(link) is not { } now)
            {
                return false;
            }

            waiting = now;
        }

        return false;
    }

    private LoginEvent Happened(ActionLinks.Link link)
    {
        var (tab, token) = (link.Context.Tab, link.Token);
        var told = new LoginEvent { Type = EventTypes.IdentityProviderLinkAccount, ClientId = link.Context.Client.ClientId, UserId = link.User.Id, IpAddress = LoginHttp.Ip(link.Http) };
        return told.With("action", token.Type).With("auth_method", "openid-connect").With("code_id", tab.RootId).With("email", token.Email)
            .With("identity_provider", token.IdentityProvider).With("identity_provider_identity", token.IdentityProviderUser)
            .With("redirect_uri", link.Here ? tab.RedirectUri : login.AccountUrl(link.Http, link.Realm)).With("remember_me", "false")
            .With("response_mode", "query").With("response_type", "code").With("token_id", token.Nonce);
    }
}
