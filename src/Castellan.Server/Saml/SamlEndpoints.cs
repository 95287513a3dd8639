using Castellan.Core.Realms;
using Castellan.Core.Saml;
using Castellan.Core.Saml.Artifacts;
using Castellan.Core.Saml.Requests;
using Castellan.Core.Saml.Responses;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Saml;

/// <summary>A realm's endpoints for SAML 2.0.</summary>
internal static class SamlEndpoints
{
    /// <summary>Where they lie below a realm.</summary>
    public const string Path = "/protocol/saml";

    public static IServiceCollection AddSaml(this IServiceCollection services)
    {
        services.AddSingleton<ProviderKeys>();
        services.AddSingleton<SamlRequestPipeline>();
        services.AddSingleton<NameIds>();
        services.AddSingleton<SamlResponses>();
        services.AddSingleton<SamlSignOn>();
        services.AddSingleton<SamlLogout>();
        services.AddSingleton<SamlSoap>();
        services.AddSingleton<SamlWithoutBrowser>();
        services.AddSingleton<Artifacts>();
        services.AddSingleton<ArtifactResolution>();
        services.AddSingleton<ArtifactsOfProviders>();
        services.AddSingleton<SamlEndpoint>();
        services.AddSingleton<NamedClients>();
        services.AddSingleton<StartAtRealm>();
        return services;
    }

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var urls = endpoints.ServiceProvider.GetRequiredService<ServerUrls>();
        endpoints.MapRealmGet(Path + "/descriptor", (http, realm) => DescriptorAsync(http, realm, urls));
        var services = endpoints.ServiceProvider;
        endpoints.MapRealm(Path, [HttpMethods.Get, HttpMethods.Post], (http, realm) => services.GetRequiredService<SamlEndpoint>().HandleAsync(http, realm));
        endpoints.MapRealmPost(Path + "/resolve", (http, realm) => services.GetRequiredService<ArtifactResolution>().HandleAsync(http, realm));
        endpoints.MapRealmGet(Path + "/clients/{name}", (http, realm) => services.GetRequiredService<StartAtRealm>().HandleAsync(http, realm));
    }

    private static Task DescriptorAsync(HttpContext http, Realm realm, ServerUrls urls)
    {
        http.Response.Headers.CacheControl = "no-cache";
        return JsonAnswers.BytesAsync(http, MetadataXml.IdentityProvider(realm, urls.Issuer(http, realm)), "application/xml;charset=UTF-8", realm);
    }
}
