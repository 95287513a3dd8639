using System.Globalization;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    private const string LdapTruststore = "useTruststoreSpi";
    private const string PieceCount = "config-pieces-count";
    private const string Piece = "config-piece-";

    private const string ProfileSwitch = "userProfileEnabled";

    private bool HadProfile => string.Equals(file.Attributes?.GetValueOrDefault(ProfileSwitch), "true", StringComparison.OrdinalIgnoreCase);

    private void MigrateSettings(RealmRepresentation settings)
    {
        var headers = settings.BrowserSecurityHeaders ??= [];
        MigrateSettingsBefore3(settings);
        if (IsOlderThan(3, 1))
        {
            (headers["xRobotsTag"], headers["xXSSProtection"]) = ("none", "1; mode=block");
        }

        if (IsOlderThan(3, 2))
        {
            settings.PasswordPolicy = WithoutOldIterations(settings.PasswordPolicy);
        }

        if (IsOlderThan(3, 4))
        {
            headers["strictTransportSecurity"] = DefaultSettings.SecurityHeaders["strictTransportSecurity"];
        }

        if (IsOlderThan(3, 4, 1) && headers.GetValueOrDefault("contentSecurityPolicy") == "frame-src 'self'")
        {
            headers["contentSecurityPolicy"] = DefaultSettings.SecurityHeaders["contentSecurityPolicy"];
        }

        if (IsOlderThan(14))
        {
            // Profiles and policies of those days were a preview in another form.
            (settings.ClientProfiles, settings.ClientPolicies) = (null, null);
        }

        if (IsOlderThan(21) && settings.AdminTheme is "keycloak" or "rh-sso")
        {
            settings.AdminTheme = "keycloak.v2";
        }

        if (IsOlderThan(22))
        {
            settings.AccountTheme = settings.AccountTheme is "keycloak" or "rh-sso" or "rh-sso.v2" ? "keycloak.v2" : settings.AccountTheme;
            settings.EmailTheme = settings.EmailTheme == "rh-sso" ? null : settings.EmailTheme;
            settings.LoginTheme = settings.LoginTheme == "rh-sso" ? null : settings.LoginTheme;
        }

        if (IsOlderThan(24))
        {
            settings.Attributes?.Remove(ProfileSwitch);
            settings.FirstBrokerLoginFlow = FindFlow(DefaultFlows.FirstBrokerLogin) is null ? settings.FirstBrokerLoginFlow : DefaultFlows.FirstBrokerLogin;
        }
    }

    // What was the default then is no wish: the default of today takes its place.
    private static string? WithoutOldIterations(string? policy)
    {
        if (policy is null || policy.Contains("hashAlgorithm", StringComparison.Ordinal))
        {
            return policy;
        }

        var rules = policy.Split(" and ").Where(rule => rule.Trim() != "hashIterations(20000)").ToList();
        return rules.Count == 0 ? null : string.Join(" and ", rules);
    }

    private void MigrateComponents(List<ComponentRepresentation> components)
    {
        MigrateDirectories(components);
        if (IsOlderThan(3, 4) && components.All(c => c.ProviderId != "aes-generated"))
        {
            components.Add(DefaultComponents.Keys(RealmId).Single(k => k.ProviderId == "aes-generated"));
        }

        if (IsOlderThan(4))
        {
            foreach (var policy in components.Where(c => c is { ProviderType: DefaultComponents.RegistrationPolicy, ProviderId: "allowed-client-templates" }))
            {
                if (policy.Config!.Remove("allowed-client-templates", out var scopes))
                {
                    policy.Config["allowed-client-scopes"] = scopes;
                }

                policy.Config["allow-default-scopes"] = ["true"];
            }
        }

        if (IsOlderThan(23) && HadProfile)
        {
            JoinProfile(components);
        }

        if (IsOlderThan(24))
        {
            MigrateTo24(components);
        }
    }

    private void MigrateTo24(List<ComponentRepresentation> components)
    {
        if (!components.Exists(c => c.ProviderId == "hmac-generated" && c.Config!.GetValueOrDefault("algorithm") is ["HS512"]))
        {
            components.Add(DefaultComponents.Keys(RealmId).Single(k => k.ProviderId == "hmac-generated"));
        }

        foreach (var directory in components.Where(c => c.ProviderType == DefaultComponents.UserStorage && c.Config!.GetValueOrDefault(LdapTruststore) is ["ldapsOnly"]))
        {
            directory.Config![LdapTruststore] = ["always"];
        }

        if (HadProfile)
        {
            return;
        }

        // Before there was a profile every attribute was allowed.
        var profile = components.Find(c => c.ProviderType == DefaultComponents.UserProfile);
        if (profile is null)
        {
            profile = new() { Id = Ids.New(), ProviderId = ProfileConfiguration.ProviderId, ProviderType = DefaultComponents.UserProfile, ParentId = RealmId, Config = [] };
            components.Add(profile);
        }

        var stored = profile.Config ??= [];
        var config = stored.GetValueOrDefault(ProfileConfiguration.Key) is [{ } json, ..] ? ProfileConfiguration.Parse(json) : null;
        config ??= ProfileConfiguration.Default;
        config.UnmanagedAttributePolicy = UnmanagedAttributePolicy.Enabled;
        stored[ProfileConfiguration.Key] = [ProfileConfiguration.Write(config)];
    }

    // The profile came in pieces when a value of the database was short.
    private static void JoinProfile(List<ComponentRepresentation> components)
    {
        if (components.Find(c => c.ProviderType == DefaultComponents.UserProfile) is not { } profile)
        {
            return;
        }

        var config = profile.Config!;
        _ = int.TryParse(config.Remove(PieceCount, out var said) ? said.FirstOrDefault() : null, NumberStyles.None, CultureInfo.InvariantCulture, out var count);
        if (count < 1)
        {
            components.Remove(profile);
            return;
        }

        var pieces = config.Keys.Where(k => k.StartsWith(Piece, StringComparison.Ordinal)).ToList();
        var whole = string.Concat(Enumerable.Range(0, Math.Min(count, pieces.Count)).Select(n => config.GetValueOrDefault($"{Piece}{n}")?.FirstOrDefault()));
        pieces.ForEach(p => config.Remove(p));
        config[ProfileConfiguration.Key] = [whole];
    }
}
