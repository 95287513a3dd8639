using Castellan.Core.Credentials;
using Castellan.Core.Events;

namespace Castellan.Core.Login.Actions;

public sealed record UpdatePasswordPage() : LoginPage("login-update-password");

/// <summary>A new password.</summary>
public sealed class UpdatePassword(PasswordChanges passwords, PasswordResets resets) : IRequiredAction
{
    public const string Id = "UPDATE_PASSWORD";

    /// <summary>A directory has rules of its own, and does not say which.</summary>
    private const string DirectoryRefuses = "invalidPasswordGenericMessage";

    public string Alias => Id;

    public bool IsKept => true;

    /// <summary>Wanted when the policy says that passwords expire and this one has. Only of those who come by their password.</summary>
    public async ValueTask<bool> IsWantedAsync(LoginContext context)
    {
        var policy = PasswordPolicy.Of(context.Realm);
        if (policy.ExpiresAfterDays is null || !context.HasUsed(Passwords.Type))
        {
            return false;
        }

        var password = (await context.Services.CredentialsAsync(context.Realm, context.User!, context.Ct)).Find(c => c.Type == Passwords.Type);
        return password is not null && policy.IsExpired(password, context.Now);
    }

    public ValueTask<ActionResult> BeginAsync(LoginContext context) => new(ActionResult.Ask(RequiredActions.IsAppInitiated(context, Alias)
        ? new UpdatePasswordPage()
        : new UpdatePasswordPage().With(new LoginMessage(MessageKind.Warning, context.Tab.Note(LoginNotes.ResetPassword) is null ? "updatePasswordMessage" : "resetPasswordMessage"))));

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        var password = form["password-new"] ?? "";
        if (string.IsNullOrWhiteSpace(password))
        {
            return await RefuseAsync(context, "password_missing", LoginMessage.At("password", "missingPasswordMessage"));
        }

        if (password != form["password-confirm"])
        {
            return await RefuseAsync(context, "password_confirm_error", LoginMessage.At("password-confirm", "notMatchPasswordMessage"));
        }

        var change = await passwords.ReplaceAsync(context.Realm, context.User!, password, context.Ct);
        if (change.Busy)
        {
            throw new BusyException();
        }

        if (change.Refusal is { } refusal)
        {
            context.Event.With("reason", refusal.Key);
            return await RefuseAsync(context, "password_rejected", LoginMessage.Error(refusal.Key, [.. refusal.Parameters]));
        }

        var outcome = await resets.SetAsync(context, change.Changes);
        if (outcome == PasswordSetting.Refused)
        {
            context.Event.With("reason", DirectoryRefuses);
            return await RefuseAsync(context, "password_rejected", LoginMessage.Error(DirectoryRefuses));
        }

        if (outcome == PasswordSetting.Past)
        {
            await ActionEvents.TellAsync(context, Alias, "password", "expired_code", EventTypes.UpdateCredential, EventTypes.UpdatePassword);
            return ActionResult.End(new ErrorPage(400, "expiredActionMessage"));
        }

        await ActionEvents.EndOtherSessionsAsync(context, form, Alias, "password");
        await ActionEvents.TellAsync(context, Alias, "password", null, EventTypes.UpdateCredential, EventTypes.UpdatePassword);
        return ActionResult.Done;
    }

    private async ValueTask<ActionResult> RefuseAsync(LoginContext context, string error, LoginMessage message)
    {
        await ActionEvents.TellAsync(context, Alias, "password", error, EventTypes.UpdateCredential, EventTypes.UpdatePassword);
        context.Event.Details?.Remove("reason");
        return ActionResult.Ask(new UpdatePasswordPage().With(message));
    }
}
