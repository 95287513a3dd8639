using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Credentials;
using Castellan.Core.Groups;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Realms.Import;
using Castellan.Core.Representations;
using Castellan.Server.Mail;

namespace Castellan.Server.Admin.Realms;

/// <summary>Changes a realm's settings: what is not given stays, and what lives in lists of its own is not changed here.</summary>
internal static class RealmUpdate
{
    // Settings that make up one policy, and the one without which the others are ignored; with it they are taken whole, as in Keycloak. The longer
    // prefix comes first.
    private static readonly (string Prefix, string Key)[] s_wholes =
    [
        ("webAuthnPolicyPasswordless", "webAuthnPolicyPasswordlessRpEntityName"),
        ("webAuthnPolicy", "webAuthnPolicyRpEntityName"),
        ("otpPolicy", "otpPolicyType"),
    ];

    private static readonly string[] s_tokenSettings = ["authTokenUrl", "authTokenScope", "authTokenClientId", "authTokenClientSecret"];

    /// <param name="shows">Whether the caller may see a group: of others nothing is told, and they stay default groups where they are.</param>
    public static Read<RealmRepresentation> Apply(Realm realm, RealmRepresentation given, PasswordBlacklists blacklists, Func<Group, bool> shows)
    {
        var existing = realm.Settings;
        var rest = given.ShallowCopy();
        rest.ClearLists();
        (rest.Id, rest.Realm, rest.DefaultRole, rest.DefaultGroups, rest.AdminPermissionsClient, rest.LocalizationTexts) = (null, null, null, null, null, null);
        (rest.DefaultDefaultClientScopes, rest.DefaultOptionalClientScopes) = (null, null);
        rest.SmtpServer = Mail(rest.SmtpServer, existing.SmtpServer);
        if (rest.Attributes is not null)
        {
            var device = (rest.Oauth2DeviceCodeLifespan, rest.Oauth2DevicePollingInterval);
            RealmAttributes.Take(rest, isFile: false);
            (rest.Oauth2DeviceCodeLifespan, rest.Oauth2DevicePollingInterval) = device; // Their fields alone are asked.
        }

        if (given.DefaultGroups is not null)
        {
            rest.DefaultGroups = [];
            foreach (var path in given.DefaultGroups)
            {
                if (realm.Groups.FindByPath(path) is not { } group || !shows(group))
                {
                    return AdminAnswer.Message(400, $"default group in realm rep doesn't exist: {path}");
                }

                rest.DefaultGroups.Add(group.Id);
            }

            rest.DefaultGroups.AddRange(realm.DefaultGroups.Where(g => !shows(g)).Select(g => g.Id));
        }

        var settings = Merge(existing, rest);
        RealmAttributes.Follow(settings, rest);
        EmailSettings.Follow(settings, rest);
        settings.OtpSupportedApplications = DefaultSettings.OtpApplications(settings);
        settings.PasswordPolicy = settings.PasswordPolicy is { Length: > 0 } policy ? policy : null;
        return Refuse(realm, rest, settings, blacklists) is { } refusal ? refusal : settings;
    }

    private static RealmRepresentation Merge(RealmRepresentation existing, RealmRepresentation rest)
    {
        var merged = JsonSerializer.SerializeToNode(existing, AdminJson.Default.RealmRepresentation)!.AsObject();
        var changes = JsonSerializer.SerializeToNode(rest, AdminJson.Default.RealmRepresentation)!.AsObject();
        foreach (var name in merged.Select(m => m.Key).Where(n => KeyOf(n) is { } key && key.StartsWith("webAuthn", StringComparison.Ordinal) && IsSaid(key)).ToList())
        {
            merged.Remove(name);
        }

        foreach (var (name, value) in changes)
        {
            if (KeyOf(name) is not { } key || IsSaid(key))
            {
                merged[name] = value?.DeepClone();
            }
        }

        var settings = merged.Deserialize(AdminJson.Default.RealmRepresentation)!;
        foreach (var (name, value) in existing.BrowserSecurityHeaders ?? [])
        {
            (settings.BrowserSecurityHeaders ??= []).TryAdd(name, value);
        }

        return settings;

        bool IsSaid(string key) => changes[key]?.GetValue<string>() is { Length: > 0 };
        static string? KeyOf(string name) => s_wholes.FirstOrDefault(w => name.StartsWith(w.Prefix, StringComparison.Ordinal)).Key;
    }

