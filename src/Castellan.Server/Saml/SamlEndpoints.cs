using Castellan.Core.Realms;
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

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var urls = endpoints.ServiceProvider.GetRequiredService<ServerUrls>();
        endpoints.MapRealmGet(Path + "/descriptor", (http, realm) => DescriptorAsync(http, realm, urls));
    }

    private static Task DescriptorAsync(HttpContext http, Realm realm, ServerUrls urls)
    {
        http.Response.Headers.CacheControl = "no-cache";
        return JsonAnswers.BytesAsync(http, MetadataXml.IdentityProvider(realm, urls.Issuer(http, realm)), "application/xml;charset=UTF-8", realm);
    }
}
