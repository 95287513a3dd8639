using Castellan.Core.Login.Actions;
using Castellan.Core.Users;

namespace Castellan.Core.Login.Steps;

/// <summary>A one-time code from a device (RFC 6238, RFC 4226).</summary>
public class OtpStep : ILoginStep
{
    public virtual string Id => "auth-otp-form";

    public bool NeedsUser => true;

    public string? CredentialType => "otp";

    public string NameKey => "otp-display-name";

    public string HelpKey => "otp-help-text";

    public string? SetupAction => ConfigureTotp.Id;

    public virtual async ValueTask<bool> IsConfiguredAsync(LoginContext context, User user) =>
        (await context.Services.CredentialsAsync(context.Realm, user, context.Ct)).Exists(c => c.Type == "otp");

    public virtual async ValueTask<StepResult> BeginAsync(LoginContext context) => StepResult.Ask(await PageAsync(context, null));

    public async ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        var device = form["selectedCredentialId"] is { Length: > 0 } id ? id : (await DevicesAsync(context)).FirstOrDefault().Id;
        context.Event.With("selected_credential_id", device);
        if (!form.Has("otp"))
        {
            // A form that gives no code at all is no guess.
            return StepResult.Ask(await PageAsync(context, device));
        }

        var code = form["otp"] is { Length: <= 20 } given ? given : "";
        if (await Names.IsRightAsync(context, await context.Services.Credentials.OtpAsync(context.Realm, context.User!, device, code, context.Request.IpAddress, context.Ct)))
        {
            context.UsedCredential("otp");
            return StepResult.Passed;
        }

        return StepResult.AskAgain((await PageAsync(context, device)).With(LoginMessage.At("totp", "invalidTotpMessage")));
    }

    private static async ValueTask<OtpPage> PageAsync(LoginContext context, string? selected)
    {
        // Of what the browser names only a device of the person's own stays chosen.
        var devices = await DevicesAsync(context);
        return new OtpPage(devices, devices.Exists(d => d.Id == selected) ? selected : devices.FirstOrDefault().Id);
    }

    /// <summary>Id and label of each device that gives the person codes.</summary>
    internal static async ValueTask<List<(string Id, string? Label)>> DevicesAsync(LoginContext context) =>
        [.. (await context.Services.CredentialsAsync(context.Realm, context.User!, context.Ct)).Where(c => c.Type == "otp").Select(c => (c.Id!, c.UserLabel))];
}
