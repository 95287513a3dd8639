using Castellan.Core.Events;
using Castellan.Core.Mail;

namespace Castellan.Core.Login.Actions;

public sealed record VerifyEmailPage(string Email) : LoginPage("login-verify-email");

/// <summary>Follow the link in the mail. The page waits; the link itself is another request.</summary>
public sealed class VerifyEmail(ILoginMail mail, ResendPause pause) : IRequiredAction
{
    // The address that this sign-in has sent a mail to: opening the page again sends no second one.
    private const string SentNote = "VERIFY_EMAIL_KEY";

    public string Alias => "VERIFY_EMAIL";

    public ValueTask<bool> IsWantedAsync(LoginContext context) =>
        new((context.Realm.Settings.VerifyEmail ?? false) && context.User is { Email.Length: > 0, Representation.EmailVerified: not true });

    /// <summary>The page's link to have another mail sent carries the code of the page; opening the page again does not.</summary>
    public ValueTask<ActionResult> BeginAsync(LoginContext context) => AskAsync(context, again: context.Request.Query.ContainsKey("session_code"));

    public ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form) => AskAsync(context, again: true);

    private async ValueTask<ActionResult> AskAsync(LoginContext context, bool again)
    {
        var user = context.User!;
        if ((user.Representation.EmailVerified ?? false) || user.Email is not { Length: > 0 } address)
        {
            // Verified meanwhile; or there is nowhere to send a mail to, and nothing that the person could do here.
            await ActionEvents.TellAsync(context, Alias, null, null, EventTypes.CustomRequiredAction);
            context.Event.Details?.Remove("custom_required_action");
            return ActionResult.Done;
        }

        LoginPage page = new VerifyEmailPage(address);
        if (context.Tab.Note(SentNote) == address && !again)
        {
            return ActionResult.Ask(page.With(new LoginMessage(MessageKind.Warning, "verifyEmailMessage")));
        }

        var first = context.Tab.Note(SentNote) != address;
        if (await pause.BeginAsync(context, Alias) is > 0 and var seconds)
        {
            context.Tab.SetNote(SentNote, address);
            return ActionResult.Ask(page.With(first
                ? new LoginMessage(MessageKind.Warning, "verifyEmailMessage")
                : LoginMessage.Error("emailVerifySendCooldown", seconds)));
        }

        var told = new LoginEvent
        {
            Type = EventTypes.SendVerifyEmail, ClientId = context.Event.ClientId, UserId = user.Id, IpAddress = context.Event.IpAddress,
            Details = context.Event.Details is { } details ? new(details) : null,
        };
        told.With("email", address);
        if (await mail.SendVerificationAsync(context, user) is { } reason)
        {
            await pause.EndAsync(context, Alias);
            await context.Services.Events.RecordAsync(context.Realm, told.With("reason", reason).Failed("email_send_failed"), context.Ct);
            return ActionResult.End(new ErrorPage(500, "emailSendErrorMessage"));
        }

        context.Tab.SetNote(SentNote, address);
        await context.Services.Events.RecordAsync(context.Realm, told, context.Ct);
        return ActionResult.Ask(page.With(new LoginMessage(MessageKind.Warning, "verifyEmailMessage")));
    }
}
