using Castellan.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

#pragma warning disable IDE0130 // where the methods of its kind are found without a using
namespace Microsoft.Extensions.DependencyInjection;
#pragma warning restore IDE0130

/// <summary>Protects an API with the tokens of a realm.</summary>
public static class CastellanServices
{
    /// <summary>The name of the scheme, when none is given.</summary>
    public const string Scheme = "Bearer";

    /// <summary>Takes the access tokens of a realm that are for this audience, and makes that the way in which callers are known.</summary>
    /// <param name="services">The API's services.</param>
    /// <param name="realmUrl">The realm, as in <c>iss</c>: <c>https://id.example.com/realms/myrealm</c>.</param>
    /// <param name="audience">The API's name: a token must have it in <c>aud</c>.</param>
    /// <param name="configure">More to say, if any.</param>
    /// <exception cref="CastellanConfigurationException">The settings cannot work or are not safe; the message says why.</exception>
    public static IServiceCollection AddCastellan(this IServiceCollection services, string? realmUrl, string? audience, Action<CastellanOptions>? configure = null) =>
        services.AddCastellan(options =>
        {
            options.AddIssuer(realmUrl!, audience!);
            configure?.Invoke(options);
        });

    /// <summary>Takes the access tokens of the realms that the options name, and makes that the way in which callers are known.</summary>
    public static IServiceCollection AddCastellan(this IServiceCollection services, Action<CastellanOptions> configure)
    {
        MakeByHand(services);
        services.AddAuthentication(Scheme).AddCastellan(Scheme, configure);
        services.AddAuthorization();
        return services;
    }

    /// <summary>
    /// What the framework asks its container for in every request. These say the same as the framework's own entries, which a container that may not make
    /// code (native AOT) goes through by reflection each time.
    /// </summary>
    private static void MakeByHand(IServiceCollection services)
    {
        services.TryAddScoped<IAuthenticationHandlerProvider>(static p => new AuthenticationHandlerProvider(p.GetRequiredService<IAuthenticationSchemeProvider>()));
        services.TryAddTransient<IPolicyEvaluator>(static p => new PolicyEvaluator(p.GetRequiredService<IAuthorizationService>()));
        services.TryAddTransient<IAuthorizationHandlerProvider>(static p => new DefaultAuthorizationHandlerProvider(p.GetServices<IAuthorizationHandler>()));
        services.TryAddTransient<IAuthorizationEvaluator>(static _ => new DefaultAuthorizationEvaluator());
        services.TryAddTransient<IAuthorizationHandlerContextFactory>(static _ => new DefaultAuthorizationHandlerContextFactory());
    }

    /// <summary>Adds a scheme beside others.</summary>
    public static AuthenticationBuilder AddCastellan(this AuthenticationBuilder builder, string scheme, Action<CastellanOptions> configure)
    {
        var options = new CastellanOptions();
        configure(options);
        ConfigurationCheck.Run(options);

        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddKeyedSingleton(scheme, (provider, _) => new TokenValidator(
            options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>().CreateLogger("Castellan.AspNetCore")));
        services.AddSingleton<IHostedService>(provider => new KeyRefresh(
            provider.GetRequiredKeyedService<TokenValidator>(scheme), options.KeyRefreshInterval, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new NamedValidator(scheme, provider.GetRequiredKeyedService<TokenValidator>(scheme)));
        services.TryAddSingleton<TokenValidators>();
        // By hand: a container that may not make code builds each handler by reflection otherwise.
        services.TryAddTransient(provider => new BearerHandler(provider.GetRequiredService<TokenValidators>()));
        services.Configure<AuthenticationOptions>(authentication => authentication.AddScheme<BearerHandler>(scheme, scheme));
        return builder;
    }
}
