using System.Buffers.Text;
using System.Text;
using Castellan.Core.Credentials.WebAuthn;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;

namespace Castellan.Core.Login;

/// <summary>What authenticators prove in a sign-in (WebAuthn): as a second factor, as the only one, and offered on the pages that ask for a name.</summary>
public sealed class Passkeys(WebAuthnCeremonies ceremonies)
{
    private const string ChallengeNote = "webauthn-challenge", AuthenticatedUser = "web_authn_authenticated_user_id";

    /// <summary>Whether the realm offers passkeys on its login pages.</summary>
    public bool IsEnabled(LoginContext context) => context.Realm.Settings.WebAuthnPolicyPasswordlessPasskeysEnabled ?? false;

    /// <summary>Whether the person came by a passkey in this sign-in: no page that offers passkeys asks them for a password besides.</summary>
    public bool HasProved(LoginContext context) => IsEnabled(context) && context.HasUsed(WebAuthnCredential.PasswordlessType);

    /// <summary>Whether a page that offers passkeys can do without a password: the person came by a passkey, or has one to come by.</summary>
    public async ValueTask<bool> CanProveAsync(LoginContext context, User user) =>
        HasProved(context) || (IsEnabled(context) && (await KeysAsync(context, user, WebAuthnPolicy.Passwordless(context.Realm))).Count > 0);

    /// <summary>Whether a form carries the answer of an authenticator instead of what was typed.</summary>
    public bool IsAnswer(LoginContext context, LoginForm form) => IsEnabled(context) && (form["clientDataJSON"] is { Length: > 0 } || form["error"] is { Length: > 0 });

    /// <summary>What a login page asks the browser's authenticators; null when the realm has no passkeys there.</summary>
    public async ValueTask<PasskeyRequest?> RequestAsync(LoginContext context)
    {
        if (!IsEnabled(context))
        {
            return null;
        }

        var policy = WebAuthnPolicy.Passwordless(context.Realm);
        var keys = context.User is { } user ? await KeysAsync(context, user, policy) : [];
        // Somebody who is known and has no passkey is not asked for one.
        return context.User is not null && keys.Count == 0 ? null
            : Request(context, policy, keys) with { Mediation = context.Realm.Settings.WebAuthnPolicyPasswordlessMediation ?? "conditional", AuthenticatorAttachment = policy.AuthenticatorAttachment };
    }

    /// <summary>Takes the answer on a login page: null when it proves the person, else what was wrong.</summary>
    public ValueTask<LoginMessage?> AnswerAsync(LoginContext context, LoginForm form) => ProveAsync(context, form, WebAuthnPolicy.Passwordless(context.Realm), second: false);

    /// <summary>A request with a new challenge, which counts once.</summary>
    public PasskeyRequest Request(LoginContext context, WebAuthnPolicy policy, IReadOnlyList<PasskeyInfo> keys)
    {
        var challenge = WebAuthnExpectation.NewChallenge();
        context.Tab.SetNote(ChallengeNote, challenge);
        return new PasskeyRequest(
            challenge, policy.RelyingParty(new Uri(context.Request.Origin).Host), policy.UserVerification, policy.CreateTimeout, context.User is not null, null, keys, null);
    }

    /// <summary>The challenge that was given out; it is spent by this.</summary>
    public static string? TakeChallenge(LoginContext context) => context.Tab.Notes.Remove(ChallengeNote, out var challenge) ? challenge : null;

    /// <summary>The person's keys under a policy, to be shown and to be told to the browser.</summary>
    public static async ValueTask<List<PasskeyInfo>> KeysAsync(LoginContext context, User user, WebAuthnPolicy policy) =>
        [.. (await context.Services.CredentialsAsync(context.Realm, user, context.Ct)).Where(c => c.Type == policy.CredentialType && WebAuthnCredential.IdOf(c) is not null)
            .Select(c => new PasskeyInfo(WebAuthnCredential.IdOf(c)!, c.UserLabel, WebAuthnCredential.TransportsOf(c), c.CreatedDate))];

