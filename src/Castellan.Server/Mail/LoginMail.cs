using Castellan.Core.Brokering;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Login.Steps.Broker;
using Castellan.Core.Mail;
using Castellan.Core.Users;
using Castellan.Server.Login;
using Castellan.Server.Pages;

namespace Castellan.Server.Mail;

/// <summary>Mails that a sign-in sends: their links lead back to it.</summary>
public sealed class LoginMail(ActionTokens tokens, IMailSender sender, MailQueue queue, ThemeFolder themes) : ILoginMail
{
    /// <summary>Sent in the background: how long it takes, and whether it worked, says nothing to whoever asked.</summary>
    public async ValueTask<bool> SendResetAsync(LoginContext context, User user)
    {
        var told = new LoginEvent
        {
            Type = EventTypes.SendResetPassword, ClientId = context.Event.ClientId, UserId = user.Id, IpAddress = context.Event.IpAddress,
            Details = context.Event.Details is { } details ? new(details) : null,
        };
        var (realm, events) = (context.Realm, context.Services.Events);
        if (SmtpSettings.Of(realm) is not { } settings)
        {
            await events.RecordAsync(realm, told.With("reason", MailFailures.Of(realm)).Failed("email_send_failed"), context.Ct);
            return true;
        }

        var seconds = Lifespan(context, ActionTypes.ResetCredentials);
        var token = Token(context, user, ActionTypes.ResetCredentials, seconds) with { PasswordOf = await context.Services.PasswordOfAsync(realm, user, context.Ct) };
        var link = await LinkAsync(context, token, context.Execution?.Id);
        var mail = MailTexts.PasswordReset(Words(context, user), link, seconds);
        queue.TryAdd(realm.Id, async stopping =>
            await events.RecordAsync(realm, await sender.SendAsync(settings, user.Email!, mail, stopping)
                ? told.With("email", user.Email) : told.With("reason", MailFailures.NotSent).Failed("email_send_failed"), stopping));
        return true;
    }

    public async ValueTask<string?> SendVerificationAsync(LoginContext context, User user)
    {
        var seconds = Lifespan(context, ActionTypes.VerifyEmail);
        return await SendAsync(context, Token(context, user, ActionTypes.VerifyEmail, seconds), user.Email!, link => MailTexts.Verification(Words(context, user), link, seconds));
    }

    public async ValueTask<string?> SendUpdateAsync(LoginContext context, User user, string newEmail, bool logoutSessions)
    {
        var seconds = Lifespan(context, ActionTypes.UpdateEmail);
        var token = Token(context, user, ActionTypes.UpdateEmail, seconds) with
        {
            NewEmail = newEmail,
            LogoutSessions = logoutSessions,
            // Whoever follows it changes an address, and goes on with no sign-in.
            SignIn = null,
        };
        return await SendAsync(context, token, newEmail, link => MailTexts.UpdateEmail(Words(context, user), link, seconds, newEmail));
    }

    public bool CanSend(Core.Realms.Realm realm) => SmtpSettings.Of(realm) is not null;

    public async ValueTask<string?> SendLinkAsync(LoginContext context, User user, IdentityProvider provider, BrokeredIdentity identity)
    {
        if (SmtpSettings.Of(context.Realm) is not { } settings)
        {
            return MailFailures.Of(context.Realm);
        }

        var seconds = Lifespan(context, ActionTypes.LinkIdentityProvider);
        var token = Token(context, user, ActionTypes.LinkIdentityProvider, seconds) with
        {
            IdentityProvider = provider.Alias,
            IdentityProviderUser = identity.Username,
            IdentityProviderAccount = LinkByMailStep.Proof(provider.Alias, identity.Id, user.Id),
        };
        var link = $"{await LinkAsync(context, token, null)}&execution={Uri.EscapeDataString(context.Execution!.Id)}";
        var mail = MailTexts.LinkIdentityProvider(Words(context, user), provider.DisplayName ?? LinkByMailStep.Capital(provider.Alias), identity.Username, link, seconds);
        return await sender.SendAsync(settings, user.Email!, mail, context.Ct) ? null : MailFailures.NotSent;
    }

    private async ValueTask<string?> SendAsync(LoginContext context, ActionToken token, string to, Func<string, MailText> write) =>
        SmtpSettings.Of(context.Realm) is not { } settings ? MailFailures.Of(context.Realm)
        : await sender.SendAsync(settings, to, write(await LinkAsync(context, token, null)), context.Ct) ? null
        : MailFailures.NotSent;

    /// <summary>The sign-in that a token is bound to.</summary>
    public static string SignInOf(AuthenticationTab tab) => $"{tab.RootId}.{tab.TabId}.{tab.ClientId}";

    private static ActionToken Token(LoginContext context, User user, string type, int seconds) =>
        new(type, user.Id, user.Email, (context.Now / 1000) + seconds) { Client = context.Client.ClientId, SignIn = SignInOf(context.Tab), RedirectUri = context.Tab.RedirectUri };

    private async ValueTask<string> LinkAsync(LoginContext context, ActionToken token, string? execution)
    {
        var key = await tokens.IssueAsync(context.Realm, token, context.Request.Issuer, context.Ct);
        return $"{context.Request.Issuer}/login-actions/action-token?key={key}{(execution is null ? "" : $"&execution={Uri.EscapeDataString(execution)}")}&{SignInWords.TabQuery(context.Client, context.Tab)}";
    }

    /// <summary>How long a link lives that the person asked for themselves; a realm may say so for each kind.</summary>
    private static int Lifespan(LoginContext context, string type) =>
        int.TryParse(context.Realm.Attribute($"actionTokenGeneratedByUserLifespan.{type}"), out var own) && own > 0 ? own
            : context.Realm.Settings.ActionTokenGeneratedByUserLifespan is > 0 and var all ? all : 300;

    private MailWords Words(LoginContext context, User user) =>
        new(context.Realm, Locales.OfMail(context.Realm, user, context.Tab.Note("kc_locale"), context.Tab.ClientNote("ui_locales"), context.Request.Languages), themes.Mail(context.Realm));
}
