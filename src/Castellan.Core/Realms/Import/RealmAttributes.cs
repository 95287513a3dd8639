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

    /// <summary>Moves attributes that have a field of their own into it, where the field is not given.</summary>
    public static void Take(RealmRepresentation r)
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
        r.DisplayName = Text("displayName", r.DisplayName);
        r.DisplayNameHtml = Text("displayNameHtml", r.DisplayNameHtml);
        r.DefaultSignatureAlgorithm = Text("defaultSignatureAlgorithm", r.DefaultSignatureAlgorithm);
        if (attributes.GetValueOrDefault("userProfileEnabled") == "true")
        {
            attributes.Remove("userProfileEnabled");
        }

        foreach (var (name, value) in attributes.Where(a => a.Key.StartsWith(Headers, StringComparison.Ordinal)).ToList())
        {
            attributes.Remove(name);
            (r.BrowserSecurityHeaders ??= []).TryAdd(name[Headers.Length..], value);
        }

        r.Attributes = attributes!;

        // The attribute goes in any case; the field, where it is given, counts.
        string? Text(string name, string? field) => attributes.Remove(name, out var text) && field is null ? text : field;
        bool? Flag(string name, bool? field) => Text(name, null) is { } text && field is null ? text.Equals("true", StringComparison.OrdinalIgnoreCase) : field;
        int? Number(string name, long? field) =>
            int.TryParse(Text(name, null), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && field is null ? number : (int?)field;
    }

    /// <summary>Adds the attributes that every realm made from a file shows.</summary>
    public static void Complete(RealmRepresentation settings, RealmRepresentation given)
    {
        var attributes = settings.Attributes ??= [];
        attributes.TryAdd("cibaBackchannelTokenDeliveryMode", "poll");
        attributes.TryAdd("cibaExpiresIn", "120");
        attributes.TryAdd("cibaAuthRequestedUserHint", "login_hint");
        attributes.TryAdd("cibaInterval", "5");
        attributes.TryAdd("parRequestUriLifespan", "60");
        attributes["realmReusableOtpCode"] = settings.OtpPolicyCodeReusable is true ? "true" : "false";
        Number("oauth2DeviceCodeLifespan", settings.Oauth2DeviceCodeLifespan);
        Number("oauth2DevicePollingInterval", settings.Oauth2DevicePollingInterval);
        Number("clientSessionIdleTimeout", given.ClientSessionIdleTimeout);
        Number("clientSessionMaxLifespan", given.ClientSessionMaxLifespan);
        Number("clientOfflineSessionIdleTimeout", given.ClientOfflineSessionIdleTimeout);
        Number("clientOfflineSessionMaxLifespan", given.ClientOfflineSessionMaxLifespan);

        void Number(string name, int? value)
        {
            if (value is { } number)
            {
                attributes[name] = number.ToString(CultureInfo.InvariantCulture);
            }
        }
    }
}
