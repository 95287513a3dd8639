using Castellan.Core.Login.Actions;

namespace Castellan.Core.Login.Steps;

/// <summary>Who forgot a password. Whether there is such a person is not said.</summary>
public sealed class ResetChooseUserStep : ILoginStep
{
    public string Id => "reset-credentials-choose-user";

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        if (context.User is not null)
        {
            return StepResult.Passed;
        }

        // Who is signed in need not say who they are; the mail goes to them alone.
        if (context.SignedInHere is { } session && await context.Services.Users.FindAsync(context.Realm.Id, session.UserId, context.Ct) is { Enabled: true } user)
        {
            context.Tab.SetNote(LoginNotes.AttemptedUsername, user.Username);
            context.Event.With("username", user.Username);
            context.Identify(user);
            return StepResult.Passed;
        }

        return StepResult.Ask(new ResetPasswordPage(context.Tab.ClientNote(LoginNotes.LoginHint)));
    }

    public async ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        var name = form["username"] ?? "";
        if (name.Length == 0)
        {
            await context.TellAsync("username_missing");
            return StepResult.AskAgain(new ResetPasswordPage(null).With(LoginMessage.At("username", "missingUsernameMessage")));
        }

        if (await Names.FindAsync(context, name) is not { } user)
        {
            await context.TellAsync("user_not_found");
        }
        else if (!user.Enabled)
        {
            await context.TellAsync("user_disabled");
        }
        else
        {
            context.Identify(user);
        }

        return StepResult.Passed;
    }
}

/// <summary>A mail with a link on which the reset goes on. The page afterwards is the same for everybody.</summary>
public sealed class ResetEmailStep(ILoginMail mail) : ILoginStep
{
    // Whoever asks waits this long, whether or not there was anybody to send a mail to.
    private static readonly TimeSpan s_answer = TimeSpan.FromMilliseconds(300);

    public string Id => "reset-credential-email";

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        if (context.User is { } proved && context.Tab.Note(LoginNotes.ActionTokenUser) == proved.Id)
        {
            // The link in the mail was followed: that was this step.
            var again = context.Execution!.Setting("force-login") ?? "only-federated";
            if (again.Equals("true", StringComparison.OrdinalIgnoreCase)
                || (again.Equals("only-federated", StringComparison.OrdinalIgnoreCase) && proved.Representation.FederationLink is { Length: > 0 }))
            {
                // The new password is set, and the person signs in with it.
                context.Tab.SetNote(LoginNotes.EndAfterActions, "true");
            }

            return StepResult.Passed;
        }

        var answer = Task.Delay(s_answer, context.Services.Time, context.Ct);
        if (context.User is { Email.Length: > 0 } user)
        {
            if (!await mail.SendResetAsync(context, user))
            {
                await context.TellAsync("email_send_failed");
            }
        }
        else if (context.User is not null)
        {
            await context.TellAsync("invalid_email");
        }

        await answer;
        return StepResult.Fork(new LoginMessage(MessageKind.Success, "emailSentMessage"));
    }
}

/// <summary>The password is to be set anew.</summary>
public sealed class ResetPasswordStep : ILoginStep
{
    public string Id => "reset-password";

    public bool NeedsUser => true;

    public ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        if (!context.Execution!.IsRequired)
        {
            // As an alternative it asks for nothing.
            return new(StepResult.Passed);
        }

        context.Tab.SetNote(LoginNotes.ResetPassword, "true");
        return new(StepResult.SetUp(UpdatePassword.Id));
    }
}

/// <summary>
/// The device for one-time codes is to be set up anew; those that there are stay, go, or one of them goes, as the step is set. They go when the new one is
/// there: whoever walks away before that would be left without a second factor.
/// </summary>
public sealed class ResetOtpStep : ILoginStep
{
    public string Id => "reset-otp";

    public bool NeedsUser => true;

    public async ValueTask<bool> IsConfiguredAsync(LoginContext context, Users.User user) =>
        (await context.Services.CredentialsAsync(context.Realm, user, context.Ct)).Exists(c => c.Type == "otp");

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        var devices = await OtpStep.DevicesAsync(context);
        switch (context.Execution!.Setting("action_on_otp_reset_flag"))
        {
            case "Remove one" when devices.Count > 0:
                return StepResult.Ask(new ResetOtpPage(devices));
            case "Remove all":
                return Replace(context, devices.Select(d => d.Id));
            default:
                return Replace(context, []);
        }
    }

    public async ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        var devices = await OtpStep.DevicesAsync(context);
        var chosen = devices.Where(d => d.Id == form["selectedCredentialId"]).Select(d => d.Id).ToList();
        return chosen.Count == 0 && devices.Count > 0
            ? StepResult.AskAgain(new ResetOtpPage(devices).With(LoginMessage.Error("error-reset-otp-missing-id")))
            : Replace(context, chosen);
    }

    private static StepResult Replace(LoginContext context, IEnumerable<string> devices)
    {
        ConfigureTotp.Replace(context, devices);
        return StepResult.SetUp(ConfigureTotp.Id);
    }
}