    /// <summary>Holds an authenticator's answer against the person's keys; whoever is not known yet is the one that the key names.</summary>
    public async ValueTask<LoginMessage?> ProveAsync(LoginContext context, LoginForm form, WebAuthnPolicy policy, bool second)
    {
        context.Event.With("credential_type", policy.CredentialType);
        if (form["error"] is { Length: > 0 } broken)
        {
            return await RefuseAsync(context, "not_allowed", "webauthn-error-api-get", broken.Length > 200 ? broken[..200] : broken);
        }

        var answer = new WebAuthnAnswer(form["clientDataJSON"] ?? "", form["authenticatorData"] ?? "", form["signature"] ?? "", form["credentialId"] ?? "");
        if (answer.IsIncomplete)
        {
            return await RefuseAsync(context, "not_allowed", "webauthn-error-api-get", "Missing compulsory webauthn parameters");
        }

        var owner = form["userHandle"] is { Length: > 0 } handle ? await OwnerAsync(context, handle) : context.User;
        if (context.User is { } first && owner?.Id != first.Id)
        {
            // The key names somebody else than the one who proved themselves by something else before.
            return await RefuseAsync(context, "different_user_authenticated", "webauthn-error-different-user", null,
                ("first_authenticated_user_id", first.Id), (AuthenticatedUser, owner?.Id));
        }

        if (owner is not { } user)
        {
            return await RefuseAsync(context, "user_not_found", "webauthn-error-user-not-found");
        }

        if (TakeChallenge(context) is not { } challenge)
        {
            return await RefuseAsync(context, "invalid_user_credentials", "webauthn-error-auth-verification");
        }

        context.Event.UserId = user.Id;
        string? problem = null;
        var result = await context.Services.Credentials.SecondFactorAsync(context.Realm, user, context.Request.IpAddress, async () =>
        {
            var outcome = await ceremonies.AuthenticateAsync(context.Realm, user, new WebAuthnExpectation(policy, challenge, context.Request.Origin), answer, context.Ct);
            problem = outcome.Problem;
            return outcome.Credential is not null;
        }, context.Ct);
        if (result != CheckResult.Right)
        {
            var unknown = problem == WebAuthnCeremonies.UnknownKey;
            return await RefuseAsync(context, result == CheckResult.Locked ? BruteForceGuard.ErrorOf(user) : unknown ? "user_not_found" : "invalid_user_credentials",
                unknown ? "webauthn-error-user-not-found" : "webauthn-error-auth-verification", unknown ? null : problem,
                (AuthenticatedUser, unknown ? user.Id : null), ("public_key_credential_id", unknown ? answer.CredentialId : null));
        }

        if (!user.Enabled)
        {
            await context.TellAsync("user_disabled");
            return LoginMessage.Error("accountDisabledMessage");
        }

        context.Event.With("web_authn_authenticator_user_verification_checked", policy.RequiresUserVerification ? "true" : "false")
            .With("public_key_credential_id", answer.CredentialId);
        context.Identify(user);
        if (!second)
        {
            context.Tab.SetNote(LoginNotes.AttemptedUsername, user.Username);
        }

        context.UsedCredential(policy.CredentialType);
        return null;
    }

    /// <summary>Tells of a key that did not do. The person learns what, and not why.</summary>
    /// <param name="more">What the event says besides; what else happens in this sign-in does not carry it along.</param>
    private static async ValueTask<LoginMessage?> RefuseAsync(LoginContext context, string error, string key, string? why = null, params (string Name, string? Value)[] more)
    {
        (string Name, string? Value)[] details = [("web_authn_authentication_error", key), ("web_authn_authentication_error_detail", why), .. more];
        foreach (var (name, value) in details)
        {
            context.Event.With(name, value);
        }

        await context.TellAsync(error);
        foreach (var (name, _) in details)
        {
            context.Event.Details?.Remove(name);
        }

        return LoginMessage.Error(key, "");
    }

    private static async ValueTask<User?> OwnerAsync(LoginContext context, string handle)
    {
        try
        {
            return handle.Length >= 512 ? null
                : await context.Services.Users.FindAsync(context.Realm.Id, Encoding.UTF8.GetString(Base64Url.DecodeFromChars(handle)), context.Ct);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
