using System.Text;

namespace Castellan.Core.Login.Steps;

/// <summary>User name and password in the header <c>Authorization</c> (RFC 7617): for clients that are no browser and show no pages.</summary>
public sealed class HttpBasicStep : ILoginStep
{
    private const string Scheme = "Basic ";
    private const int MaxLength = 2048;

    public string Id => "http-basic-authenticator";

    public string? CredentialType => "password";

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        if (Read(context.Request.Headers.GetValueOrDefault("Authorization")) is not var (name, password))
        {
            return StepResult.Fail(FlowError.UnknownUser);
        }

        context.Tab.SetNote(LoginNotes.AttemptedUsername, name);
        context.Event.With("username", name);
        var user = await context.Services.Users.FindByUsernameAsync(context.Realm.Id, name.ToLowerInvariant(), context.Ct);
        var result = await context.Services.Credentials.PasswordAsync(context.Realm, user, password, user is null ? null : context.Request.IpAddress, context.Ct);
        if (result == CheckResult.Busy)
        {
            throw new BusyException();
        }

        if (user is null)
        {
            return StepResult.Fail(FlowError.UnknownUser);
        }

        context.Identify(user);
        if (result != CheckResult.Right)
        {
            return StepResult.Fail(result == CheckResult.Locked ? FlowError.UserLocked : FlowError.InvalidCredentials);
        }

        context.UsedCredential("password");
        return user.Enabled ? StepResult.Passed : StepResult.Fail(FlowError.UserDisabled);
    }

    private static (string Name, string Password)? Read(string? header)
    {
        if (header is not { Length: <= MaxLength } || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var bytes = new byte[header.Length];
        return Convert.TryFromBase64String(header[Scheme.Length..].Trim(), bytes, out var length) && Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [{ Length: > 0 and <= 255 } name, var password]
            ? (name, password) : null;
    }
}
