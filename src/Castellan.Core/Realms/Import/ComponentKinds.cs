using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

/// <summary>The kinds of component that a realm file may have. Key providers are known, and checked, by <see cref="Keys.KeyProviders"/>.</summary>
internal static class ComponentKinds
{
    private const string LdapMapper = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper";

    private static readonly Dictionary<string, HashSet<string?>> s_kinds = new(StringComparer.Ordinal)
    {
        [DefaultComponents.UserStorage] = ["ldap", "kerberos"],
        [LdapMapper] =
        [
            "certificate-ldap-mapper", "full-name-ldap-mapper", "group-ldap-mapper", "hardcoded-attribute-mapper", "hardcoded-ldap-attribute-mapper",
            "hardcoded-ldap-group-mapper", "hardcoded-ldap-role-mapper", "kerberos-principal-attribute-mapper", "msad-lds-user-account-control-mapper",
            "msad-user-account-control-mapper", "role-ldap-mapper", "user-attribute-ldap-mapper",
        ],
        [DefaultComponents.RegistrationPolicy] =
        [
            "allowed-client-templates", "allowed-protocol-mappers", "client-disabled", "consent-required", "max-clients", "registration-web-origins", "scope",
            "trusted-hosts",
        ],
        [DefaultComponents.UserProfile] = ["declarative-user-profile"],
    };

    // What a kind cannot do without, and how its form names it.
    private static readonly (string Kind, string Setting, string Label)[] s_needed =
    [
        ("user-attribute-ldap-mapper", "user.model.attribute", "User Model Attribute"), ("user-attribute-ldap-mapper", "ldap.attribute", "LDAP Attribute"),
    ];

    /// <summary>Why there can be no such component; null when there can.</summary>
    public static string? Problem(ComponentRepresentation component)
    {
        if (component.ProviderType is { } type && s_kinds.TryGetValue(type, out var kinds) && !kinds.Contains(component.ProviderId))
        {
            return $"No such provider '{component.ProviderId}'";
        }

        foreach (var (_, setting, label) in s_needed.Where(n => component.ProviderType == LdapMapper && n.Kind == component.ProviderId))
        {
            if (component.Config?.GetValueOrDefault(setting) is not [{ Length: > 0 }, ..])
            {
                return $"Missing configuration for '{label}'";
            }
        }

        return component is { ProviderType: DefaultComponents.UserStorage, ProviderId: "ldap" } && !AreDirectories(component.Config?.GetValueOrDefault("connectionUrl"))
            ? "ldapErrorInvalidConnectionUrlScheme"
            : null;
    }

    private static bool AreDirectories(List<string>? urls) => (urls ?? []).SelectMany(u => (u ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .All(u => u.StartsWith("ldap://", StringComparison.OrdinalIgnoreCase) || u.StartsWith("ldaps://", StringComparison.OrdinalIgnoreCase)
            || u.StartsWith("${", StringComparison.Ordinal));
}
