using Castellan.Core.Credentials.WebAuthn;
using Castellan.Core.Realms;
using Castellan.Core.Users;

namespace Castellan.Core.Login.Steps;

/// <summary>A security key or passkey: behind the password, or instead of it.</summary>
public sealed class WebAuthnStep(Passkeys passkeys, bool passwordless) : ILoginStep
{
    public string Id => passwordless ? "webauthn-authenticator-passwordless" : "webauthn-authenticator";

    public bool NeedsUser => !passwordless;

    public string? CredentialType => passwordless ? WebAuthnCredential.PasswordlessType : WebAuthnCredential.SecondFactorType;

    public string NameKey => passwordless ? "webauthn-passwordless-display-name" : "webauthn-display-name";

    public string HelpKey => passwordless ? "webauthn-passwordless-help-text" : "webauthn-help-text";

    public string? SetupAction => passwordless ? "webauthn-register-passwordless" : "webauthn-register";

    public async ValueTask<bool> IsConfiguredAsync(LoginContext context, User user) => (await Passkeys.KeysAsync(context, user, Policy(context.Realm))).Count > 0;

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        var policy = Policy(context.Realm);
        return StepResult.Ask(new WebAuthnPage(passkeys.Request(context, policy, context.User is { } user ? await Passkeys.KeysAsync(context, user, policy) : [])));
    }

    public async ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        if (form["isSetRetry"] is { Length: > 0 } || form.Has("try-again"))
        {
            return await BeginAsync(context);
        }

        return await passkeys.ProveAsync(context, form, Policy(context.Realm), second: !passwordless) is { } refusal
            ? StepResult.AskAgain(new WebAuthnErrorPage(context.Execution!.Id, false).With(refusal))
            : StepResult.Passed;
    }

    private WebAuthnPolicy Policy(Realm realm) => passwordless ? WebAuthnPolicy.Passwordless(realm) : WebAuthnPolicy.SecondFactor(realm);
}
