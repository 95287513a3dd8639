using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Defaults;

/// <summary>The built-in authentication flows of a new realm and the configurations of their steps.</summary>
public static class DefaultFlows
{
    private const string Basic = "basic-flow";
    private const string TwoFactor = "Flow to determine if any 2FA is required for the authentication";

    /// <summary>The flows that a realm is bound to when nothing else is said.</summary>
    public const string Browser = "browser", DirectGrant = "direct grant", Registration = "registration", ResetCredentials = "reset credentials",
        Clients = "clients", FirstBrokerLogin = "first broker login", Docker = "docker auth", SamlEcp = "saml ecp";

    // A step is "requirement priority authenticator [@ configuration]" or "requirement priority > sub-flow"; a form is "… form > sub-flow".
    private static readonly (string Alias, string? Description, string Type, bool Top, string[] Steps)[] s_flows =
    [
        (Browser, "Browser based authentication", Basic, true,
            ["A 10 auth-cookie", "D 20 auth-spnego", "A 25 identity-provider-redirector", "A 26 > Organization", "A 30 > forms"]),
        ("Organization", null, Basic, false, ["C 10 > Browser - Conditional Organization"]),
        ("Browser - Conditional Organization", "Flow to determine if the organization identity-first login is to be used", Basic, false,
            ["R 10 conditional-user-configured", "A 20 organization"]),
        ("forms", "Username, password, otp and other auth forms.", Basic, false, ["R 10 auth-username-password-form", "C 20 > Browser - Conditional 2FA"]),
        ("Browser - Conditional 2FA", TwoFactor, Basic, false,
            ["R 10 conditional-user-configured", "R 20 conditional-credential @ browser-conditional-credential", "A 30 auth-otp-form",
                "D 40 webauthn-authenticator", "D 50 auth-recovery-authn-code-form"]),
        (DirectGrant, "OpenID Connect Resource Owner Grant", Basic, true,
            ["R 10 direct-grant-validate-username", "R 20 direct-grant-validate-password", "C 30 > Direct Grant - Conditional OTP"]),
        ("Direct Grant - Conditional OTP", "Flow to determine if the OTP is required for the authentication", Basic, false,
            ["R 10 conditional-user-configured", "R 20 direct-grant-validate-otp"]),
        (Registration, "Registration flow", Basic, true, ["R 10 registration-page-form > registration form"]),
        ("registration form", "Registration form", "form-flow", false,
            ["R 20 registration-user-creation", "R 50 registration-password-action", "D 60 registration-recaptcha-action", "D 70 registration-terms-and-conditions"]),
        (ResetCredentials, "Reset credentials for a user if they forgot their password or something", Basic, true,
            ["R 10 reset-credentials-choose-user", "R 20 reset-credential-email", "R 30 reset-password", "C 40 > Reset - Conditional OTP"]),
        ("Reset - Conditional OTP", "Flow to determine if the OTP should be reset or not. Set to REQUIRED to force.", Basic, false,
            ["R 10 conditional-user-configured", "R 20 reset-otp"]),
        (Clients, "Base authentication for clients", "client-flow", true,
            ["A 10 client-secret", "A 20 client-jwt", "A 30 client-secret-jwt", "A 40 client-x509", "A 50 federated-jwt"]),
        (FirstBrokerLogin, "Actions taken after first broker login with identity provider account, which is not yet linked to any Keycloak account", Basic, true,
            ["R 10 idp-review-profile @ review profile config", "R 20 > User creation or linking", "C 60 > First Broker Login - Conditional Organization"]),
        ("User creation or linking", "Flow for the existing/non-existing user alternatives", Basic, false,
            ["A 10 idp-create-user-if-unique @ create unique user config", "A 20 > Handle Existing Account"]),
        ("Handle Existing Account", "Handle what to do if there is existing account with same email/username like authenticated identity provider", Basic, false,
            ["R 10 idp-confirm-link", "R 20 > Account verification options"]),
        ("Account verification options", "Method with which to verify the existing account", Basic, false,
            ["A 10 idp-email-verification", "A 20 > Verify Existing Account by Re-authentication"]),
        ("Verify Existing Account by Re-authentication", "Reauthentication of existing account", Basic, false,
            ["R 10 idp-username-password-form", "C 20 > First broker login - Conditional 2FA"]),
        ("First broker login - Conditional 2FA", TwoFactor, Basic, false,
            ["R 10 conditional-user-configured", "R 20 conditional-credential @ first-broker-login-conditional-credential", "A 30 auth-otp-form",
                "D 40 webauthn-authenticator", "D 50 auth-recovery-authn-code-form"]),
        ("First Broker Login - Conditional Organization", "Flow to determine if the authenticator that adds organization members is to be used", Basic, false,
            ["R 10 conditional-user-configured", "R 20 idp-add-organization-member"]),
        (SamlEcp, "SAML ECP Profile Authentication Flow", Basic, true, ["R 10 http-basic-authenticator"]),
        (Docker, "Used by Docker clients to authenticate against the IDP", Basic, true, ["R 10 docker-http-basic-authenticator"]),
    ];

    private static readonly (string Alias, string Key, string Value)[] s_configs =
    [
        ("browser-conditional-credential", "credentials", "webauthn-passwordless"),
        ("create unique user config", "require.password.update.after.registration", "false"),
        ("first-broker-login-conditional-credential", "credentials", "webauthn-passwordless"),
        ("review profile config", "update.profile.on.first.login", "missing"),
    ];

    /// <summary>All built-in flows anew.</summary>
    public static List<AuthenticationFlowRepresentation> Make() => [.. s_flows.Select(f => new AuthenticationFlowRepresentation
    {
        Id = Ids.New(), Alias = f.Alias, Description = f.Description, ProviderId = f.Type, TopLevel = f.Top, BuiltIn = true,
        AuthenticationExecutions = [.. f.Steps.Select(Step)],
    })];

    /// <summary>The configurations that steps of the built-in flows name.</summary>
    public static List<AuthenticatorConfigRepresentation> MakeConfigs() => [.. s_configs.Select(c => new AuthenticatorConfigRepresentation
    {
        Id = Ids.New(), Alias = c.Alias, Config = new() { [c.Key] = c.Value },
    })];

    private static AuthenticationExecutionExportRepresentation Step(string text)
    {
        var words = text.Split(' ', 3);
        var (step, flow) = words[2].Split("> ", 2) is [var before, var after] ? (before.Trim(), after) : (words[2], null);
        var (authenticator, config) = step.Split(" @ ", 2) is [var name, var configuration] ? (name, configuration) : (step, null);
        return new()
        {
            Id = Ids.New(),
            AuthenticatorConfig = config,
            Authenticator = authenticator.Length == 0 ? null : authenticator,
            AuthenticatorFlow = flow is not null,
            AutheticatorFlow = flow is not null,
            FlowAlias = flow,
            Requirement = words[0] switch { "R" => "REQUIRED", "A" => "ALTERNATIVE", "C" => "CONDITIONAL", _ => "DISABLED" },
            Priority = int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture),
            UserSetupAllowed = false,
        };
    }
}
