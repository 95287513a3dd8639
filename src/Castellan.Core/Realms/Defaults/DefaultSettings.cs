using System.Text.Json;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Defaults;

/// <summary>What a realm's settings are where nobody said anything.</summary>
public static class DefaultSettings
{
    private static readonly string[] s_webAuthnAlgorithms = ["ES256", "RS256"];
    private const string Unsaid = "not specified";

    /// <summary>Fills in what is absent. <see cref="RealmRepresentation.Enabled"/> becomes false, as for any realm that does not say it.</summary>
    public static void Fill(RealmRepresentation r)
    {
        r.NotBefore ??= 0;
        r.DefaultSignatureAlgorithm ??= "RS256";
        r.RevokeRefreshToken ??= false;
        r.RefreshTokenMaxReuse ??= 0;
        r.AccessTokenLifespan ??= 300;
        r.AccessTokenLifespanForImplicitFlow ??= 900;
        r.SsoSessionIdleTimeout ??= 1800;
        r.SsoSessionMaxLifespan ??= 36000;
        r.SsoSessionIdleTimeoutRememberMe ??= 0;
        r.SsoSessionMaxLifespanRememberMe ??= 0;
        r.OfflineSessionIdleTimeout ??= 2592000;
        r.OfflineSessionMaxLifespanEnabled ??= false;
        r.OfflineSessionMaxLifespan ??= 5184000;
        r.ClientSessionIdleTimeout ??= 0;
        r.ClientSessionMaxLifespan ??= 0;
        r.ClientOfflineSessionIdleTimeout ??= 0;
        r.ClientOfflineSessionMaxLifespan ??= 0;
        r.AccessCodeLifespan ??= 60;
        r.AccessCodeLifespanUserAction ??= 300;
        r.AccessCodeLifespanLogin ??= 1800;
        r.ActionTokenGeneratedByAdminLifespan ??= 43200;
        r.ActionTokenGeneratedByUserLifespan ??= r.AccessCodeLifespanUserAction;
        r.Oauth2DeviceCodeLifespan ??= 600;
        r.Oauth2DevicePollingInterval ??= 5;
        r.Enabled ??= false;
        r.SslRequired ??= "external";
        r.RegistrationAllowed ??= false;
        r.RegistrationEmailAsUsername ??= false;
        r.RememberMe ??= false;
        r.VerifyEmail ??= false;
        r.LoginWithEmailAllowed ??= true;
        r.DuplicateEmailsAllowed ??= false;
        r.ResetPasswordAllowed ??= false;
        r.EditUsernameAllowed ??= false;
        r.BruteForceProtected ??= false;
        r.PermanentLockout ??= false;
        r.MaxTemporaryLockouts ??= 0;
        r.BruteForceStrategy ??= "MULTIPLE";
        r.MaxFailureWaitSeconds ??= 900;
        r.MinimumQuickLoginWaitSeconds ??= 60;
        r.WaitIncrementSeconds ??= 60;
        r.QuickLoginCheckMilliSeconds ??= 1000;
        r.MaxDeltaTimeSeconds ??= 43200;
        r.FailureFactor ??= 30;
        r.MaxSecondaryAuthFailures ??= 0;
        r.RequiredCredentials ??= ["password"];
        r.OtpPolicyType ??= "totp";
        r.OtpPolicyAlgorithm ??= "HmacSHA1";
        r.OtpPolicyInitialCounter ??= 0;
        r.OtpPolicyDigits ??= 6;
        r.OtpPolicyLookAheadWindow ??= 1;
        r.OtpPolicyPeriod ??= 30;
        r.OtpPolicyCodeReusable ??= false;
        r.LocalizationTexts ??= [];
        r.BrowserSecurityHeaders ??= [];
        foreach (var (name, value) in SecurityHeaders)
        {
            r.BrowserSecurityHeaders.TryAdd(name, value);
        }

        r.SmtpServer ??= [];
        r.EventsEnabled ??= false;
        r.EventsListeners ??= ["jboss-logging"];
        r.EnabledEventTypes ??= [];
        r.AdminEventsEnabled ??= false;
        r.AdminEventsDetailsEnabled ??= false;
        r.InternationalizationEnabled ??= false;
        r.BrowserFlow ??= DefaultFlows.Browser;
        r.RegistrationFlow ??= DefaultFlows.Registration;
        r.DirectGrantFlow ??= DefaultFlows.DirectGrant;
        r.ResetCredentialsFlow ??= DefaultFlows.ResetCredentials;
        r.ClientAuthenticationFlow ??= DefaultFlows.Clients;
        r.DockerAuthenticationFlow ??= DefaultFlows.Docker;
        r.FirstBrokerLoginFlow ??= DefaultFlows.FirstBrokerLogin;
        r.UserManagedAccessAllowed ??= false;
        r.OrganizationsEnabled ??= false;
        r.VerifiableCredentialsEnabled ??= false;
        r.AdminPermissionsEnabled ??= false;
        r.ScimApiEnabled ??= false;
        r.ClientProfiles ??= Json("""{"profiles":[]}""");
        r.ClientPolicies ??= Json("""{"policies":[]}""");
        FillWebAuthn(r);
    }

