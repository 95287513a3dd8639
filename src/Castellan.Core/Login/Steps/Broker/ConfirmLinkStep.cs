namespace Castellan.Core.Login.Steps.Broker;

/// <param name="Field">What the account and the person here have in common: <c>email</c> or <c>username</c>.</param>
/// <param name="MayReview">Whether the flow has a page on which the profile can be changed instead.</param>
public sealed record ConfirmLinkPage(string Field, string Value, bool MayReview) : LoginPage("login-idp-link-confirm");

/// <summary>Somebody here has the account's address or name: is it them, or shall the profile be another? Proves nothing.</summary>
public sealed class ConfirmLinkStep : ILoginStep
{
    public string Id => "idp-confirm-link";

    public ValueTask<StepResult> BeginAsync(LoginContext context) => new(ExistingUser.Noted(context) is { } existing ? StepResult.Ask(Page(context, existing)) : StepResult.Attempted);

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
                return new(StepResult.AskAgain(Page(context, existing)));
        }
    }

    private static LoginPage Page(LoginContext context, ExistingUser existing) =>
        new ConfirmLinkPage(existing.Field, existing.Value, context.Flow is { } flow && HasReviewed(context, flow)).With(new LoginMessage(MessageKind.Warning, "federatedIdentityConfirmLinkMessage", [existing.Field, existing.Value]));

    private static bool HasReviewed(LoginContext context, Flow flow) => flow.Executions.Any(e =>
        e.Flow is { } inner ? HasReviewed(context, inner) : e.Step == ReviewProfileStep.Name && context.Tab.Statuses.GetValueOrDefault(e.Id) == ExecutionStatus.Success);
}
