using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Core.Credentials.WebAuthn;

/// <summary>What a ceremony is held against.</summary>
/// <param name="Challenge">The challenge that was given out, base64url. It must be taken from the sign-in before this is made: a challenge counts once.</param>
/// <param name="Origin">The server's own origin, as the browser sees it.</param>
public sealed record WebAuthnExpectation(WebAuthnPolicy Policy, string Challenge, string Origin)
{
    /// <summary>The relying party's id.</summary>
    public string RpId => Policy.RelyingParty(new Uri(Origin).Host);

    /// <summary>A new challenge: 16 bytes, base64url.</summary>
    public static string NewChallenge() => Secret.Base64Url(16);
}

/// <summary>What a browser posts after a new key was made; all of it base64url.</summary>
public sealed record WebAuthnAttestation(string ClientDataJson, string AttestationObject, string? CredentialId, string? Transports, string? AuthenticatorAttachment);

/// <summary>What a browser posts after an authenticator signed; all of it base64url.</summary>
public sealed record WebAuthnAnswer(string ClientDataJson, string AuthenticatorData, string Signature, string CredentialId)
{
    public bool IsIncomplete => ClientDataJson.Length == 0 || AuthenticatorData.Length == 0 || Signature.Length == 0 || CredentialId.Length == 0;
}

/// <summary>A credential, or the reason in Keycloak's words why there is none.</summary>
public sealed record WebAuthnOutcome(CredentialRepresentation? Credential, string? Problem);

/// <summary>The two ceremonies of Web Authentication Level 3: a new key is registered (§7.1), a key proves its owner (§7.2).</summary>
public sealed class WebAuthnCeremonies(IUserStore users, AttestationTrust trust, TimeProvider time)
{
    private const int MaxText = 128 * 1024;
    /// <summary>The problem when none of the user's keys has the id.</summary>
    public const string UnknownKey = "Unknown key";

    private const string Malformed = "Input data does not match expected form";

