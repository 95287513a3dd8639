using Castellan.Core.Users.LoginFailures;

namespace Castellan.Core.Login.Steps;

/// <summary>The user name alone; the password or something else follows on a page of its own.</summary>
public sealed class UsernameStep(Passkeys passkeys) : ILoginStep
{
    public string Id => "auth-username-form";

    public async ValueTask<StepResult> BeginAsync(LoginContext context) =>
        context.User is not null ? StepResult.Passed : StepResult.Ask(await PageAsync(context, null));

    public async ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        if (form.Has("cancel"))
        {
            return StepResult.Restart;
        }

        if (passkeys.IsAnswer(context, form))
        {
            return await passkeys.AnswerAsync(context, form) is { } refusal ? StepResult.AskAgain((await PageAsync(context, null)).With(refusal)) : StepResult.Passed;
        }

        var name = form["username"] ?? "";
        var user = await Names.FindAsync(context, name);
        if (user is null)
        {
            await context.TellAsync("user_not_found");
            return StepResult.AskAgain((await PageAsync(context, name, form)).With(LoginMessage.At("username", Wrong(context))));
        }

        context.Event.UserId = user.Id;
        if (await context.Services.Guard.IsLockedAsync(context.Realm, user, context.Ct))
        {
            await context.TellAsync(BruteForceGuard.ErrorOf(user));
            return StepResult.AskAgain((await PageAsync(context, name, form)).With(LoginMessage.At("username", Wrong(context))));
        }

        if (!user.Enabled)
        {
            await context.TellAsync("user_disabled");
            return StepResult.AskAgain((await PageAsync(context, name, form)).With(LoginMessage.Error("accountDisabledMessage")));
        }

        Names.Remember(context, form);
        context.Identify(user);
        return StepResult.Passed;
    }

    private static string Wrong(LoginContext context) =>
        context.Realm.Settings.LoginWithEmailAllowed ?? false ? "invalidUsernameOrEmailMessage" : "invalidUsernameMessage";

    private async ValueTask<LoginPage> PageAsync(LoginContext context, string? typed, LoginForm? form = null) => new UsernamePage(
        typed ?? context.Tab.ClientNote(LoginNotes.LoginHint) ?? context.Request.RememberedUsername,
        form is null ? context.Request.RememberedUsername is not null : form["rememberMe"] is not null,
        await passkeys.RequestAsync(context));
}
