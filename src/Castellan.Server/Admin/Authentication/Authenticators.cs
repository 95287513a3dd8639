using System.Text.Json;
using Castellan.Server.Admin.ServerInfo;

namespace Castellan.Server.Admin.Authentication;

/// <summary>What a step of a flow can be: its name, and how far it may be demanded. Its settings are in <see cref="Providers"/>.</summary>
internal sealed record Authenticator(string Id, string Name, string[] Requirements)
{
    private const string Steps = "org.keycloak.authentication.Authenticator";
    private const string Clients = "org.keycloak.authentication.ClientAuthenticator";
    private const string FormActions = "org.keycloak.authentication.FormAction";
    private const string Forms = "org.keycloak.authentication.FormAuthenticator";

    /// <summary>The kinds of steps that there are.</summary>
    public static readonly IReadOnlyList<string> Kinds = [Steps, Clients, FormActions, Forms];

    private static readonly string[] s_any = ["REQUIRED", "ALTERNATIVE", "DISABLED"];
    private static readonly string[] s_always = ["REQUIRED"];
    private static readonly string[] s_onOff = ["REQUIRED", "DISABLED"];
    private static readonly string[] s_all = ["REQUIRED", "ALTERNATIVE", "DISABLED", "CONDITIONAL"];

    private static readonly Dictionary<string, Authenticator> s_byId = new Authenticator[]
    {
        new("allow-access-authenticator", "Allow access", s_onOff),
        new("auth-conditional-otp-form", "Conditional OTP Form", s_any),
        new("auth-cookie", "Cookie", s_any),
        new("auth-otp-form", "OTP Form", s_any),
        new("auth-password-form", "Password Form", s_always),
        new("auth-recovery-authn-code-form", "Recovery Authentication Code Form", s_any),
        new("auth-spnego", "Kerberos", s_any),
        new("auth-username-form", "Username Form", s_always),
        new("auth-username-password-form", "Username Password Form", s_always),
        new("auth-x509-client-username-form", "X509/Validate Username Form", s_any),
        new("conditional-client-scope", "Condition - client scope", s_onOff),
        new("conditional-credential", "Condition - credential", s_onOff),
        new("conditional-level-of-authentication", "Condition - Level of Authentication", s_onOff),
        new("conditional-sub-flow-executed", "Condition - sub-flow executed", s_onOff),
        new("conditional-user-attribute", "Condition - user attribute", s_onOff),
        new("conditional-user-configured", "Condition - user configured", s_onOff),
        new("conditional-user-role", "Condition - user role", s_onOff),
        new("deny-access-authenticator", "Deny access", s_onOff),
        new("direct-grant-auth-x509-username", "X509/Validate Username", s_any),
        new("direct-grant-validate-otp", "OTP", s_any),
        new("direct-grant-validate-password", "Password", s_any),
        new("direct-grant-validate-username", "Username Validation", s_always),
        new("docker-http-basic-authenticator", "Docker Authenticator", s_always),
        new("http-basic-authenticator", "HTTP Basic Authentication", s_all),
        new("identity-provider-redirector", "Identity Provider Redirector", s_any),
        new("idp-add-organization-member", "Organization Member Onboard", s_any),
        new("idp-auto-link", "Automatically set existing user", s_any),
        new("idp-confirm-link", "Confirm link existing account", s_any),
        new("idp-confirm-override-link", "Confirm override existing link", s_any),
        new("idp-create-user-if-unique", "Create User If Unique", s_any),
        new("idp-detect-existing-broker-user", "Detect existing broker user", s_any),
        new("idp-email-verification", "Verify existing account by Email", s_any),
        new("idp-review-profile", "Review Profile", s_any),
        new("idp-username-password-form", "Username Password Form for identity provider reauthentication", s_always),
        new("organization", "Organization Identity-First Login", s_any),
        new("reset-credential-email", "Send Reset Email", s_always),
        new("reset-credentials-choose-user", "Choose User", s_always),
        new("reset-otp", "Reset OTP", s_any),
        new("reset-password", "Reset Password", s_any),
        new("user-session-limits", "User session count limiter", s_onOff),
        new("webauthn-authenticator", "WebAuthn Authenticator", s_any),
        new("webauthn-authenticator-passwordless", "WebAuthn Passwordless Authenticator", s_any),
        new("client-jwt", "Signed JWT", s_any),
        new("client-secret", "Client Id and Secret", s_any),
        new("client-secret-jwt", "Signed JWT with Client Secret", s_any),
        new("client-x509", "X509 Certificate", s_any),
        new("federated-jwt", "Signed JWT - Federated", s_any),
        new("registration-page-form", "Registration Page", s_onOff),
        new("registration-password-action", "Password Validation", s_onOff),
        new("registration-recaptcha-action", "reCAPTCHA", s_onOff),
        new("registration-recaptcha-enterprise", "reCAPTCHA Enterprise", s_onOff),
        new("registration-terms-and-conditions", "Terms and conditions", s_onOff),
        new("registration-user-creation", "Registration User Profile Creation", s_onOff),
    }.ToDictionary(a => a.Id, StringComparer.Ordinal);

