using System.Text.Json;
using Castellan.Core.Login.Actions;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;

namespace Castellan.Core.Login.Steps;

/// <summary>One of the codes that a person printed for the day on which the phone is gone. They are used in their order.</summary>
public sealed class RecoveryCodeStep : ILoginStep
{
    private static readonly LoginMessage s_wrong = LoginMessage.At("recoveryCodeInput", "recovery-codes-error-invalid");

    public string Id => "auth-recovery-authn-code-form";

    public bool NeedsUser => true;

    public string? CredentialType => "recovery-authn-codes";

    public string? SetupAction => ConfigureRecoveryCodes.Id;

    public async ValueTask<bool> IsConfiguredAsync(LoginContext context, User user) => await NextAsync(context, user) is not null;

    public async ValueTask<StepResult> BeginAsync(LoginContext context) => StepResult.Ask(new RecoveryCodePage(await NextAsync(context, context.User!) ?? 1));

    public async ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        var user = context.User!;
        context.Event.With("credential_type", "recovery-authn-codes");
        var code = form["recoveryCodeInput"] is { Length: <= 40 } given ? given : "";
        var result = await context.Services.Credentials.RecoveryCodeAsync(context.Realm, user, code, context.Request.IpAddress, context.Ct);
        if (result == CheckResult.Locked && (context.Tab.Note(LoginNotes.SessionInvalid) is not null || string.IsNullOrWhiteSpace(code)))
        {
            await context.TellAsync(BruteForceGuard.ErrorOf(user));
            await context.TellAsync("invalid_user_credentials");
            return await AskAgainAsync(context, s_wrong);
        }

        if (await Names.IsRightAsync(context, result))
        {
            context.UsedCredential("recovery-authn-codes");
            if (await NextAsync(context, user) is null)
            {
                // The last one is used up: new ones are made, in this sign-in or in the next.
                var empty = (await context.Services.CredentialsAsync(context.Realm, user, context.Ct)).Where(c => c.Type == CredentialType).Select(Change (c) => new DeleteCredential(user.Id, c.Id!));
                await context.Services.ApplyAsync(context.Realm, context.Ct, [.. empty]);
                await context.RequireAsync(SetupAction!);
            }

            return StepResult.Passed;
        }

        return await AskAgainAsync(context, result == CheckResult.Locked ? LoginMessage.Error("invalidUserMessage") : s_wrong);
    }

    private static async ValueTask<StepResult> AskAgainAsync(LoginContext context, LoginMessage message) =>
        StepResult.AskAgain(new RecoveryCodePage(await NextAsync(context, context.User!) ?? 1).With(message));

    /// <summary>The number of the next code; null when there is none left.</summary>
    private static async ValueTask<int?> NextAsync(LoginContext context, User user)
    {
        var credential = (await context.Services.CredentialsAsync(context.Realm, user, context.Ct)).Find(c => c.Type == "recovery-authn-codes");
        if (credential?.CredentialData is not { } json)
        {
            return null;
        }

        using var data = JsonDocument.Parse(json);
        var total = data.RootElement.TryGetProperty("totalCodes", out var all) ? all.GetInt32() : 0;
        var left = data.RootElement.TryGetProperty("remainingCodes", out var remaining) ? remaining.GetInt32() : 0;
        return left > 0 ? total - left + 1 : null;
    }
}
