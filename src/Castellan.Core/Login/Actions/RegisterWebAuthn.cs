using System.Buffers.Text;
using System.Text;
using Castellan.Core.Credentials.WebAuthn;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Login.Actions;

/// <param name="Known">Ids of keys that must not be registered again.</param>
public sealed record WebAuthnRegisterPage(string Challenge, string UserHandle, string RpId, WebAuthnPolicy Policy, IReadOnlyList<string> Known) : LoginPage("webauthn-register");

/// <summary>A new security key, or a passkey to sign in without a password.</summary>
public sealed class RegisterWebAuthn(WebAuthnCeremonies ceremonies, bool passwordless) : IRequiredAction
{
    private const string ChallengeNote = "webauthn-register-challenge";

    public string Alias => passwordless ? "webauthn-register-passwordless" : "webauthn-register";

    public async ValueTask<ActionResult> BeginAsync(LoginContext context)
    {
        var policy = Policy(context.Realm);
        var user = context.User!;
        // The application may say so of what it asks for itself. An administrator who put the action down for the person wants another key.
        if (RequiredActions.IsAppInitiated(context, Alias) && RequiredActions.AskedFor(context) is { Parameter: "skip_if_exists" } && (await KeysAsync(context, policy)).Count > 0)
        {
            await ActionEvents.TellPassedAsync(context, Alias);
            return ActionResult.Done;
        }

        var challenge = WebAuthnExpectation.NewChallenge();
        context.Tab.SetNote(ChallengeNote, challenge);
        var known = policy.AvoidSameAuthenticatorRegister ? (await Passkeys.KeysAsync(context, user, policy)).Select(k => k.CredentialId).ToList() : [];
        return ActionResult.Ask(new WebAuthnRegisterPage(
            challenge, Base64Url.EncodeToString(Encoding.UTF8.GetBytes(user.Id)), policy.RelyingParty(new Uri(context.Request.Origin).Host), policy, known));
    }

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        if (form["isSetRetry"] is { Length: > 0 } || form.Has("try-again"))
        {
            return await BeginAsync(context);
        }

        if (form["error"] is { Length: > 0 } broken)
        {
            return await RefuseAsync(context, "invalid_user_credentials", LoginMessage.Error("webauthn-error-register-verification", broken.Length > 200 ? broken[..200] : broken));
        }

        if (!context.Tab.Notes.Remove(ChallengeNote, out var challenge))
        {
            return await BeginAsync(context);
        }

        var policy = Policy(context.Realm);
        var label = form["authenticatorLabel"] is { Length: > 0 and <= 255 } given ? given : null;
        var outcome = ceremonies.Register(
            new WebAuthnExpectation(policy, challenge, context.Request.Origin),
            new WebAuthnAttestation(form["clientDataJSON"] ?? "", form["attestationObject"] ?? "", form["publicKeyCredentialId"], form["transports"], form["authenticatorAttachment"]), label);
        if (outcome.Credential is not { } credential)
        {
            return await RefuseAsync(context, "invalid_registration", LoginMessage.Error("webauthn-error-registration", outcome.Problem));
        }

        if (CredentialNames.IsTaken(await KeysAsync(context, policy), label))
        {
            return await RefuseAsync(context, "invalid_registration", LoginMessage.Error("webauthn-error-registration", CredentialNames.Taken));
        }

        await context.Services.AddCredentialAsync(context.Realm, context.User!, credential, context.Ct);
        await ActionEvents.EndOtherSessionsAsync(context, form, Alias, policy.CredentialType);
        context.Event.With("public_key_credential_id", form["publicKeyCredentialId"]).With("public_key_credential_label", label)
            .With("public_key_credential_aaguid", WebAuthnCredential.Read(credential)?.Aaguid);
        await ActionEvents.TellAsync(context, Alias, policy.CredentialType, null, EventTypes.UpdateCredential, EventTypes.CustomRequiredAction);
        return ActionResult.Done;
    }

    private static async ValueTask<List<CredentialRepresentation>> KeysAsync(LoginContext context, WebAuthnPolicy policy) =>
        [.. (await context.Services.CredentialsAsync(context.Realm, context.User!, context.Ct)).Where(c => c.Type == policy.CredentialType)];

    private async ValueTask<ActionResult> RefuseAsync(LoginContext context, string error, LoginMessage message)
    {
        context.Event.With("web_authn_registration_error", message.Key).With("web_authn_registration_error_detail", message.Arguments?[0] as string);
        await ActionEvents.TellAsync(context, Alias, Policy(context.Realm).CredentialType, error, EventTypes.UpdateCredential, EventTypes.CustomRequiredAction);
        return ActionResult.Ask(new WebAuthnErrorPage(null, RequiredActions.IsAppInitiated(context, Alias)).With(message));
    }

    private WebAuthnPolicy Policy(Realm realm) => passwordless ? WebAuthnPolicy.Passwordless(realm) : WebAuthnPolicy.SecondFactor(realm);
}
