using Castellan.Core.Events;
using Castellan.Core.Mail;

namespace Castellan.Core.Login.Actions;

/// <param name="Sent">Whether a mail is under way already.</param>
public sealed record VerifyEmailPage(string Email, bool Sent = true) : LoginPage("login-verify-email");

/// <summary>Follow the link in the mail. The page waits; the link itself is another request.</summary>
public sealed class VerifyEmail(ILoginMail mail, ResendPause pause) : IRequiredAction
{
    // The address that this sign-in has sent a mail to: opening the page again sends no second one.
    private const string SentNote = "VERIFY_EMAIL_KEY";

    public const string Id = "VERIFY_EMAIL";

    public string Alias => Id;

    public bool IsKept => true;

    /// <summary>Not of those who are about to give another address, where people can do so.</summary>
    public ValueTask<bool> IsWantedAsync(LoginContext context) =>
        new((context.Realm.Settings.VerifyEmail ?? false) && context.User is { Representation.EmailVerified: not true } user
            && !((user.Representation.RequiredActions?.Contains(UpdateEmail.Id) ?? false) && RequiredActions.IsEnabled(context.Realm, UpdateEmail.Id)));

    /// <summary>The page's link to have another mail sent carries the code of the page; opening the page again does not.</summary>
    public ValueTask<ActionResult> BeginAsync(LoginContext context) => AskAsync(context, again: context.Request.Query.ContainsKey("session_code"));

    public ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form) => AskAsync(context, again: true);

    private async ValueTask<ActionResult> AskAsync(LoginContext context, bool again)
    {
        var user = context.User!;
        if (user.Representation.EmailVerified ?? false)
        {
            await ActionEvents.TellPassedAsync(context, Alias);
            return ActionResult.Done;
        }

        if (user.Email is not { Length: > 0 } address)
        {
            // There is nowhere to send a mail to, and nothing that the person could do here.
            return ActionResult.Passed;
        }

        var sent = context.Tab.Note(SentNote) == address;
        var page = new VerifyEmailPage(address, sent);
        var warning = new LoginMessage(MessageKind.Warning, "verifyEmailMessage");
        if (!again && (sent || RequiredActions.AskedFor(context)?.Alias == Alias))
        {
            // What the application asks for the person starts.
            return ActionResult.Ask(page.With(RequiredActions.IsAppInitiated(context, Alias) ? null : warning));
        }

        if (!again)
        {
            if (!await pause.MaySendUnaskedAsync(context, user, Alias))
            {
                // One is under way from another sign-in.
                return ActionResult.Ask((page with { Sent = true }).With(warning));
            }
        }
        else if (await pause.BeginAsync(context, Alias) is > 0 and var seconds)
        {
            return ActionResult.Ask(page.With(LoginMessage.Error("emailVerifySendCooldown", seconds)));
        }

        var told = ActionEvents.Copy(context, EventTypes.SendVerifyEmail).With("email", address);
        if (await mail.SendVerificationAsync(context, user) is { } reason)
        {
            await pause.EndAsync(context, Alias);
            await context.Services.Events.RecordAsync(context.Realm, told.With("reason", reason).Failed("email_send_failed"), context.Ct);
            return ActionResult.End(new ErrorPage(500, "emailSendErrorMessage"));
        }

        context.Tab.SetNote(SentNote, address);
        await context.Services.Events.RecordAsync(context.Realm, told, context.Ct);
        return ActionResult.Ask((page with { Sent = true }).With(RequiredActions.IsAppInitiated(context, Alias) ? null : warning));
    }
}
