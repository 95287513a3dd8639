using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Credentials;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Import;
using Castellan.Core.Representations;
using Castellan.Server.Mail;

namespace Castellan.Server.Admin.Realms;

/// <summary>Changes a realm's settings: what is not given stays, and what lives in lists of its own is not changed here.</summary>
internal static class RealmUpdate
{
    // Setting, the setting that it must not be above, sentence.
    private static readonly (Func<RealmRepresentation, int?> Value, Func<RealmRepresentation, int?> Limit, string Sentence)[] s_limits =
    [
        (r => r.ClientSessionIdleTimeout, r => r.SsoSessionIdleTimeout, "Client Session Idle Timeout cannot be greater than Realm SSO Idle Timeout."),
        (r => r.ClientSessionMaxLifespan, r => r.SsoSessionMaxLifespan, "Client Session Max Lifespan cannot be greater than Realm SSO Max Lifespan."),
    ];

    // Settings that make up one policy, and the one without which the others are ignored, as in Keycloak. The longer prefix comes first.
    private static readonly (string Prefix, string Key)[] s_wholes =
    [
        ("webAuthnPolicyPasswordless", "webAuthnPolicyPasswordlessRpEntityName"),
        ("webAuthnPolicy", "webAuthnPolicyRpEntityName"),
        ("otpPolicy", "otpPolicyType"),
    ];

    public static Read<RealmRepresentation> Apply(Realm realm, RealmRepresentation given, PasswordBlacklists blacklists)
    {
        var existing = realm.Settings;
        var rest = given.ShallowCopy();
        rest.ClearLists();
        (rest.Id, rest.Realm, rest.DefaultRole, rest.DefaultGroups, rest.AdminPermissionsClient) = (null, null, null, null, null);
        (rest.DefaultDefaultClientScopes, rest.DefaultOptionalClientScopes) = (null, null);
        rest.SmtpServer = Unmask(rest.SmtpServer, existing.SmtpServer);

        if (given.DefaultGroups is not null)
        {
            rest.DefaultGroups = [];
            foreach (var path in given.DefaultGroups)
            {
                if (realm.Groups.FindByPath(path) is not { } group)
                {
                    return AdminAnswer.Message(400, $"default group in realm rep doesn't exist: {path}");
                }

                rest.DefaultGroups.Add(group.Id);
            }
        }

        var merged = JsonSerializer.SerializeToNode(existing, AdminJson.Default.RealmRepresentation)!.AsObject();
        var changes = JsonSerializer.SerializeToNode(rest, AdminJson.Default.RealmRepresentation)!.AsObject();
        foreach (var (name, value) in changes.ToList())
        {
            if (s_wholes.FirstOrDefault(w => name.StartsWith(w.Prefix, StringComparison.Ordinal)) is { Key: { } key } && changes[key]?.GetValue<string>() is not { Length: > 0 })
            {
                continue;
            }

            merged[name] = value?.DeepClone();
        }

        var settings = merged.Deserialize(AdminJson.Default.RealmRepresentation)!;
        if (given.Attributes is not null)
        {
            // Attributes are replaced whole; those that mirror a setting come back by themselves.
            RealmAttributes.Take(settings);
            RealmAttributes.Complete(settings, rest);
            settings.Attributes!.Remove("realmReusableOtpCode");
            if (settings.OtpPolicyCodeReusable is true)
            {
                settings.Attributes["realmReusableOtpCode"] = "true";
            }
        }

        // Two settings are kept as attributes, and are there once they were given.
        if (given.OtpPolicyType is not null)
        {
            (settings.Attributes ??= [])["realmReusableOtpCode"] = settings.OtpPolicyCodeReusable is true ? "true" : "false";
        }

        if (given.ScimApiEnabled is { } scim)
        {
            (settings.Attributes ??= [])["scimApiEnabled"] = scim ? "true" : "false";
        }

        settings.PasswordPolicy = settings.PasswordPolicy is { Length: > 0 } policy ? policy : null;
        return Refuse(realm, settings, blacklists) is { } refusal ? refusal : settings;
    }

    private static AdminAnswer? Refuse(Realm realm, RealmRepresentation settings, PasswordBlacklists blacklists)
    {
        if (Refusals.OfSettings(settings) is { } wrong)
        {
            return wrong.Description is { } text ? AdminAnswer.Message(400, text) : AdminAnswer.Error(400, wrong.Code);
        }

        if (PasswordPolicy.Problem(settings.PasswordPolicy, blacklists) is { } problem)
        {
            return AdminAnswer.Message(400, problem);
        }

        foreach (var (value, limit, sentence) in s_limits)
        {
            if (value(settings) is { } has && limit(settings) is { } max && has > max)
            {
                return AdminAnswer.Message(400, sentence);
            }
        }

        settings.SslRequired = settings.SslRequired?.ToLowerInvariant();
        if (settings.SslRequired is not ("none" or "external" or "all"))
        {
            return AdminAnswer.CannotParse;
        }

        foreach (var alias in (string?[])[settings.BrowserFlow, settings.RegistrationFlow, settings.DirectGrantFlow, settings.ResetCredentialsFlow,
            settings.ClientAuthenticationFlow, settings.DockerAuthenticationFlow, settings.FirstBrokerLoginFlow])
        {
            if (!string.IsNullOrEmpty(alias) && realm.Data.Flows.All(f => f.Alias != alias))
            {
                return AdminAnswer.Message(400, $"No available authentication flow with alias: {alias}");
            }
        }

        return settings.SmtpServer is { Count: > 0 } smtp && string.IsNullOrEmpty(smtp.GetValueOrDefault("from"))
            ? AdminAnswer.Message(400, MailFailures.NoSender)
            : null;
    }

    /// <summary>Stars stand for the secret that is there.</summary>
    private static Dictionary<string, string?>? Unmask(Dictionary<string, string?>? given, Dictionary<string, string?>? existing) =>
        given?.Where(s => s.Value != Masks.Secret || existing?.ContainsKey(s.Key) is true)
            .ToDictionary(s => s.Key, s => s.Value == Masks.Secret ? existing![s.Key] : s.Value, StringComparer.Ordinal);
}
