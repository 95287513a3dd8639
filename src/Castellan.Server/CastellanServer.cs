using Castellan.Core.Clients;
using Castellan.Core.Codes;
using Castellan.Core.Federation;
using Castellan.Core.Realms;
using Castellan.Server.Federation;
using Castellan.Server.Account;
using Castellan.Server.Admin;
using Castellan.Server.Consoles;
using Castellan.Server.Events;
using Castellan.Server.Http;
using Castellan.Server.Users;
using Castellan.Server.Login;
using Castellan.Server.Mail;
using Castellan.Server.Oidc;
using Castellan.Server.Protection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Castellan.Server;

/// <summary>The server as a library: a host of one's own needs these two lines, and registers its stores (<c>IConfigurationStore</c>, …) itself.</summary>
public static class CastellanServer
{
    /// <summary>Registers what the server is made of. What is registered before stays.</summary>
    public static IServiceCollection AddCastellan(this IServiceCollection services)
    {
        services.AddRoutingCore();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Features.All);
        services.TryAddSingleton(new HostnameOptions());
        services.TryAddSingleton<ServerUrls>();
        services.TryAddSingleton(s => new RealmCache(s.GetRequiredService<IConfigurationStore>(), s.GetRequiredService<Features>()));
        services.TryAddSingleton<IRealms>(s => s.GetService<Federations>()?.Realms ?? s.GetRequiredService<RealmCache>());
        services.TryAddSingleton<IClients>(s => s.GetRequiredService<RealmCache>());
        services.TryAddSingleton<ICodes, Codes>();
        services.AddUsers();
        services.AddFederation();
        services.AddEvents();
        services.AddMail();
        services.AddLogin();
        services.TryAddSingleton<IAdminCallers, AdminCallers>();
        services.TryAddSingleton<IAccountCallers, AccountCallers>();
        services.TryAddSingleton<ISignedIn, SignedIn>();
        services.AddOidc();
        return services;
    }

    /// <summary>Maps every endpoint of the server.</summary>
    public static IEndpointRouteBuilder MapCastellan(this IEndpointRouteBuilder endpoints)
    {
        var features = endpoints.ServiceProvider.GetRequiredService<Features>();
        if (features.Has("admin-api"))
        {
            endpoints.MapAdmin(features);
        }

        endpoints.MapConsoles(features);
        endpoints.MapLogin();
        endpoints.MapAccount();
        endpoints.MapOidc(features);
        if (features.Has("authorization"))
        {
            endpoints.MapProtection();
        }

        endpoints.MapHostnameDebug();
        endpoints.MapMissing(features);
        return endpoints;
    }
}
