using Castellan.Core.Authorize;
using Castellan.Core.Login;
using Castellan.Core.Login.Conditions;
using Castellan.Core.Login.Steps;
using Castellan.Server.Oidc;
using Castellan.Server.Pages;
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
        services.AddSingleton<IAuthenticationTabs, AuthenticationTabs>();
        services.AddSingleton<CredentialChecks>();
        services.AddSingleton<LoginServices>();
        services.AddSingleton<Passkeys>();
        services.AddSingleton<Consents>();
        services.AddSingleton<AuthorizePipeline>();
        services.AddSingleton<RequestObjects>();
        services.AddSteps();
        services.AddConditions();
        services.AddActions();
        services.AddSingleton<LoginSteps>();
        services.AddSingleton(s => new Lazy<LoginSteps>(s.GetRequiredService<LoginSteps>));
        services.AddSingleton<FlowRunner>();
        services.AddSingleton<RequiredActions>();
        services.AddSingleton<SignIn>();
        services.AddSingleton<Completion>();
        services.AddSingleton<DirectGrant>();
        services.AddSingleton<LoginCookies>();
        services.AddSingleton<AuthorizeAnswers>();
        services.AddSingleton<LoginHttp>();
        return services;
    }

    public static void MapLogin(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPageAssets(endpoints.ServiceProvider.GetRequiredService<ThemeOptions>());
        endpoints.MapAuthorization();
        endpoints.MapLoginActions();
    }

    private static void AddSteps(this IServiceCollection services)
    {
        services.AddSingleton<ILoginStep, CookieStep>();
        services.AddSingleton<ILoginStep, UsernamePasswordStep>();
        services.AddSingleton<ILoginStep, UsernameStep>();
        services.AddSingleton<ILoginStep, PasswordStep>();
        services.AddSingleton<ILoginStep, OtpStep>();
        services.AddSingleton<ILoginStep, ConditionalOtpStep>();
        services.AddSingleton<ILoginStep, RecoveryCodeStep>();
        services.AddSingleton<ILoginStep, DenyStep>();
        services.AddSingleton<ILoginStep, AllowStep>();
        services.AddSingleton<ILoginStep, SessionLimitsStep>();
        services.AddSingleton<ILoginStep, GrantUsernameStep>();
        services.AddSingleton<ILoginStep, GrantPasswordStep>();
        services.AddSingleton<ILoginStep, GrantOtpStep>();
        foreach (var absent in (ReadOnlySpan<string>)["auth-spnego", "identity-provider-redirector", "organization"])
        {
            services.AddSingleton<ILoginStep>(new AbsentStep(absent));
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

    private static void AddActions(this IServiceCollection services)
    {
    }
}