    private static AdminAnswer? Refuse(Realm realm, RealmRepresentation given, RealmRepresentation settings, PasswordBlacklists blacklists)
    {
        settings.SslRequired = settings.SslRequired?.ToLowerInvariant();
        if (settings.SslRequired is not ("none" or "external" or "all") || settings.BruteForceStrategy is not ("LINEAR" or "MULTIPLE"))
        {
            return AdminAnswer.CannotParse;
        }

        if (Refusals.OfSettings(settings) is { } wrong)
        {
            return AdminAnswer.Message(400, wrong.Description ?? wrong.Code);
        }

        if (settings.SmtpServer is { Count: > 0 } smtp && smtp.GetValueOrDefault("from") is null)
        {
            return AdminAnswer.Message(400, MailFailures.NoSender);
        }

        if (given is { AccessCodeLifespanLogin: { } login, AccessCodeLifespanUserAction: { } action } && Math.Min(login, action) < 1)
        {
            return AdminAnswer.Message(400, "AccessCodeLifespanLogin or AccessCodeLifespanUserAction cannot be 0");
        }

        if (given.RequiredCredentials?.Find(c => c is not ("password" or "kerberos")) is { } unknown)
        {
            return AdminAnswer.Message(400, $"Unknown credential type {unknown}");
        }

        if (PasswordPolicy.Problem(settings.PasswordPolicy, blacklists) is { } problem)
        {
            return AdminAnswer.Message(400, problem);
        }

        if (Timeouts(settings) is { } sentence)
        {
            return AdminAnswer.Message(400, sentence);
        }

        foreach (var alias in (string?[])[settings.BrowserFlow, settings.RegistrationFlow, settings.DirectGrantFlow, settings.ResetCredentialsFlow,
            settings.ClientAuthenticationFlow, settings.DockerAuthenticationFlow, settings.FirstBrokerLoginFlow])
        {
            if (alias is not null && realm.Data.Flows.All(f => f.Alias != alias))
            {
                return AdminAnswer.Message(400, $"No available authentication flow with alias: {alias}");
            }
        }

        return null;
    }

    /// <summary>The sessions of clients may not outlast those of people, who may have asked to be remembered.</summary>
    private static string? Timeouts(RealmRepresentation settings)
    {
        var (idle, max) = (settings.SsoSessionIdleTimeout ?? 0, settings.SsoSessionMaxLifespan ?? 0);
        if (settings.RememberMe is not true)
        {
            return settings.ClientSessionIdleTimeout > idle ? "Client Session Idle Timeout cannot be greater than Realm SSO Idle Timeout."
                : settings.ClientSessionMaxLifespan > max ? "Client session max lifespan cannot exceed realm SSO session max lifespan."
                : null;
        }

        return settings.ClientSessionIdleTimeout > Math.Max(idle, settings.SsoSessionIdleTimeoutRememberMe ?? 0)
                ? "Client session idle timeout cannot exceed realm SSO session idle timeout and RememberMe idle timeout."
            : settings.ClientSessionMaxLifespan > Math.Max(max, settings.SsoSessionMaxLifespanRememberMe ?? 0)
                ? "Client session max lifespan cannot exceed realm SSO session max lifespan and RememberMe Max span."
            : null;
    }

    /// <summary>Only what goes with the way of signing in at the mail server is kept; stars stand for the secret that is there.</summary>
    private static Dictionary<string, string?>? Mail(Dictionary<string, string?>? given, Dictionary<string, string?>? existing)
    {
        if (given is null)
        {
            return null;
        }

        var isAuthenticated = string.Equals(given.GetValueOrDefault("auth"), "true", StringComparison.OrdinalIgnoreCase);
        string[] unused = !isAuthenticated ? ["user", "password", "authType", .. s_tokenSettings] : given.GetValueOrDefault("authType") switch
        {
            null or "basic" => s_tokenSettings,
            "token" => ["password"],
            _ => [],
        };
        return given.Where(s => !unused.Contains(s.Key) && (s.Value != Masks.Secret || existing?.ContainsKey(s.Key) is true))
            .ToDictionary(s => s.Key, s => s.Value == Masks.Secret ? existing![s.Key] : s.Value, StringComparer.Ordinal);
    }
}