    /// <summary>Checks a registration. The credential that comes of it is not stored yet.</summary>
    public WebAuthnOutcome Register(WebAuthnExpectation expected, WebAuthnAttestation given, string? label)
    {
        if (!Read(given.ClientDataJson, out var clientJson) || !Read(given.AttestationObject, out var attestation)
            || AttestationStatement.Read(attestation) is not { } statement || AuthenticatorData.Read(statement.AuthenticatorData, withCredential: true) is not { } data)
        {
            return Refuse(Malformed);
        }

        if (Call(expected, "webauthn.create", clientJson) is { } wrongCall)
        {
            return Refuse(wrongCall);
        }

        if (Authenticator(expected, data) is { } wrongData)
        {
            return Refuse(wrongData);
        }

        var policy = expected.Policy;
        if (!policy.Algorithms.Contains(data.Key!.Algorithm))
        {
            return Refuse("alg not listed in options.pubKeyCredParams is used.");
        }

        if (Attachment(policy, given.AuthenticatorAttachment) is { } wrongAttachment)
        {
            return Refuse(wrongAttachment);
        }

        if (statement.Format == "none" && policy.WantsAttestation)
        {
            return Refuse("AttestationVerifier is not configured to handle the supplied AttestationStatement format 'none'.");
        }

        if (statement.Problem(data, SHA256.HashData(clientJson)) is { } problem)
        {
            return Refuse(problem);
        }

        if (statement.Certificates.Count > 0 && !trust.Vouches(statement.Certificates))
        {
            return Refuse("invalid cert path");
        }

        // A model that nobody vouches for is what the browser made of it (CVE-2026-6856).
        if (policy.AcceptableAaguids.Count > 0 && (statement.Certificates.Count == 0 || !policy.AcceptableAaguids.Contains(data.Aaguid.ToString(), StringComparer.OrdinalIgnoreCase)))
        {
            return Refuse($"not acceptable aaguid = {data.Aaguid}");
        }

        var stored = new WebAuthnCredentialData(
            data.Aaguid.ToString(), Base64Url.EncodeToString(data.CredentialId), data.Counter, Base64Url.EncodeToString(data.KeyBytes), statement.Format,
            [.. (given.Transports ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(t => t.Length <= 32).Take(8)]);
        return new WebAuthnOutcome(WebAuthnCredential.New(policy.CredentialType, label, time.GetUtcNow().ToUnixTimeMilliseconds(), stored), null);
    }

    /// <summary>
    /// Whether one of a user's keys signed. Its counter moves on in the same step: of two answers with the same counter one is refused, since then
    /// somebody copied the key (§6.1.1).
    /// </summary>
    public async ValueTask<WebAuthnOutcome> AuthenticateAsync(
        Realm realm, User user, WebAuthnExpectation expected, WebAuthnAnswer given, CancellationToken ct = default)
    {
        if (!Read(given.ClientDataJson, out var clientJson) || !Read(given.AuthenticatorData, out var dataBytes) || !Read(given.Signature, out var signature)
            || !Read(given.CredentialId, out var credentialId) || AuthenticatorData.Read(dataBytes, withCredential: false) is not { } data)
        {
            return Refuse(Malformed);
        }

        var wanted = Base64Url.EncodeToString(credentialId);
        var credentials = await users.CredentialsAsync(realm.Id, user.Id, ct);
        if (credentials.Find(c => c.Type == expected.Policy.CredentialType && WebAuthnCredential.IdOf(c) == wanted) is not { } stored
            || WebAuthnCredential.Read(stored) is not { CredentialPublicKey: { } keyText } known
            || !WebAuthnCredential.TryBytes(keyText, out var keyBytes) || CoseKey.Read(keyBytes, out _) is not { } key)
        {
            return Refuse(UnknownKey);
        }

        if ((Call(expected, "webauthn.get", clientJson) ?? Authenticator(expected, data)) is { } wrong)
        {
            return Refuse(wrong);
        }

        if (!key.Verify([.. data.Bytes, .. SHA256.HashData(clientJson)], signature))
        {
            return Refuse("Assertion signature is not valid.");
        }

        if (data.Counter == 0 && known.Counter == 0)
        {
            return new WebAuthnOutcome(stored, null);
        }

        var moved = WebAuthnCredential.WithCounter(stored, known, data.Counter);
        return data.Counter > known.Counter && await users.ReplaceCredentialAsync(realm.Id, user.Id, stored, moved, ct)
            ? new WebAuthnOutcome(moved, null)
            : Refuse("Malicious counter value is detected. Cloned authenticators exist in parallel.");
    }

    private static string? Call(WebAuthnExpectation expected, string type, byte[] clientJson)
    {
        if (ClientData.Read(clientJson) is not { } call || call.Type != type)
        {
            return Malformed;
        }

        if (call.Origin != expected.Origin && !expected.Policy.ExtraOrigins.Contains(call.Origin))
        {
            return Malformed;
        }

        return Secret.Equal(call.Challenge.TrimEnd('='), expected.Challenge.TrimEnd('=')) ? null : "The actual challenge does not match the expected challenge";
    }

    private static string? Authenticator(WebAuthnExpectation expected, AuthenticatorData data)
    {
        if (!data.RpIdHash.SequenceEqual(SHA256.HashData(Encoding.UTF8.GetBytes(expected.RpId))))
        {
            return "rpIdHash doesn't match the hash of preconfigured rpId.";
        }

        if (!data.UserPresent)
        {
            return "Verifier is configured to check user present, but UP flag in authenticatorData is not set.";
        }

        return expected.Policy.RequiresUserVerification && !data.UserVerified
            ? "Verifier is configured to check user verified, but UV flag in authenticatorData is not set."
            : null;
    }

    private static string? Attachment(WebAuthnPolicy policy, string? given)
    {
        var wanted = policy.AuthenticatorAttachment;
        if (wanted is WebAuthnPolicy.NotSpecified or "")
        {
            return null;
        }

        return string.IsNullOrEmpty(given) ? "Authenticator attachment is required by the policy but was not provided by the client."
            : given == wanted ? null
            : $"Policy requires '{wanted}' authenticator attachment but got '{given}'";
    }

    private static bool Read(string? text, out byte[] bytes)
    {
        bytes = [];
        return text is { Length: > 0 and <= MaxText } && WebAuthnCredential.TryBytes(text, out bytes);
    }

    private static WebAuthnOutcome Refuse(string problem) => new(null, problem);
}
