using Castellan.Core.Users;

namespace Castellan.Core.Login.Steps;

/// <summary>The password of a person who is known already.</summary>
public sealed class PasswordStep(Passkeys passkeys) : ILoginStep
{
    public string Id => "auth-password-form";

    public bool NeedsUser => true;

    public string? CredentialType => "password";

    public string NameKey => "password-display-name";

    public string HelpKey => "password-help-text";

    public async ValueTask<bool> IsConfiguredAsync(LoginContext context, User user) =>
        (await context.Services.CredentialsAsync(context.Realm, user, context.Ct)).Exists(c => c.Type == "password") || await passkeys.CanProveAsync(context, user);

    public async ValueTask<StepResult> BeginAsync(LoginContext context) =>
        passkeys.HasProved(context) ? StepResult.Passed : StepResult.Ask(new PasswordPage(await passkeys.RequestAsync(context)));

    public async ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        if (OrganizationStep.Reopens(context, form))
        {
            return StepResult.Again;
        }

        if (passkeys.IsAnswer(context, form))
        {
            return await passkeys.AnswerAsync(context, form) is { } refusal
                ? StepResult.AskAgain(new PasswordPage(await passkeys.RequestAsync(context)).With(refusal))
                : StepResult.Passed;
        }

        if (!await Names.WrongPasswordAsync(context, context.User!, form["password"] ?? ""))
        {
            context.UsedCredential("password");
            return StepResult.Passed;
        }

        return StepResult.AskAgain(new PasswordPage(await passkeys.RequestAsync(context)).With(LoginMessage.At("password", "invalidPasswordMessage")));
    }
}
