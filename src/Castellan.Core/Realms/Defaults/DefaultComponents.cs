using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Defaults;

/// <summary>The components of a new realm: policies of client registration and key providers.</summary>
public static class DefaultComponents
{
    public const string RegistrationPolicy = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy";
    public const string KeyProvider = "org.keycloak.keys.KeyProvider";
    public const string UserStorage = "org.keycloak.storage.UserStorageProvider";
    public const string UserProfile = "org.keycloak.userprofile.UserProfileProvider";

    private static readonly string[] s_mappers =
    [
        "oidc-full-name-mapper", "oidc-sha256-pairwise-sub-mapper", "oidc-address-mapper", "saml-user-property-mapper", "saml-user-attribute-mapper",
        "oidc-usermodel-property-mapper", "saml-role-list-mapper", "oidc-usermodel-attribute-mapper",
    ];

    private static readonly (string Name, string Provider, string SubType, string Key, string[] Values)[] s_policies =
    [
        ("Trusted Hosts", "trusted-hosts", "anonymous", "host-sending-registration-request-must-match client-uris-must-match", ["true"]),
        ("Consent Required", "consent-required", "anonymous", "", []),
        ("Full Scope Disabled", "scope", "anonymous", "", []),
        ("Max Clients Limit", "max-clients", "anonymous", "max-clients", ["200"]),
        ("Allowed Protocol Mapper Types", "allowed-protocol-mappers", "anonymous", "allowed-protocol-mapper-types", s_mappers),
        ("Allowed Client Scopes", "allowed-client-templates", "anonymous", "allow-default-scopes", ["true"]),
        ("Allowed Registration Web Origins", "registration-web-origins", "anonymous", "", []),
        ("Allowed Protocol Mapper Types", "allowed-protocol-mappers", "authenticated", "allowed-protocol-mapper-types", s_mappers),
        ("Allowed Client Scopes", "allowed-client-templates", "authenticated", "allow-default-scopes", ["true"]),
        ("Allowed Registration Web Origins", "registration-web-origins", "authenticated", "", []),
    ];

    private static readonly (string Name, string Provider, string? Algorithm)[] s_keys =
    [
        ("rsa-generated", "rsa-generated", null), ("rsa-enc-generated", "rsa-enc-generated", "RSA-OAEP"),
        ("hmac-generated-hs512", "hmac-generated", "HS512"), ("aes-generated", "aes-generated", null),
    ];

    /// <summary>The policies of client registration anew.</summary>
    public static IEnumerable<ComponentRepresentation> RegistrationPolicies(string realmId) => s_policies.Select(p => new ComponentRepresentation
    {
        Id = Ids.New(), Name = p.Name, ProviderId = p.Provider, ProviderType = RegistrationPolicy, ParentId = realmId, SubType = p.SubType,
        Config = p.Key.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(k => k, _ => p.Values.ToList()),
    });

    /// <summary>Key providers, still without keys.</summary>
    public static IEnumerable<ComponentRepresentation> Keys(string realmId) => s_keys.Select(k => new ComponentRepresentation
    {
        Id = Ids.New(), Name = k.Name, ProviderId = k.Provider, ProviderType = KeyProvider, ParentId = realmId,
        Config = k.Algorithm is null ? new() { ["priority"] = ["100"] } : new() { ["priority"] = ["100"], ["algorithm"] = [k.Algorithm] },
    });
}
