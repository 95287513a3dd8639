using Castellan.Core.Users.LoginFailures;

namespace Castellan.Core.Login.Steps;

/// <summary>The <c>username</c> of a password grant (RFC 6749 §4.3.2).</summary>
public sealed class GrantUsernameStep : ILoginStep
{
    public string Id => "direct-grant-validate-username";

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        var form = context.GrantForm!;
        var user = await Names.FindAsync(context, form["username"] ?? "");
        if (user is null)
        {
            await context.Services.Credentials.PasswordAsync(context.Realm, null, form["password"] ?? "", null, context.Ct);
            context.Event.Error = "user_not_found";
            return StepResult.Fail(FlowError.InvalidCredentials);
        }

        context.Identify(user);
        return StepResult.Passed;
    }
}

/// <summary>The <c>password</c> of a password grant.</summary>
public sealed class GrantPasswordStep : ILoginStep
{
    public string Id => "direct-grant-validate-password";

    public bool NeedsUser => true;

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        return GrantChecks.Take(context, "password", await context.Services.Credentials.PasswordAsync(
            context.Realm, context.User!, context.GrantForm!["password"] ?? "", context.Request.IpAddress, context.Ct));
    }
}

/// <summary>The <c>totp</c> (or <c>otp</c>) of a password grant.</summary>
public sealed class GrantOtpStep : ILoginStep
{
    public string Id => "direct-grant-validate-otp";

    public bool NeedsUser => true;

    public async ValueTask<bool> IsConfiguredAsync(LoginContext context, Users.User user) =>
        (await context.Services.CredentialsAsync(context.Realm, user, context.Ct)).Exists(c => c.Type == "otp");

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        var code = (context.GrantForm!["otp"] ?? context.GrantForm["totp"]) is { Length: <= 20 } given ? given : "";
        return GrantChecks.Take(context, "otp", await context.Services.Credentials.OtpAsync(context.Realm, context.User!, null, code, context.Request.IpAddress, context.Ct));
    }
}

/// <summary>What a check means for a password grant.</summary>
internal static class GrantChecks
{
    public static StepResult Take(LoginContext context, string type, CheckResult result)
    {
        switch (result)
        {
            case CheckResult.Right:
                context.UsedCredential(type);
                return StepResult.Passed;
            case CheckResult.Locked:
                context.Event.Error = BruteForceGuard.ErrorOf(context.User!);
                return StepResult.Fail(FlowError.UserLocked);
            case CheckResult.Busy:
                throw new BusyException();
            default:
                context.Event.Error = "invalid_user_credentials";
                return StepResult.Fail(FlowError.InvalidCredentials);
        }
    }
}