    /// <summary>The authenticator apps that can follow the realm's policy of one-time codes.</summary>
    public static List<string> OtpApplications(RealmRepresentation r)
    {
        var apps = new List<string> { "totpAppFreeOTPName" };
        if (r.OtpPolicyType != "totp" || r.OtpPolicyPeriod == 30)
        {
            apps.Add("totpAppGoogleName");
        }

        if (r is { OtpPolicyType: "totp", OtpPolicyDigits: 6, OtpPolicyPeriod: 30, OtpPolicyAlgorithm: "HmacSHA1" })
        {
            apps.Add("totpAppMicrosoftAuthenticatorName");
        }

        return apps;
    }

    /// <summary>Headers of pages, by their names in a realm.</summary>
    public static IReadOnlyDictionary<string, string> SecurityHeaders { get; } = new Dictionary<string, string>
    {
        ["contentSecurityPolicyReportOnly"] = "",
        ["xContentTypeOptions"] = "nosniff",
        ["referrerPolicy"] = "no-referrer",
        ["xRobotsTag"] = "none",
        ["xFrameOptions"] = "SAMEORIGIN",
        ["contentSecurityPolicy"] = "frame-src 'self'; frame-ancestors 'self'; object-src 'none';",
        ["strictTransportSecurity"] = "max-age=31536000; includeSubDomains",
    };

    private static void FillWebAuthn(RealmRepresentation r)
    {
        r.WebAuthnPolicyRpEntityName = Said(r.WebAuthnPolicyRpEntityName) ?? "keycloak";
        r.WebAuthnPolicySignatureAlgorithms = Said(r.WebAuthnPolicySignatureAlgorithms) ?? [.. s_webAuthnAlgorithms];
        r.WebAuthnPolicyRpId ??= "";
        r.WebAuthnPolicyAttestationConveyancePreference = Said(r.WebAuthnPolicyAttestationConveyancePreference) ?? Unsaid;
        r.WebAuthnPolicyAuthenticatorAttachment = Said(r.WebAuthnPolicyAuthenticatorAttachment) ?? Unsaid;
        r.WebAuthnPolicyRequireResidentKey = Said(r.WebAuthnPolicyRequireResidentKey) ?? Unsaid;
        r.WebAuthnPolicyResidentKey = Said(r.WebAuthnPolicyResidentKey) ?? Unsaid;
        r.WebAuthnPolicyUserVerificationRequirement = Said(r.WebAuthnPolicyUserVerificationRequirement) ?? Unsaid;
        r.WebAuthnPolicyCreateTimeout ??= 0;
        r.WebAuthnPolicyAvoidSameAuthenticatorRegister ??= false;
        r.WebAuthnPolicyAcceptableAaguids ??= [];
        r.WebAuthnPolicyExtraOrigins ??= [];
        r.WebAuthnPolicyPasswordlessRpEntityName = Said(r.WebAuthnPolicyPasswordlessRpEntityName) ?? "keycloak";
        r.WebAuthnPolicyPasswordlessSignatureAlgorithms = Said(r.WebAuthnPolicyPasswordlessSignatureAlgorithms) ?? [.. s_webAuthnAlgorithms];
        r.WebAuthnPolicyPasswordlessRpId ??= "";
        r.WebAuthnPolicyPasswordlessAttestationConveyancePreference = Said(r.WebAuthnPolicyPasswordlessAttestationConveyancePreference) ?? Unsaid;
        r.WebAuthnPolicyPasswordlessAuthenticatorAttachment = Said(r.WebAuthnPolicyPasswordlessAuthenticatorAttachment) ?? Unsaid;
        r.WebAuthnPolicyPasswordlessRequireResidentKey = Said(r.WebAuthnPolicyPasswordlessRequireResidentKey) ?? Unsaid;
        r.WebAuthnPolicyPasswordlessResidentKey = Said(r.WebAuthnPolicyPasswordlessResidentKey) ?? "required";
        r.WebAuthnPolicyPasswordlessUserVerificationRequirement = Said(r.WebAuthnPolicyPasswordlessUserVerificationRequirement) ?? "required";
        r.WebAuthnPolicyPasswordlessCreateTimeout ??= 0;
        r.WebAuthnPolicyPasswordlessAvoidSameAuthenticatorRegister ??= false;
        r.WebAuthnPolicyPasswordlessAcceptableAaguids ??= [];
        r.WebAuthnPolicyPasswordlessExtraOrigins ??= [];
    }

    // An empty word of these policies is as good as none, and so is a list of no algorithm.
    private static string? Said(string? word) => string.IsNullOrEmpty(word) ? null : word;

    private static List<string>? Said(List<string>? words) => words is { Count: > 0 } ? words : null;

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
