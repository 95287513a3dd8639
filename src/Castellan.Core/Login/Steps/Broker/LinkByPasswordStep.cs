namespace Castellan.Core.Login.Steps.Broker;

/// <summary>The link is proved by the password of the person here. Their name comes with the form, and must be theirs.</summary>
public sealed class LinkByPasswordStep : ILoginStep
{
    public string Id => "idp-username-password-form";

    public async ValueTask<StepResult> BeginAsync(LoginContext context) =>
        Arrival.Of(context) is var (provider, _) && await ExistingUser.ReadAsync(context) is { } user
            ? StepResult.Ask(Page(user).With(Nested(context) ?? new LoginMessage(MessageKind.Info, "federatedIdentityConfirmReauthenticateMessage", [provider.DisplayName ?? provider.Alias])))
            : StepResult.Attempted;

    public async ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        if (Arrival.Of(context) is null || await ExistingUser.ReadAsync(context) is not { } user)
        {
            return StepResult.Attempted;
        }

        var password = form["password"] ?? "";
        var named = await Names.FindAsync(context, form["username"] ?? "");
        if (named is null || named.Id != user.Id)
        {
            // Costs what a wrong password costs, and says no more.
            await context.Services.Credentials.PasswordAsync(context.Realm, null, password, null, context.Ct);
            context.Event.UserId = null;
            if (form["username"] is not { Length: > 0 })
            {
                context.Event.Details?.Remove("username");
            }

            await context.TellAsync("user_not_found");
            return Wrong(user);
        }

        context.Event.UserId = user.Id;
        if (await Names.WrongPasswordAsync(context, user, password))
        {
            return Wrong(user);
        }

        if (!user.Enabled)
        {
            await context.TellAsync("user_disabled");
            return StepResult.AskAgain(Page(user).With(LoginMessage.Error("accountDisabledMessage")));
        }

        context.Identify(user);
        context.UsedCredential("password");
        return StepResult.Passed;
    }

    /// <summary>Said once: the person tried to prove themselves by another provider's account, and nobody here has that one either.</summary>
    private static LoginMessage? Nested(LoginContext context)
    {
        var nested = context.Tab.Note(LoginNotes.NestedBroker)?.Split('\n', 2);
        context.Tab.SetNote(LoginNotes.NestedBroker, null);
        return nested is [var alias, var account] ? LoginMessage.Error("nestedFirstBrokerFlowMessage", alias, account) : null;
    }

    private static StepResult Wrong(Users.User user) => StepResult.AskAgain(Page(user).With(LoginMessage.At("username", "invalidUserMessage")));

    private static LoginPage Page(Users.User user) => new UsernamePasswordPage(user.Username, false, false, null) { ForLink = true };
}
