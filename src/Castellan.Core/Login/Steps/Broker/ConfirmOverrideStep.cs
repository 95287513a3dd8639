namespace Castellan.Core.Login.Steps.Broker;

public sealed record ConfirmOverridePage() : LoginPage("login-idp-link-confirm-override");

/// <summary>The person here is linked to another account of the provider: shall this one take its place? Proves nothing.</summary>
public sealed class ConfirmOverrideStep : ILoginStep
{
    public string Id => "idp-confirm-override-link";

    /// <summary>Whether the person was asked in this sign-in, and wants their link to the provider replaced.</summary>
    public static bool IsConfirmed(LoginContext context, string userId) => context.Tab.Note(LoginNotes.OverrideLink) == userId;

    public ValueTask<StepResult> BeginAsync(LoginContext context) => AskAsync(context, null);

    public ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form) => AskAsync(context, form);

    private static async ValueTask<StepResult> AskAsync(LoginContext context, LoginForm? form)
    {
        if (Arrival.Of(context) is not var (provider, identity) || await ExistingUser.ReadAsync(context) is not { } user)
        {
            return StepResult.Attempted;
        }

        if (!user.Enabled)
        {
            return StepResult.Fail(FlowError.UserDisabled);
        }

        var links = await context.Services.Users.FederatedIdentitiesAsync(context.Realm.Id, user.Id, context.Ct);
        if (links.Find(l => l.IdentityProvider == provider.Alias) is not { } linked || linked.UserId == identity.Id)
        {
            return StepResult.Passed;
        }

        if (form?["submitAction"] == "confirmOverride")
        {
            context.Tab.SetNote(LoginNotes.OverrideLink, user.Id);
            return StepResult.Passed;
        }

        var page = new ConfirmOverridePage().With(new LoginMessage(
            MessageKind.Warning, "federatedIdentityConfirmOverrideMessage", [user.Username, provider.Alias, identity.Username, provider.Alias, linked.UserName]));
        return form is null ? StepResult.Ask(page) : StepResult.AskAgain(page);
    }
}
