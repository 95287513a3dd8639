using Castellan.Core.Events;
using Castellan.Core.Login.Actions;
using Castellan.Core.Mail;

namespace Castellan.Core.Login.Steps.Broker;

/// <param name="Provider">The provider in words.</param>
/// <param name="Account">The account's name there.</param>
public sealed record LinkByMailPage(string Provider, string Account) : LoginPage("login-idp-link-email");

/// <summary>The link is proved by the mailbox of the person here: whoever follows the mail's link reads it.</summary>
public sealed class LinkByMailStep(ILoginMail mail, ResendPause pause) : ILoginStep
{
    // The address that this sign-in has sent a mail to: opening the page again sends no second one.
    private const string SentNote = "VERIFY_ACCOUNT_IDP_SENT";

    public string Id => "idp-email-verification";

    /// <summary>What the mail of a sign-in confirms: this account, for this person, and nothing that was put in its place meanwhile.</summary>
    public static string Proof(string provider, string accountId, string userId) => Secret.Hash($"{provider}\n{accountId}\n{userId}");

    public ValueTask<StepResult> BeginAsync(LoginContext context) => AskAsync(context, again: context.Request.Query.ContainsKey("session_code"));

    public ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form) => AskAsync(context, again: false);

    private async ValueTask<StepResult> AskAsync(LoginContext context, bool again)
    {
        if (Arrival.Of(context) is not var (provider, identity) || await ExistingUser.ReadAsync(context) is not { } user)
        {
            return StepResult.Attempted;
        }

        if (context.Tab.Note(LoginNotes.ReviewChanged) is not null)
        {
            // The name or address is the person's own word now and no longer the provider's: the password says more than a mail.
            return StepResult.Attempted;
        }

        if (!user.Enabled)
        {
            return StepResult.Fail(FlowError.UserDisabled);
        }

        if (context.Tab.Note(LoginNotes.LinkConfirmed) is { } proof && proof == Proof(identity.Provider, identity.Id, user.Id))
        {
            context.Identify(user);
            if (!context.Tab.RequiredActions.Contains(VerifyEmail.Id))
            {
                // The mail has verified the address too: what waited for that is settled with the rest of the actions.
                context.Tab.RequiredActions.Add(VerifyEmail.Id);
            }

            return StepResult.Passed;
        }

        if (user.Email is not { Length: > 0 } address || !mail.CanSend(context.Realm))
        {
            return StepResult.Attempted;
        }

        var page = new LinkByMailPage(provider.DisplayName ?? Capital(provider.Alias), identity.Username).With(
            new LoginMessage(MessageKind.Warning, "linkIdpMessage", [provider.DisplayName ?? Capital(provider.Alias)]));
        if ((context.Tab.Note(SentNote) == address && !again) || !await pause.MaySendUnaskedAsync(context, user, Id))
        {
            // It was sent, now or by another sign-in: the mailbox may be that of somebody who knows nothing of it.
            return StepResult.Ask(page);
        }

        var told = BrokerEvents.Copy(context, EventTypes.SendIdentityProviderLink, "auth_method");
        told.UserId = user.Id;
        told.With("email", address).With("username", user.Username);
        if (await mail.SendLinkAsync(context, user, provider, identity) is { } reason)
        {
            await context.Services.Events.RecordAsync(context.Realm, told.With("reason", reason).Failed("email_send_failed"), context.Ct);
            return StepResult.Fail(FlowError.InvalidCredentials, new ErrorPage(500, "emailSendErrorMessage"));
        }

        context.Tab.SetNote(SentNote, address);
        await context.Services.Events.RecordAsync(context.Realm, told, context.Ct);
        return StepResult.Ask(page);
    }

    /// <summary>An alias as a name.</summary>
    public static string Capital(string alias) => alias.Length == 0 ? alias : char.ToUpperInvariant(alias[0]) + alias[1..];
}
