using System.Globalization;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

/// <summary>
/// Realm attributes that are settings in another guise. Old exports carry settings as attributes, and every realm shows some settings as
/// attributes beside their fields.
/// </summary>
public static class RealmAttributes
{
    private const string Headers = "_browser_header.";

    // What attributes say where nobody says anything.
    private static readonly (string Name, string Value)[] s_usual =
    [
        ("cibaBackchannelTokenDeliveryMode", "poll"), ("cibaExpiresIn", "120"), ("cibaAuthRequestedUserHint", "login_hint"), ("cibaInterval", "5"),
        ("parRequestUriLifespan", "60"),
    ];

    /// <summary>Moves attributes that have a field of their own into it. Where both are given, a file means its attributes and a change its fields.</summary>
    public static void Take(RealmRepresentation r, bool isFile)
    {
        var attributes = r.Attributes?.Where(a => a.Value is not null).ToDictionary(a => a.Key, a => a.Value!) ?? [];
        r.BruteForceProtected = Flag("bruteForceProtected", r.BruteForceProtected);
        r.PermanentLockout = Flag("permanentLockout", r.PermanentLockout);
        r.MaxTemporaryLockouts = Number("maxTemporaryLockouts", r.MaxTemporaryLockouts);
        r.BruteForceStrategy = Text("bruteForceStrategy", r.BruteForceStrategy);
        r.MaxFailureWaitSeconds = Number("maxFailureWaitSeconds", r.MaxFailureWaitSeconds);
        r.WaitIncrementSeconds = Number("waitIncrementSeconds", r.WaitIncrementSeconds);
        r.QuickLoginCheckMilliSeconds = Number("quickLoginCheckMilliSeconds", r.QuickLoginCheckMilliSeconds);
        r.MinimumQuickLoginWaitSeconds = Number("minimumQuickLoginWaitSeconds", r.MinimumQuickLoginWaitSeconds);
        r.MaxDeltaTimeSeconds = Number("maxDeltaTimeSeconds", r.MaxDeltaTimeSeconds);
        r.FailureFactor = Number("failureFactor", r.FailureFactor);
        r.ActionTokenGeneratedByAdminLifespan = Number("actionTokenGeneratedByAdminLifespan", r.ActionTokenGeneratedByAdminLifespan);
        r.ActionTokenGeneratedByUserLifespan = Number("actionTokenGeneratedByUserLifespan", r.ActionTokenGeneratedByUserLifespan);
        r.OfflineSessionMaxLifespanEnabled = Flag("offlineSessionMaxLifespanEnabled", r.OfflineSessionMaxLifespanEnabled);
        r.OfflineSessionMaxLifespan = Number("offlineSessionMaxLifespan", r.OfflineSessionMaxLifespan);
        r.Oauth2DeviceCodeLifespan = Number("oauth2DeviceCodeLifespan", r.Oauth2DeviceCodeLifespan);
        r.Oauth2DevicePollingInterval = Number("oauth2DevicePollingInterval", r.Oauth2DevicePollingInterval);
        r.OrganizationsEnabled = Flag("organizationsEnabled", r.OrganizationsEnabled);
        r.AdminPermissionsEnabled = Flag("adminPermissionsEnabled", r.AdminPermissionsEnabled);
        r.VerifiableCredentialsEnabled = Flag("verifiableCredentialsEnabled", r.VerifiableCredentialsEnabled);
        r.ClientSessionIdleTimeout = Kept("clientSessionIdleTimeout", r.ClientSessionIdleTimeout);
        r.ClientSessionMaxLifespan = Kept("clientSessionMaxLifespan", r.ClientSessionMaxLifespan);
        r.ClientOfflineSessionIdleTimeout = Kept("clientOfflineSessionIdleTimeout", r.ClientOfflineSessionIdleTimeout);
        r.ClientOfflineSessionMaxLifespan = Kept("clientOfflineSessionMaxLifespan", r.ClientOfflineSessionMaxLifespan);
        r.DisplayName = Text("displayName", r.DisplayName);
        r.DisplayNameHtml = Text("displayNameHtml", r.DisplayNameHtml);
        r.DefaultSignatureAlgorithm = Text("defaultSignatureAlgorithm", r.DefaultSignatureAlgorithm);
        foreach (var (name, value) in attributes.Where(a => a.Key.StartsWith(Headers, StringComparison.Ordinal)).ToList())
        {
            attributes.Remove(name);
            (r.BrowserSecurityHeaders ??= []).TryAdd(name[Headers.Length..], value);
        }

        r.Attributes = attributes!;

        // The attribute goes in any case.
        string? Text(string name, string? field) => attributes.Remove(name, out var text) && (isFile || field is null) ? text : field;
        bool? Flag(string name, bool? field) => Text(name, null) is { } text && (isFile || field is null) ? text.Equals("true", StringComparison.OrdinalIgnoreCase) : field;
        int? Number(string name, long? field) => Parse(Text(name, null), field);
        int? Kept(string name, int? field) => Parse(attributes.GetValueOrDefault(name), field);
        int? Parse(string? text, long? field) =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && (isFile || field is null) ? number : (int?)field;
    }

