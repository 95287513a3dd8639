using Castellan.Core.Authorize;
using Castellan.Core.Clients;
using Castellan.Core.Credentials.WebAuthn;
using Castellan.Core.Login;
using Castellan.Core.Login.Actions;
using Castellan.Core.Login.Conditions;
using Castellan.Core.Login.Protocols;
using Castellan.Core.Login.Steps;
using Castellan.Core.Login.Steps.Broker;
using Castellan.Core.Organizations;
using Castellan.Core.Saml.Logout;
using Castellan.Core.Sessions;
using Castellan.Server.Admin.Users;
using Castellan.Server.Brokering;
using Castellan.Server.Login.Answers;
using Castellan.Server.Oidc;
using Castellan.Server.Pages;
using Castellan.Server.Saml;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Castellan.Server.Login;

/// <summary>Everything that signs people in, by name: the steps, conditions and required actions that there are, and the endpoints.</summary>
public static class LoginRegistration
{
    public static IServiceCollection AddLogin(this IServiceCollection services)
    {
        services.TryAddSingleton(new ThemeOptions());
        services.AddSingleton<ThemeFolder>();
        services.AddSingleton<IAuthenticationTabs, AuthenticationTabs>();
        services.AddSingleton<CredentialChecks>();
        services.AddSingleton<LoginServices>();
        services.AddSingleton<Passkeys>();
        services.AddSingleton<Consents>();
        services.AddSingleton<AuthorizePipeline>();
        services.AddSingleton<RequestObjects>();
        services.AddSingleton<RequestObjectReader>();
        services.AddBrokering();
        services.AddSteps(Features.Of(services));
        services.AddConditions();
        services.AddActions(Features.Of(services));
        services.AddSingleton<LoginSteps>();
        services.AddSingleton(s => new Lazy<LoginSteps>(s.GetRequiredService<LoginSteps>));
        services.AddSingleton<FlowRunner>();
        services.AddSingleton<RequiredActions>();
        services.AddSingleton<SignIn>();
        services.AddSingleton<Invitations>();
        services.TryAddSingleton<LogoutBehind>();
        services.TryAddSingleton<SessionEnding>();
        services.AddSingleton<AdapterActions>();
        services.TryAddSingleton<ILoginMail, NoMail>();
        services.TryAddSingleton<IEndedSessions, EndedSessions>();
        services.AddSingleton<ISignInProtocol, OidcSignIn>();
        services.AddSingleton<ISignInProtocol, SamlSignIn>();
        services.AddSingleton<SignInProtocols>();
        services.AddSingleton<Completion>();
        services.AddSingleton<DirectGrant>();
        services.AddSingleton<LoginCookies>();
        services.AddSingleton<AuthorizeAnswers>();
        services.AddAnswers();
        services.AddSingleton<LoginHttp>();
        services.AddSaml();
        return services;
    }

    public static void MapLogin(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPageAssets(endpoints.ServiceProvider.GetRequiredService<ThemeFolder>());
        endpoints.MapAuthorization();
        endpoints.MapLoginActions();
        ActionLinks.Map(endpoints);
        endpoints.MapLogout();
        endpoints.MapSessionFrames();
        endpoints.MapInstalledApp();
        if (endpoints.ServiceProvider.GetRequiredService<Features>().Has("device-flow"))
        {
            endpoints.MapDevicePages();
        }

        BrokerEndpoints.Map(endpoints);
    }

    /// <summary>In the order in which they are asked.</summary>
    private static void AddAnswers(this IServiceCollection services)
    {
        services.AddSingleton<ISignInAnswer, DeviceAnswer>();
        services.AddSingleton<ISignInAnswer, AccountAnswer>();
        services.AddSingleton<OidcAnswer>();
        services.AddSingleton<ISignInAnswer>(s => s.GetRequiredService<OidcAnswer>());
        services.AddSingleton<SamlAnswer>();
        services.AddSingleton<ISignInAnswer>(s => s.GetRequiredService<SamlAnswer>());
        services.AddSingleton<SignInAnswers>();
    }

