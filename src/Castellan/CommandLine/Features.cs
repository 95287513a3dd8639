namespace Castellan.CommandLine;

/// <summary>The names of Keycloak's features, so that a misspelt one is refused, and which of them are switched off.</summary>
internal static class Features
{
    // With versions after a colon where there are others than 1.
    private const string Names =
        """
        account:3 account-api admin:2 admin-api admin-fine-grained-authz:2/1 authorization authzen ciba cimd client-admin-api:2
        client-auth-abca client-auth-federated client-policies client-secret-rotation client-types clusterless db-tidb declarative-ui
        device-flow docker dpop fips hostname:2 http-optimized-serializers identity-assertion-jwt identity-brokering-api:2/1 impersonation
        instagram-broker ipa-tuura-federation jwt-authorization-grant kerberos kubernetes-service-accounts log-mdc login:2/1
        logout-all-sessions multi-site oid4vc-vci oid4vc-vci-preauth-code oid4vc-vci-rest-credential-offer openapi opentelemetry
        opentelemetry-logs opentelemetry-metrics organization par parameterized-scopes passkeys passkeys-conditional-ui-authenticator
        persistent-user-sessions quick-theme recovery-codes resource-indicators rolling-updates:2/1 scim-api scripts spiffe ssf stateless
        step-up-authentication step-up-authentication-saml token-exchange token-exchange-delegation token-exchange-standard:2
        transient-users twitter-broker update-email user-event-metrics web-authn workflows
        """;

    // Those that a stock Keycloak has on.
    private const string Usual =
        """
        account account-api admin admin-api admin-fine-grained-authz authorization ciba client-auth-federated client-policies
        device-flow dpop hostname identity-brokering-api impersonation jwt-authorization-grant kerberos
        kubernetes-service-accounts log-mdc login opentelemetry organization par passkeys persistent-user-sessions
        recovery-codes rolling-updates step-up-authentication step-up-authentication-saml token-exchange-standard twitter-broker
        update-email user-event-metrics web-authn workflows
        """;

    private static readonly HashSet<string> s_usual = [.. Usual.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)];

    private static readonly Dictionary<string, string[]> s_versions = Names.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
        .Select(f => f.Split(':')).ToDictionary(f => f[0], f => f.Length > 1 ? f[1].Split('/') : ["1"], StringComparer.Ordinal);

    /// <summary>What is switched off: by the list, or by the feature's own option.</summary>
    public static HashSet<string> Off(Settings settings)
    {
        var off = List(settings, "features-disabled").Select(Name).ToHashSet(StringComparer.Ordinal);
        foreach (var setting in settings.All.Where(s => s.Name.StartsWith("feature-", StringComparison.Ordinal)))
        {
            _ = setting.Value == "disabled" ? off.Add(setting.Name["feature-".Length..]) : off.Remove(setting.Name["feature-".Length..]);
        }

        return off;
    }

    /// <summary>Says which wishes have no effect: what cannot be switched off here, and what is not built.</summary>
    public static void Warn(Settings settings, Action<string> warn)
    {
        foreach (var feature in Off(settings).Where(f => !Server.Features.Switchable.Contains(f) && s_usual.Contains(f)).Order(StringComparer.Ordinal))
        {
            warn($"The feature '{feature}' cannot be switched off here");
        }

        var wanted = List(settings, "features")
            .Concat(settings.All.Where(s => s.Name.StartsWith("feature-", StringComparison.Ordinal) && s.Value != "disabled")
                .Select(s => s.Name["feature-".Length..] + (s.Value == "enabled" ? "" : $":{s.Value}")));
        foreach (var feature in wanted.Where(f => f is not ("preview" or "default") && !IsBuilt(f)).Distinct(StringComparer.Ordinal))
        {
            warn($"The feature '{feature}' is not available here");
        }
    }

    /// <summary>Refuses names and versions that do not exist, and what is both on and off.</summary>
    public static void Check(Settings settings)
    {
        foreach (var option in (string[])["features", "features-disabled"])
        {
            foreach (var feature in List(settings, option))
            {
                if (feature is not ("preview" or "default"))
                {
                    CheckName(feature);
                }
            }
        }

        if (List(settings, "features").Select(Name).Intersect(List(settings, "features-disabled").Select(Name)).FirstOrDefault() is { } both)
        {
            throw new CommandException($"{both} is in both the enabled and disabled feature lists.");
        }

        foreach (var setting in settings.All.Where(s => s.Name.StartsWith("feature-", StringComparison.Ordinal)))
        {
            var name = setting.Name["feature-".Length..];
            CheckName(name);
            if (setting.Value is not ("enabled" or "disabled") && !(setting.Value.StartsWith('v') && int.TryParse(setting.Value.AsSpan(1), out _)))
            {
                throw new CommandException(
                    $"Wrong value for feature '{name}': {setting.Value}. You can specify either 'enabled', 'disabled', or specific version (lowercase) that will be enabled");
            }
        }
    }

    private static string[] List(Settings settings, string option) =>
        (settings.Given(option) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // Of the versions of a feature the one that a stock Keycloak has on.
    private static bool IsBuilt(string feature)
    {
        var parts = feature.Split(":v", 2);
        return s_usual.Contains(parts[0]) && (parts.Length == 1 || parts[1] == (parts[0] == "identity-brokering-api" ? "1" : s_versions[parts[0]][0]));
    }

    private static string Name(string feature) => feature.Split(":v", 2)[0];

    private static void CheckName(string feature)
    {
        var parts = feature.Split(":v", 2);
        if (!s_versions.TryGetValue(parts[0], out var versions))
        {
            throw new CommandException($"'{feature}' is an unrecognized feature. Did you mean: {Suggestions.Nearest(parts[0], s_versions.Keys).First()}?");
        }

        if (parts.Length > 1 && !versions.Contains(parts[1]))
        {
            throw new CommandException($"Feature '{parts[0]}' has an unrecognized feature version, it should be one of [{string.Join(", ", versions)}]");
        }
    }
}
