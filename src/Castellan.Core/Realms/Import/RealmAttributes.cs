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
        r.BruteForceProtected ??= Flag("bruteForceProtected");
        r.PermanentLockout ??= Flag("permanentLockout");
        r.MaxTemporaryLockouts ??= Number("maxTemporaryLockouts");
        r.BruteForceStrategy ??= Text("bruteForceStrategy");
        r.MaxFailureWaitSeconds ??= Number("maxFailureWaitSeconds");
        r.WaitIncrementSeconds ??= Number("waitIncrementSeconds");
        r.QuickLoginCheckMilliSeconds ??= Number("quickLoginCheckMilliSeconds");
        r.MinimumQuickLoginWaitSeconds ??= Number("minimumQuickLoginWaitSeconds");
        r.MaxDeltaTimeSeconds ??= Number("maxDeltaTimeSeconds");
        r.FailureFactor ??= Number("failureFactor");
        r.ActionTokenGeneratedByAdminLifespan ??= Number("actionTokenGeneratedByAdminLifespan");
        r.ActionTokenGeneratedByUserLifespan ??= Number("actionTokenGeneratedByUserLifespan");
        r.OfflineSessionMaxLifespanEnabled ??= Flag("offlineSessionMaxLifespanEnabled");
        r.OfflineSessionMaxLifespan ??= Number("offlineSessionMaxLifespan");
        r.OrganizationsEnabled ??= Flag("organizationsEnabled");
        r.AdminPermissionsEnabled ??= Flag("adminPermissionsEnabled");
        r.VerifiableCredentialsEnabled ??= Flag("verifiableCredentialsEnabled");
        r.DisplayName ??= Text("displayName");
        r.DisplayNameHtml ??= Text("displayNameHtml");
        r.DefaultSignatureAlgorithm ??= Text("defaultSignatureAlgorithm");
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

        string? Text(string name) => attributes.Remove(name, out var text) ? text : null;
        bool? Flag(string name) => Text(name) is { } text ? text.Equals("true", StringComparison.OrdinalIgnoreCase) : null;
        int? Number(string name) => int.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
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