    public static Authenticator? Find(string? id) => id is null ? null : s_byId.GetValueOrDefault(id);

    /// <summary>What a flow of a kind may hold as a step.</summary>
    public static string TypeIn(string? flowProvider) => flowProvider switch { "client-flow" => Clients, "form-flow" => FormActions, _ => Steps };

    /// <summary>How far a new step is demanded: not at all until somebody says so, unless there is but one way.</summary>
    public static string FirstRequirement(string? id) => Find(id)?.Requirements is [var only] ? only : "DISABLED";

    /// <summary>How far a flow below another may be demanded.</summary>
    public static string[] RequirementsOfFlow(string? flowProvider) => flowProvider == "form-flow" ? s_onOff : s_all;

    /// <summary>What the settings of a step are; null for an unknown step.</summary>
    public JsonElement? Entry => Providers.Find(Steps, Id) ?? Providers.Find(Clients, Id) ?? Providers.Find(FormActions, Id) ?? Providers.Find(Forms, Id);

    public bool Configurable => Entry is { } entry && entry.GetProperty("properties").GetArrayLength() > 0;

    /// <summary>The steps of a kind, as lists show them.</summary>
    public static List<AuthenticatorSummary> List(string kind) =>
    [
        .. Providers.OfType(kind).Select(e => new AuthenticatorSummary
        {
            Id = e.GetProperty("id").GetString(),
            DisplayName = Find(e.GetProperty("id").GetString())?.Name,
            Description = e.GetProperty("helpText").GetString(),
            SupportsSecret = kind == Clients ? e.GetProperty("id").GetString() is "client-secret" or "client-secret-jwt" : null,
        }),
    ];

    public static List<AuthenticatorSummary> AllSteps => List(Steps);

    public static List<AuthenticatorSummary> AllClients => List(Clients);

    public static List<AuthenticatorSummary> AllFormActions => List(FormActions);

    public static List<AuthenticatorSummary> AllForms => List(Forms);

    /// <summary>Settings that a client has for each way to authenticate it.</summary>
    public static Dictionary<string, JsonElement> PerClient => Providers.OfType(Clients)
        .ToDictionary(e => e.GetProperty("id").GetString()!, e => e.GetProperty("clientProperties"), StringComparer.Ordinal);
}

/// <summary>A kind of step in a list.</summary>
internal sealed class AuthenticatorSummary
{
    public string? Id { get; set; }

    public string? DisplayName { get; set; }

    public string? Description { get; set; }

    public bool? SupportsSecret { get; set; }
}

/// <summary>What a form needs to know to configure a step.</summary>
internal sealed class AuthenticatorDescription
{
    public string? Name { get; set; }

    public string? ProviderId { get; set; }

    public string? HelpText { get; set; }

    public JsonElement? Properties { get; set; }
}

/// <summary>A step of a flow as the flow's page shows it.</summary>
internal sealed class ExecutionInfo
{
    public string? Id { get; set; }

    public string? Requirement { get; set; }

    public string? DisplayName { get; set; }

    public string? Alias { get; set; }

    public string? Description { get; set; }

    public List<string>? RequirementChoices { get; set; }

    public bool? Configurable { get; set; }

    public bool? AuthenticationFlow { get; set; }

    public string? ProviderId { get; set; }

    public string? AuthenticationConfig { get; set; }

    public string? FlowId { get; set; }

    public int? Level { get; set; }

    public int? Index { get; set; }

    public int? Priority { get; set; }
}