    private static void AddSteps(this IServiceCollection services, Features features)
    {
        services.AddSingleton<ILoginStep, CookieStep>();
        services.AddSingleton<ILoginStep, UsernamePasswordStep>();
        services.AddSingleton<ILoginStep, UsernameStep>();
        services.AddSingleton<ILoginStep, PasswordStep>();
        services.AddSingleton<ILoginStep, OtpStep>();
        services.AddSingleton<ILoginStep, ConditionalOtpStep>();
        services.AddSingleton<ILoginStep, DenyStep>();
        services.AddSingleton<ILoginStep, AllowStep>();
        services.AddSingleton<ILoginStep, SessionLimitsStep>();
        services.AddSingleton<ILoginStep, HttpBasicStep>();
        services.AddSingleton<ILoginStep, GrantUsernameStep>();
        services.AddSingleton<ILoginStep, GrantPasswordStep>();
        services.AddSingleton<ILoginStep, GrantOtpStep>();
        services.AddSingleton<ILoginStep, RegistrationStep>();
        services.AddSingleton<ILoginStep, ResetChooseUserStep>();
        services.AddSingleton<ILoginStep, ResetEmailStep>();
        services.AddSingleton<ILoginStep, ResetPasswordStep>();
        services.AddSingleton<ILoginStep, ResetOtpStep>();
        services.AddSingleton<ILoginStep, IdentityProviderRedirectStep>();
        services.AddSingleton<ILoginStep, ReviewProfileStep>();
        services.AddSingleton<ILoginStep, CreateUserStep>();
        services.AddSingleton<ILoginStep, ConfirmLinkStep>();
        services.AddSingleton<ILoginStep, ConfirmOverrideStep>();
        services.AddSingleton<ILoginStep, LinkByMailStep>();
        services.AddSingleton<ILoginStep, LinkByPasswordStep>();
        services.AddSingleton<ILoginStep, DetectExistingStep>();
        services.AddSingleton<ILoginStep, AutoLinkStep>();
        services.AddSingleton<ILoginStep, AddOrganizationMemberStep>();
        services.AddSingleton<ILoginStep, OrganizationStep>();
        List<string> absent = ["auth-spnego"];
        if (features.Has("recovery-codes"))
        {
            services.AddSingleton<ILoginStep, RecoveryCodeStep>();
        }
        else
        {
            absent.Add("auth-recovery-authn-code-form");
        }

        if (features.Has("web-authn"))
        {
            services.AddSingleton<ILoginStep>(s => new WebAuthnStep(s.GetRequiredService<Passkeys>(), passwordless: false));
            services.AddSingleton<ILoginStep>(s => new WebAuthnStep(s.GetRequiredService<Passkeys>(), passwordless: true));
        }
        else
        {
            absent.AddRange(["webauthn-authenticator", "webauthn-authenticator-passwordless"]);
        }

        foreach (var step in absent)
        {
            services.AddSingleton<ILoginStep>(new AbsentStep(step));
        }
    }

    private static void AddConditions(this IServiceCollection services)
    {
        services.AddSingleton<ILoginCondition, RoleCondition>();
        services.AddSingleton<ILoginCondition, AttributeCondition>();
        services.AddSingleton<ILoginCondition, ClientScopeCondition>();
        services.AddSingleton<ILoginCondition, CredentialCondition>();
        services.AddSingleton<ILoginCondition, SubFlowCondition>();
        services.AddSingleton<ILoginCondition, LevelCondition>();
        services.AddSingleton<ILoginCondition, ConfiguredCondition>();
    }

    private static void AddActions(this IServiceCollection services, Features features)
    {
        services.AddSingleton<PasswordResets>();
        services.AddSingleton<IRequiredAction, UpdatePassword>();
        services.AddSingleton<IRequiredAction, UpdateProfile>();
        services.AddSingleton<IRequiredAction, VerifyProfile>();
        services.AddSingleton<IRequiredAction, ConfigureTotp>();
        if (features.Has("recovery-codes"))
        {
            services.AddSingleton<IRequiredAction, ConfigureRecoveryCodes>();
        }

        if (features.Has("web-authn"))
        {
            services.AddSingleton<IRequiredAction>(s => new RegisterWebAuthn(s.GetRequiredService<WebAuthnCeremonies>(), passwordless: false));
            services.AddSingleton<IRequiredAction>(s => new RegisterWebAuthn(s.GetRequiredService<WebAuthnCeremonies>(), passwordless: true));
        }

        services.AddSingleton<IRequiredAction, VerifyEmail>();
        if (features.Has("update-email"))
        {
            services.AddSingleton<IRequiredAction, UpdateEmail>();
        }

        services.AddSingleton<IRequiredAction, TermsAndConditions>();
        services.AddSingleton<IRequiredAction, DeleteCredentialAction>();
        services.AddSingleton<IRequiredAction, DeleteAccount>();
        services.AddSingleton<IRequiredAction, LinkAccount>();
        services.AddSingleton<IRequiredAction, UpdateUserLocale>();
    }
}
