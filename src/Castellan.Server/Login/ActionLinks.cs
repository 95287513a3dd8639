using Castellan.Core;
using Castellan.Core.Authorize;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Login.Actions;
using Castellan.Core.Mail;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;
using Castellan.Server.Http;
using Castellan.Server.Mail;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Login;

/// <summary>
/// The links of mails: <c>login-actions/action-token</c>. Opening one changes nothing that its person could not undo by not going on: programs open
/// links too. So what asks for more is confirmed on a page first, or taken when the form behind it is posted.
/// </summary>
public sealed partial class ActionLinks(LoginHttp login, ActionTokens tokens, UserProfiles profiles, Invitations invitations, ServerUrls urls)
{
    private const string Path = "/login-actions/action-token";

    private readonly AccountLinks _links = new(login, tokens);

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        endpoints.MapRealmGet(Path, (http, realm) => services.GetRequiredService<ActionLinks>().OpenAsync(http, realm));
        // Mail servers look with HEAD whether a link leads anywhere: it does, and nothing comes of looking.
        endpoints.MapRealm(Path, [HttpMethods.Head], (_, _) => Task.CompletedTask);
    }

    private async Task OpenAsync(HttpContext http, Realm realm)
    {
        var ct = http.RequestAborted;
        var key = http.Request.Query["key"].ToString();
        if (key.Length == 0)
        {
            await FailAsync(http, realm, null, "not_allowed", AuthorizeRefusal.InvalidRequest, AuthorizeRefusal.InvalidRequest);
            return;
        }

        var (token, fault) = await tokens.ReadAsync(realm, key, urls.Issuer(http, realm), ct);
        var kind = ActionLinkKind.Of(token?.Type);
        if (token is null || kind is null)
        {
            await FailAsync(http, realm, token, "invalid_code", "invalidCodeMessage", token is null ? "Failed to parse JWT" : "Invalid action token operation");
            return;
        }

        if (!realm.Enabled)
        {
            await FailAsync(http, realm, token, "realm_disabled", "realmNotEnabledMessage", "realmNotEnabledMessage");
            return;
        }

        if (fault == ActionTokenFault.Signature)
        {
            await FailAsync(http, realm, token, kind.Error, kind.Message, "Invalid token signature");
            return;
        }

        var here = await FindAsync(http, realm, token);
        if (fault == ActionTokenFault.Expired)
        {
            await ExpiredAsync(http, realm, token, here);
            return;
        }

        var session = await login.BrowserSessionAsync(http, realm, takeBack: false);
        var (client, tab) = here ?? await BeginAsync(http, realm, token);
        var context = await login.ContextAsync(http, realm, client, tab, session);
        var user = await login.Services.Users.FindAsync(realm.Id, token.UserId, ct);
        var link = new Link(http, realm, token, context, user!, Here: here is not null);
        if (user is null || !user.Enabled)
        {
            await RefuseAsync(link, user is null ? "user_not_found" : "user_disabled", user is null ? "invalidUserMessage" : "accountDisabledMessage");
        }
        else if (session is not null && session.UserId != user.Id)
        {
            var other = await login.Services.Users.FindAsync(realm.Id, session.UserId, ct);
            await TellAsync(link, kind.Event, e => e.With("existing_user", session.UserId).Failed("different_user_authenticated"));
            await AloneAsync(http, realm, new ErrorPage(400, "differentUserAuthenticated", other?.Username), client);
        }
        else if (!string.Equals(token.Email, user.Email, StringComparison.OrdinalIgnoreCase))
        {
            // The address is another one by now: whoever reads the old mailbox has no say any more.
            await RefuseAsync(link, "invalid_email", kind.OtherAddress);
        }
        else
        {
            context.Addressee = user;
            await (token.Type switch
            {
                ActionTypes.ExecuteActions => ExecuteAsync(link),
                ActionTypes.VerifyEmail => VerifyAsync(link),
                ActionTypes.ResetCredentials => ResetAsync(link),
                ActionTypes.UpdateEmail => UpdateAsync(link),
                ActionTypes.Invitation => JoinAsync(link),
                ActionTypes.LinkIdentityProvider => _links.FollowAsync(this, link),
                _ => throw new InvalidOperationException($"Nothing follows a link of the kind {token.Type}."),
            });
        }
    }

    /// <summary>What can be done but once for one being asked.</summary>
    private static readonly HashSet<string> s_once = new(["UPDATE_PASSWORD", "CONFIGURE_TOTP", "CONFIGURE_RECOVERY_AUTHN_CODES", "delete_account", "webauthn-register", "webauthn-register-passwordless"], StringComparer.Ordinal);

    /// <param name="Here">Whether the sign-in that the token is bound to is one of this browser.</param>
    internal sealed record Link(HttpContext Http, Realm Realm, ActionToken Token, LoginContext Context, User User, bool Here);

    /// <summary>Required actions that an administrator asks for: told first, then begun.</summary>
    private async Task ExecuteAsync(Link link)
    {
        if (link.Token.RedirectUri is { } back && RedirectUris.Find(link.Context.Client, urls.Addresses(link.Http, link.Realm), back, required: true) is null)
        {
            // The client's addresses may have changed since the mail was sent.
            await RefuseAsync(link, "invalid_redirect_uri", "invalidRedirectUriMessage");
            return;
        }

        // What can be done again and again may be begun by one link as often, until it runs out.
        var once = link.Token.Actions.Any(a => RequiredActions.IsEnabled(link.Realm, a) && s_once.Contains(a));
        if (once && await RefuseTakenAsync(link))
        {
            return;
        }

        if (!link.Here)
        {
            var again = await AgainAsync(link, link.Token with { SignIn = LoginMail.SignInOf(link.Context.Tab) });
            await ShowAsync(link, new InfoPage("confirmExecutionOfActions") { Actions = link.Token.Actions, ActionUrl = again });
            return;
        }

        var context = link.Context;
        await MarkVerifiedAsync(link);
        context.Tab.RequiredActions = [.. link.Token.Actions];
        Follow(link, end: true, taken: !once);
        context.Tab.SetNote(LoginNotes.ResetPassword, "true");
        await login.WriteAsync(link.Http, context, await login.SignIn.BeginActionsAsync(context));
    }

    private async Task VerifyAsync(Link link)
    {
        var (tab, token) = (link.Context.Tab, link.Token);
        var waits = link.Here && tab.Path == LoginPaths.RequiredAction && tab.UserId == link.User.Id;
        if ((link.User.Representation.EmailVerified ?? false) && !waits)
        {
            await TellAsync(link, EventTypes.VerifyEmail, e => e.With("email", token.Email).Failed("email_already_verified"));
            await login.PageAsync(link.Http, link.Realm, new InfoPage("emailVerifiedAlreadyMessage"), link.Context.Client);
            return;
        }

        if (!link.Here)
        {
            // Another browser than the one that waits, or none does. Whoever confirms must mean it: a program that opens links does not go on.
            var again = await AgainAsync(link, token with { SignIn = LoginMail.SignInOf(tab), AskedBy = token.AskedBy ?? token.SignIn });
            await ShowAsync(link, new InfoPage("confirmEmailAddressVerification", [token.Email]) { ActionUrl = again });
            return;
        }

        if (!await tokens.TakeAsync(link.Realm, token, link.Http.RequestAborted))
        {
            await AloneAsync(link.Http, link.Realm, new ErrorPage(400, "expiredActionMessage"), link.Context.Client);
            return;
        }

        await MarkVerifiedAsync(link);
        await TellAsync(link, EventTypes.VerifyEmail, e => e.With("email", token.Email));
        if (waits)
        {
            await login.WriteAsync(link.Http, link.Context, new LoginOutcome.GoTo(LoginPaths.RequiredAction, null));
        }
        else if (token.AskedBy is { } asked)
        {
            await ForgetAsync(link.Realm, asked, link.Http.RequestAborted);
            link.Context.Identify(link.User);
            link.Context.RememberLanguage(link.User);
            await login.WriteAsync(link.Http, link.Context, new LoginOutcome.End(new InfoPage("emailVerifiedMessage") { BackUrl = "" }));
        }
        else
        {
            Follow(link, end: true, taken: true);
            link.Context.Tab.Path = LoginPaths.RequiredAction;
            await login.SignIn.BeginActionsAsync(link.Context);
            await login.WriteAsync(link.Http, link.Context, new LoginOutcome.GoTo(LoginPaths.RequiredAction, null));
        }
    }

    /// <summary>A forgotten password: the flow goes on behind the step that sent the mail.</summary>
    private async Task ResetAsync(Link link)
    {
        if (!(link.Realm.Settings.ResetPasswordAllowed ?? false))
        {
            await RefuseAsync(link, "not_allowed", "resetCredentialNotAllowedMessage");
            return;
        }

        if (await RefuseTakenAsync(link))
        {
            return;
        }

        if (link.Token.PasswordOf != await login.Services.PasswordOfAsync(link.Realm, link.User, link.Http.RequestAborted))
        {
            // The password was set since: whoever finds the mail later has no say any more.
            await RefuseAsync(link, "expired_code", "expiredActionMessage");
            return;
        }

        var context = link.Context;
        context.Tab.Reset(LoginPaths.ResetCredentials);
        Follow(link, end: !link.Here);
        PasswordResets.Begin(context, link.Token.PasswordOf);
        await login.WriteAsync(link.Http, context, await login.SignIn.ContinueAsync(context));
    }

    private async Task UpdateAsync(Link link)
    {
        var (http, realm, ct) = (link.Http, link.Realm, link.Http.RequestAborted);
        if (link.User.Attribute(UserProfile.PendingEmail) != link.Token.NewEmail && !await tokens.IsTakenAsync(realm, link.Token, ct))
        {
            // An administrator took the change back, or the person wants another address by now.
            await login.PageAsync(http, realm, new ErrorPage(400, "emailVerificationCancelled"), link.Context.Client);
            return;
        }

        var outcome = await UpdateEmail.ChangeAsync(profiles, realm, link.User, link.Token.NewEmail, ct);
        if (outcome.Errors.FirstOrDefault(UpdateEmail.IsOfEmail) is { } wrong)
        {
            await login.PageAsync(http, realm, new ErrorPage(400, wrong.Message), link.Context.Client);
            return;
        }

        if (!await tokens.TakeAsync(realm, link.Token, ct))
        {
            await AloneAsync(http, realm, new ErrorPage(400, "staleEmailVerificationLink"), link.Context.Client);
            return;
        }

        outcome.Changed.EmailVerified = true;
        outcome.Changed.RequiredActions?.RemoveAll(a => a is UpdateEmail.Id or VerifyEmail.Id);
        outcome.Changed.Attributes?.Remove(UserProfile.PendingEmail);
        if (await login.Services.ApplyAsync(realm, ct, new PutUser(outcome.Changed)) is var written and not Written.Done)
        {
            await login.PageAsync(http, realm, new ErrorPage(written == Written.Taken ? 400 : 503, ProfileForm.Message(written, UserProfile.Email).Key), link.Context.Client);
            return;
        }

        if (link.Token.LogoutSessions)
        {
            link.Context.Identify(link.User);
            await ActionEvents.EndOtherSessionsAsync(link.Context, Happened(link, EventTypes.Logout).With("logout_triggered_by_action_token", link.Token.Type));
        }

        await TellAsync(link, EventTypes.UpdateEmail, e => e.With("previous_email", link.Token.Email).With("updated_email", outcome.Changed.Email));
        await login.PageAsync(http, realm, new InfoPage("emailUpdated", [link.Token.NewEmail]) { HeaderKey = "emailUpdatedTitle" }, link.Context.Client);
    }

    /// <summary>An invitation of somebody who has an account: told first, then they belong to the organization. Nobody is signed in by it.</summary>
    private async Task JoinAsync(Link link)
    {
        var (http, realm, token, ct) = (link.Http, link.Realm, link.Token, link.Http.RequestAborted);
        LoginEvent Refused(LoginEvent happened, string error) =>
            happened.With("username", link.User.Username).With("email", token.Email).With("org_id", token.Organization).Failed(error);
        if (await invitations.MembershipAsync(realm, token, link.User.Id, ct) is { } joined)
        {
            await TellAsync(link, EventTypes.InviteOrg, e => Refused(e, "user_org_member_already"));
            await login.PageAsync(http, realm, new InfoPage("alreadyOrgMember", [joined.Name]) { Status = 400, BackUrl = joined.RedirectUrl ?? "" }, link.Context.Client);
            return;
        }

        var invitation = await invitations.FindAsync(realm, token, ct);
        if (invitation is not null && !link.Here)
        {
            var again = await AgainAsync(link, token with { SignIn = LoginMail.SignInOf(link.Context.Tab) });
            await ShowAsync(link, new InfoPage("organization.confirm-membership", [invitation.Organization.Name]) { ActionUrl = again });
            return;
        }

        if (invitation is null || token.RedirectUri is null || !await invitations.TakeAsync(realm, invitation, ct)
            || await login.Services.ApplyAsync(realm, ct, [.. Invitations.Accept(invitation, link.User.Id, managed: false)]) != Written.Done)
        {
            await TellAsync(link, EventTypes.InviteOrg, e => Refused(e, "invalid_token"));
            await login.PageAsync(http, realm, new InfoPage("staleInviteOrgLink") { Status = 400, BackUrl = "" }, link.Context.Client);
            return;
        }

        await TellAsync(link, EventTypes.InviteOrg, e => e.With("org_id", token.Organization).With("username", link.User.Username));
        await login.Services.Tabs.TakeAsync(link.Context.Tab, ct);
        LoginHttp.Redirect(http, realm, token.RedirectUri);
    }

    /// <summary>The sign-in goes by the link from here on: as its person, and the token is taken with the first form that is posted.</summary>
    /// <param name="end">Nobody waits in this browser: when the actions are done there is a page, and no session.</param>
    private static void Follow(Link link, bool end, bool taken = false)
    {
        var (context, tab) = (link.Context, link.Context.Tab);
        context.Identify(link.User);
        tab.SetNote(LoginNotes.ActionTokenUser, link.User.Id);
        tab.SetNote(LoginNotes.ActionToken, taken ? null : ActionTokens.Note(link.Token));
        tab.SetNote(LoginNotes.EndAfterActions, end ? "true" : null);
    }

    internal async ValueTask MarkVerifiedAsync(Link link)
    {
        var ct = link.Http.RequestAborted;
        if (link.User.Representation is { EmailVerified: true, RequiredActions: null or [] })
        {
            return;
        }

        var changed = UserRepresentations.Copy(link.User.Representation);
        changed.EmailVerified = true;
        changed.RequiredActions?.Remove(VerifyEmail.Id);
        await login.Services.ApplyAsync(link.Realm, ct, new PutUser(changed));
        if (await login.Services.Users.FindAsync(link.Realm.Id, link.User.Id, ct) is { } now)
        {
            link.Context.Identify(now);
        }
    }

    /// <summary>The sign-in of this browser that the token is bound to.</summary>
    private async ValueTask<(Client Client, AuthenticationTab Tab)?> FindAsync(HttpContext http, Realm realm, ActionToken token)
    {
        var ct = http.RequestAborted;
        return token.SignIn?.Split('.', 3) is [var root, var tabId, var clientId] && await login.Cookies.ReadAuthSessionAsync(http, realm) == root
            && await login.Services.Tabs.FindAsync(realm.Id, root, tabId, ct) is { } tab && tab.ClientId == clientId
            && await login.Services.Clients.FindByIdAsync(realm, clientId, ct) is { Enabled: true } client
            ? (client, tab)
            : null;
    }

    /// <summary>A sign-in for a link that is opened where none waits; stored only when a page leads on.</summary>
    private async ValueTask<(Client Client, AuthenticationTab Tab)> BeginAsync(HttpContext http, Realm realm, ActionToken token)
    {
        var ct = http.RequestAborted;
        var client = (token.Client is { } named && await login.Services.Clients.FindAsync(realm, named, ct) is { Enabled: true } found ? found : null)
            ?? await login.Services.Clients.FindAsync(realm, "account", ct) ?? throw new InvalidOperationException($"The realm {realm.Name} has no client 'account'.");
        var root = Secret.Base64Url(18);
        await login.Cookies.RenewAuthSessionAsync(http, realm, root);
        // Who does not come from an application comes from their account.
        return (client, login.Cookies.NewTab(realm, root, client.Id, token.RedirectUri, new() { ["response_type"] = "code", ["redirect_uri"] = login.AccountUrl(http, realm) }));
    }

    /// <summary>The link of a page that leads on: the same token, for this sign-in only.</summary>
    internal async ValueTask<string> AgainAsync(Link link, ActionToken token)
    {
        var issuer = urls.Issuer(link.Http, link.Realm);
        return $"{issuer}/login-actions/action-token?key={await tokens.IssueAsync(link.Realm, token, issuer, link.Http.RequestAborted)}&{SignInWords.TabQuery(link.Context.Client, link.Context.Tab)}";
    }

    private async ValueTask ForgetAsync(Realm realm, string signIn, CancellationToken ct)
    {
        if (signIn.Split('.', 3) is [var root, var tabId, _] && await login.Services.Tabs.FindAsync(realm.Id, root, tabId, ct) is { } tab)
        {
            await login.Services.Tabs.TakeAsync(tab, ct);
        }
    }

    internal Task ShowAsync(Link link, LoginPage page) => login.WriteAsync(link.Http, link.Context, new LoginOutcome.Show(page));

    /// <summary>A page that belongs to no sign-in.</summary>
    internal Task AloneAsync(HttpContext http, Realm realm, LoginPage page, Client? client = null)
    {
        login.Cookies.ExpireDetached(http, realm);
        login.Cookies.Expire(http, realm, LoginCookies.Restart);
        return login.PageAsync(http, realm, page, client);
    }
}
