using Castellan.Core.Realms;

namespace Castellan.Core.Credentials.WebAuthn;

/// <summary>What a realm asks of authenticators: one policy for second factors, one for signing in without a password.</summary>
public sealed record WebAuthnPolicy
{
    /// <summary>The word for "the realm does not say".</summary>
    public const string NotSpecified = "not specified";

    /// <summary>COSE numbers of the signature algorithms that realms name (IANA COSE Algorithms).</summary>
    private static readonly Dictionary<string, int> s_algorithms = new(StringComparer.Ordinal)
    {
        ["ES256"] = -7, ["ES384"] = -35, ["ES512"] = -36, ["RS256"] = -257, ["RS384"] = -258, ["RS512"] = -259, ["RS1"] = -65535, ["Ed25519"] = -8, ["EdDSA"] = -8,
    };

    /// <summary>The type of the credentials that it is for.</summary>
    public required string CredentialType { get; init; }

    public string RpEntityName { get; init; } = "keycloak";

    /// <summary>Empty: the host under which the server is called.</summary>
    public string RpId { get; init; } = "";

    public IReadOnlyList<int> Algorithms { get; init; } = [-7, -257];

    public string AttestationConveyancePreference { get; init; } = NotSpecified;

    public string AuthenticatorAttachment { get; init; } = NotSpecified;

    public string RequireResidentKey { get; init; } = NotSpecified;

    public string ResidentKey { get; init; } = NotSpecified;

    public string UserVerification { get; init; } = NotSpecified;

    /// <summary>Seconds; 0 leaves it to the browser.</summary>
    public int CreateTimeout { get; init; }

    public bool AvoidSameAuthenticatorRegister { get; init; }

    /// <summary>The models of authenticators that may be used; empty for any.</summary>
    public IReadOnlyList<string> AcceptableAaguids { get; init; } = [];

    /// <summary>Origins beside the server's own, such as those of apps.</summary>
    public IReadOnlyList<string> ExtraOrigins { get; init; } = [];

    /// <summary>Whether authenticators must say what they are.</summary>
    public bool WantsAttestation => AttestationConveyancePreference is "direct" or "indirect" or "enterprise";

    public bool RequiresUserVerification => UserVerification == "required";

    /// <summary>The relying party's id for a server that is called under this host.</summary>
    public string RelyingParty(string host) => RpId.Length > 0 ? RpId : host;

    public static WebAuthnPolicy SecondFactor(Realm realm)
    {
        var s = realm.Settings;
        return new WebAuthnPolicy
        {
            CredentialType = WebAuthnCredential.SecondFactorType,
            RpEntityName = Text(s.WebAuthnPolicyRpEntityName, "keycloak"), RpId = s.WebAuthnPolicyRpId ?? "", Algorithms = Numbers(s.WebAuthnPolicySignatureAlgorithms),
            AttestationConveyancePreference = Text(s.WebAuthnPolicyAttestationConveyancePreference), AuthenticatorAttachment = Text(s.WebAuthnPolicyAuthenticatorAttachment),
            RequireResidentKey = Text(s.WebAuthnPolicyRequireResidentKey), ResidentKey = Text(s.WebAuthnPolicyResidentKey),
            UserVerification = Text(s.WebAuthnPolicyUserVerificationRequirement), CreateTimeout = s.WebAuthnPolicyCreateTimeout ?? 0,
            AvoidSameAuthenticatorRegister = s.WebAuthnPolicyAvoidSameAuthenticatorRegister ?? false,
            AcceptableAaguids = s.WebAuthnPolicyAcceptableAaguids ?? [], ExtraOrigins = s.WebAuthnPolicyExtraOrigins ?? [],
        };
    }

    public static WebAuthnPolicy Passwordless(Realm realm)
    {
        var s = realm.Settings;
        return new WebAuthnPolicy
        {
            CredentialType = WebAuthnCredential.PasswordlessType,
            RpEntityName = Text(s.WebAuthnPolicyPasswordlessRpEntityName, "keycloak"), RpId = s.WebAuthnPolicyPasswordlessRpId ?? "",
            Algorithms = Numbers(s.WebAuthnPolicyPasswordlessSignatureAlgorithms),
            AttestationConveyancePreference = Text(s.WebAuthnPolicyPasswordlessAttestationConveyancePreference),
            AuthenticatorAttachment = Text(s.WebAuthnPolicyPasswordlessAuthenticatorAttachment),
            RequireResidentKey = Text(s.WebAuthnPolicyPasswordlessRequireResidentKey), ResidentKey = Text(s.WebAuthnPolicyPasswordlessResidentKey, "required"),
            UserVerification = Text(s.WebAuthnPolicyPasswordlessUserVerificationRequirement, "required"), CreateTimeout = s.WebAuthnPolicyPasswordlessCreateTimeout ?? 0,
            AvoidSameAuthenticatorRegister = s.WebAuthnPolicyPasswordlessAvoidSameAuthenticatorRegister ?? false,
            AcceptableAaguids = s.WebAuthnPolicyPasswordlessAcceptableAaguids ?? [], ExtraOrigins = s.WebAuthnPolicyPasswordlessExtraOrigins ?? [],
        };
    }

    private static string Text(string? value, string otherwise = NotSpecified) => string.IsNullOrEmpty(value) ? otherwise : value;

    private static List<int> Numbers(List<string>? names)
    {
        List<int> numbers = [.. (names ?? []).Where(s_algorithms.ContainsKey).Select(n => s_algorithms[n]).Distinct()];
        return numbers.Count > 0 ? numbers : [-7, -257];
    }
}
