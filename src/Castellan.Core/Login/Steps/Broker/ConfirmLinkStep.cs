namespace Castellan.Core.Login.Steps.Broker;

/// <param name="Field">What the account and the person here have in common: <c>email</c> or <c>username</c>.</param>
public sealed record ConfirmLinkPage(string Field, string Value) : LoginPage("login-idp-link-confirm");

/// <summary>Somebody here has the account's address or name: is it them, or shall the profile be another? Proves nothing.</summary>
public sealed class ConfirmLinkStep : ILoginStep
{
    public string Id => "idp-confirm-link";

    public ValueTask<StepResult> BeginAsync(LoginContext context) => new(ExistingUser.Noted(context) is { } existing ? StepResult.Ask(Page(existing)) : StepResult.Attempted);

    public ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        if (ExistingUser.Noted(context) is not { } existing)
        {
            return new(StepResult.Attempted);
        }

        switch (form["submitAction"])
        {
            case "updateProfile":
                context.Tab.SetNote(LoginNotes.EnforceReview, "true");
                ExistingUser.Note(context, null);
                return new(StepResult.Restart);
            case "linkAccount":
                return new(StepResult.Passed);
            default:
                return new(StepResult.AskAgain(Page(existing)));
        }
    }

    private static LoginPage Page(ExistingUser existing) =>
        new ConfirmLinkPage(existing.Field, existing.Value).With(new LoginMessage(MessageKind.Warning, "federatedIdentityConfirmLinkMessage", [existing.Field, existing.Value]));
}
