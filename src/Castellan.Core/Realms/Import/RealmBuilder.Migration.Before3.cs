using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

/// <summary>What realms of the first two releases lack.</summary>
internal sealed partial class RealmBuilder
{
    // Flows came with 1.4 and one-time codes with a policy of their own with 1.5; what stood in a file before meant neither.
    private void MigrateSettingsBefore3(RealmRepresentation settings)
    {
        if (IsOlderThan(1, 5))
        {
            (settings.OtpPolicyType, settings.OtpPolicyAlgorithm, settings.OtpPolicyInitialCounter, settings.OtpPolicyDigits) = (null, null, null, null);
            (settings.OtpPolicyLookAheadWindow, settings.OtpPolicyPeriod, settings.OtpPolicyCodeReusable) = (null, null, null);
            (settings.BrowserFlow, settings.RegistrationFlow, settings.DirectGrantFlow) = (null, null, null);
            (settings.ResetCredentialsFlow, settings.ClientAuthenticationFlow) = (null, null);
        }

        if (IsOlderThan(1, 6))
        {
            settings.OfflineSessionIdleTimeout = null;
        }

        if (IsOlderThan(1, 7))
        {
            settings.AccessTokenLifespanForImplicitFlow = null;
        }

        if (IsOlderThan(1, 9, 2))
        {
            settings.BrowserSecurityHeaders!["xContentTypeOptions"] = DefaultSettings.SecurityHeaders["xContentTypeOptions"];
        }
    }

    private void MigrateClientBefore3(ClientRepresentation client)
    {
        if (IsOlderThan(1, 2) && client.ClientId is DefaultClients.Account or DefaultClients.AdminConsole or DefaultClients.RealmManagement)
        {
            client.Name ??= $"${{client_{client.ClientId}}}";
        }

        if (IsOlderThan(1, 5))
        {
            client.ClientAuthenticatorType = "client-secret";
        }
    }

    private void MigrateDirectories(List<ComponentRepresentation> components)
    {
        foreach (var directory in components.Where(c => c is { ProviderType: DefaultComponents.UserStorage, ProviderId: LdapProvider.Id }).ToList())
        {
            if (IsOlderThan(1, 3))
            {
                CompleteDirectory(directory.Config!);
                components.AddRange(components.Exists(c => c.ParentId == directory.Id) ? [] : LdapProvider.Mappers(directory));
            }

            var mappers = components.FindAll(c => c.ParentId == directory.Id);
            if (IsOlderThan(1, 4))
            {
                foreach (var mapper in mappers.Where(m => m.Name is "username" or "username-cn" or "first name" or "last name"))
                {
                    mapper.Config!["is.mandatory.in.ldap"] = ["true"];
                }
            }

            if (IsOlderThan(1, 8))
            {
                components.AddRange(LdapProvider.Mappers(directory).Where(m => m.ProviderId == LdapProvider.AccountControls && mappers.TrueForAll(known => known.Name != m.Name)));
            }
        }
    }

    // Names of settings, and settings, that came with mappers.
    private static void CompleteDirectory(Dictionary<string, List<string>> config)
    {
        config.TryAdd("searchScope", ["2"]);
        if (config.Remove("userDnSuffix", out var people) && people.Count > 0)
        {
            config.TryAdd("usersDn", people);
        }

        if (config.GetValueOrDefault("usernameLDAPAttribute") is [{ } name, ..])
        {
            config.TryAdd("rdnLDAPAttribute", [name.Equals("sAMAccountName", StringComparison.OrdinalIgnoreCase) ? "cn" : name]);
        }

        config.TryAdd("uuidLDAPAttribute", [config.GetValueOrDefault("vendor") switch
        {
            ["ad", ..] => "objectGUID", ["rhds", ..] => "nsuniqueid", ["tivoli", ..] => "uniqueidentifier", ["edirectory", ..] => "guid", _ => "entryUUID",
        }]);
    }
}
