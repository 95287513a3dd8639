using Castellan.Core.Events;

namespace Castellan.Core.Login.Actions;

public sealed record VerifyEmailPage(string Email) : LoginPage("login-verify-email");

/// <summary>The person's address, proved by a link that is sent to it.</summary>
public sealed class VerifyEmail(ILoginMail mail) : IRequiredAction
{
    public string Alias => "VERIFY_EMAIL";

    public ValueTask<bool> IsWantedAsync(LoginContext context) =>
        new((context.Realm.Settings.VerifyEmail ?? false) && context.User is { Email.Length: > 0, Representation.EmailVerified: not true });

    public async ValueTask<ActionResult> BeginAsync(LoginContext context)
    {
        if (context.User is not { Email: { Length: > 0 } address } user || (user.Representation.EmailVerified ?? false))
        {
            return ActionResult.Done;
        }

        if (!await mail.SendVerificationAsync(context, user))
        {
            await ActionEvents.TellAsync(context, Alias, null, "email_send_failed", EventTypes.SendVerifyEmail);
            return ActionResult.End(new ErrorPage(500, "emailSendErrorMessage"));
        }

        await ActionEvents.TellAsync(context, Alias, null, null, EventTypes.SendVerifyEmail);
        return ActionResult.Ask(new VerifyEmailPage(address).With(new LoginMessage(MessageKind.Warning, "verifyEmailMessage")));
    }

    public ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form) => BeginAsync(context);
}
