using Castellan.Core.Realms.Defaults;

namespace Castellan.Core.Realms.Import;

/// <summary>Settings of an identity provider that do not go together, in the sentences that say so.</summary>
public static class ProviderRules
{
    private const string Transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";

    private static readonly (string Setting, string Sentence)[] s_needKeys =
        [("validateSignature", "Validate signatures"), ("jwtAuthorizationGrantEnabled", "JWT Authorization Grant"), ("supportsClientAssertions", "Supports client assertions")];

    /// <summary>What is wrong; null when nothing is.</summary>
    /// <param name="kind">The provider id.</param>
    public static string? Problem(string kind, IReadOnlyDictionary<string, string?> config)
    {
        if (Flag("pkceEnabled") && kind != "saml" && Setting("pkceMethod") is not ("plain" or "S256"))
        {
            return $"PKCE Method not supported: {Setting("pkceMethod") ?? "null"}";
        }

        return kind switch
        {
            "google" => Setting("issuer") is { } issuer && issuer != IdentityProviderTypes.Google ? $"The issuer url [{issuer}] is invalid" : null,
            "oidc" or "keycloak-oidc" or "gitlab" or "linkedin-openid-connect" or "microsoft" => OfKeys(),
            "saml" => OfSaml(),
            _ => null,
        };

        // What is signed is checked by keys, and those come from somewhere.
        string? OfKeys() => Array.Find(s_needKeys, n => Flag(n.Setting)).Sentence is not { } option ? null
            : Flag("useJwksUrl") ? (Setting("jwksUrl") is null ? $"JWKS URL is required when '{option}' enabled and 'Use JWKS URL' enabled" : null)
            : Setting("publicKeySignatureVerifier") is null ? $"The 'Validating public key' is required when '{option}' enabled and 'Use JWKS URL' disabled" : null;

        string? OfSaml() => Flag("useMetadataDescriptorUrl") && string.IsNullOrWhiteSpace(Setting("metadataDescriptorUrl")) ? "useMetadataDescriptorUrl needs a non-empty URL for metadataDescriptorUrl"
            : Setting("nameIDPolicyFormat") == Transient && Setting("principalType") is not ("ATTRIBUTE" or "FRIENDLY_ATTRIBUTE")
                ? "Can not have Transient NameID Policy Format together with SUBJECT Principal Type" : null;

        string? Setting(string name) => config.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

        bool Flag(string name) => string.Equals(Setting(name), "true", StringComparison.OrdinalIgnoreCase);
    }
}
