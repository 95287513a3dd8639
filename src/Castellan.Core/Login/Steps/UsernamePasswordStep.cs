using Castellan.Core.Users;

namespace Castellan.Core.Login.Steps;

/// <summary>User name and password on one page. Nobody learns whether it was the name or the password that was wrong.</summary>
public sealed class UsernamePasswordStep(Passkeys passkeys) : ILoginStep
{
    public string Id => "auth-username-password-form";

    public async ValueTask<StepResult> BeginAsync(LoginContext context) =>
        context.User is not null && passkeys.HasProved(context) ? StepResult.Passed : StepResult.Ask(await PageAsync(context, null));

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

        if (OrganizationStep.Reopens(context, form))
        {
            return StepResult.Again;
        }

        var known = context.User;
        var name = context.Tab.Note(LoginNotes.NamedUsername) ?? form["username"] ?? "";
        var user = known;
        if (known is null)
        {
            user = await Names.FindAsync(context, name);
        }

        if (await CheckAsync(context, user, form["password"] ?? "") is { } wrong)
        {
            if (known is null)
            {
                context.Identify(null);
            }

            return StepResult.AskAgain((await PageAsync(context, name, form)).With(wrong));
        }

        Names.Remember(context, form);
        context.Identify(user);
        context.UsedCredential("password");
        return StepResult.Passed;
    }

    /// <summary>What is wrong; null for nothing.</summary>
    private static async ValueTask<LoginMessage?> CheckAsync(LoginContext context, User? user, string password)
    {
        if (user is null)
        {
            await context.Services.Credentials.PasswordAsync(context.Realm, null, password, null, context.Ct);
            await context.TellAsync("user_not_found");
            return LoginMessage.At("username", "invalidUserMessage");
        }

        context.Event.UserId = user.Id;
        if (await Names.WrongPasswordAsync(context, user, password))
        {
            return LoginMessage.At("username", context.Tab.UserId is not null && !OrganizationStep.Asked(context) ? "invalidPasswordMessage" : "invalidUserMessage");
        }

        if (!user.Enabled)
        {
            await context.TellAsync("user_disabled");
            return LoginMessage.Error("accountDisabledMessage");
        }

        return null;
    }

    private async ValueTask<LoginPage> PageAsync(LoginContext context, string? typed, LoginForm? form = null)
    {
        var forced = context.User is not null || context.Tab.Note(LoginNotes.NamedUsername) is not null;
        var name = forced ? context.User?.Username : typed ?? context.Tab.ClientNote(LoginNotes.LoginHint) ?? context.Request.RememberedUsername;
        return new UsernamePasswordPage(name, forced, form is null ? context.Request.RememberedUsername is not null : form["rememberMe"] is not null,
            await passkeys.RequestAsync(context));
    }
}