    /// <summary>Adds the attributes that every realm made from a file shows.</summary>
    public static void Complete(RealmRepresentation settings, RealmRepresentation given)
    {
        var attributes = settings.Attributes ??= [];
        foreach (var (name, value) in s_usual)
        {
            attributes.TryAdd(name, value);
        }

        attributes["realmReusableOtpCode"] = settings.OtpPolicyCodeReusable is true ? "true" : "false";
        Number("oauth2DeviceCodeLifespan", settings.Oauth2DeviceCodeLifespan);
        Number("oauth2DevicePollingInterval", settings.Oauth2DevicePollingInterval);
        Given("clientSessionIdleTimeout", given.ClientSessionIdleTimeout, settings.ClientSessionIdleTimeout);
        Given("clientSessionMaxLifespan", given.ClientSessionMaxLifespan, settings.ClientSessionMaxLifespan);
        Given("clientOfflineSessionIdleTimeout", given.ClientOfflineSessionIdleTimeout, settings.ClientOfflineSessionIdleTimeout);
        Given("clientOfflineSessionMaxLifespan", given.ClientOfflineSessionMaxLifespan, settings.ClientOfflineSessionMaxLifespan);

        void Given(string name, int? field, int? value)
        {
            if (field is not null || attributes.ContainsKey(name))
            {
                Number(name, value);
            }
        }

        void Number(string name, int? value)
        {
            if (value is { } number)
            {
                attributes[name] = number.ToString(CultureInfo.InvariantCulture);
            }
        }
    }

    /// <summary>
    /// Brings attributes and fields in step after a change. Attributes are replaced whole; settings that live in attributes alone fall back to what is
    /// usual where the change does not say them, as in Keycloak.
    /// </summary>
    /// <param name="said">The change, its attributes already moved into fields.</param>
    public static void Follow(RealmRepresentation settings, RealmRepresentation said)
    {
        var attributes = settings.Attributes ??= [];
        foreach (var (name, _) in s_usual)
        {
            if (said.Attributes?.GetValueOrDefault(name) is null)
            {
                attributes.Remove(name);
            }
        }

        (settings.Oauth2DeviceCodeLifespan, settings.Oauth2DevicePollingInterval) = (said.Oauth2DeviceCodeLifespan, said.Oauth2DevicePollingInterval);
        settings.OtpPolicyCodeReusable = said.OtpPolicyType is not null ? said.OtpPolicyCodeReusable ?? false
            : said.Attributes is { } given ? given.GetValueOrDefault("realmReusableOtpCode") == "true"
            : settings.OtpPolicyCodeReusable;
        if (said.Attributes is not null)
        {
            settings.ClientSessionIdleTimeout = said.ClientSessionIdleTimeout;
            settings.ClientSessionMaxLifespan = said.ClientSessionMaxLifespan;
            settings.ClientOfflineSessionIdleTimeout = said.ClientOfflineSessionIdleTimeout;
            settings.ClientOfflineSessionMaxLifespan = said.ClientOfflineSessionMaxLifespan;
            settings.ScimApiEnabled = said.ScimApiEnabled ?? said.Attributes.GetValueOrDefault("scimApiEnabled") == "true";
        }

        if (said.ScimApiEnabled is { } scim)
        {
            attributes["scimApiEnabled"] = scim ? "true" : "false";
        }

        var hasReusable = said.OtpPolicyType is not null || attributes.ContainsKey("realmReusableOtpCode");
        Defaults.DefaultSettings.Fill(settings);
        Complete(settings, said);
        if (!hasReusable)
        {
            attributes.Remove("realmReusableOtpCode");
        }
    }
}
