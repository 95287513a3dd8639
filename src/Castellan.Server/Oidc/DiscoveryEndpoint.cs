using System.Collections.Concurrent;
using Castellan.Core.Realms;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Oidc;

/// <summary>
/// The discovery documents (OpenID Connect Discovery §4, RFC 8414, UMA 2.0 §2), written once for each picture of a realm and each address by which it is
/// reached.
/// </summary>
internal sealed class DiscoveryEndpoint(ServerUrls urls, Features features)
{
    private const string OpenId = "openid-configuration";
    private const string OAuth = "oauth-authorization-server";
    private const string Uma = "uma2-configuration";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var endpoint = new DiscoveryEndpoint(endpoints.ServiceProvider.GetRequiredService<ServerUrls>(), endpoints.ServiceProvider.GetRequiredService<Features>());
        endpoints.MapOidc("/.well-known/{alias}", "GET", (http, realm) => endpoint.GetAsync(http, realm));
        // RFC 8414 §3.1: the well-known part stands before the issuer's own path.
        endpoints.MapMethods("/.well-known/{alias}/realms/{realm}", [HttpMethods.Get], endpoints.WithRealm((http, realm) => endpoint.GetAsync(http, realm, OAuth)));
        endpoints.MapMethods($"/.well-known/{OAuth}/realms/{{realm}}", [HttpMethods.Options], (HttpContext http) => Cors.PreflightAsync(http, HttpMethods.Get));
    }

    private Task GetAsync(HttpContext http, Realm realm, string? only = null)
    {
        var alias = (string)http.Request.RouteValues["alias"]!;
        if (alias is not (OpenId or OAuth or Uma) || (only is not null && alias != only) || (alias == Uma && !features.Has("authorization")))
        {
            return JsonAnswers.ErrorAsync(http, StatusCodes.Status404NotFound, "HTTP 404 Not Found", realm);
        }

        var issuer = urls.Issuer(http, realm);
        if (Callers.CheckTls(http, realm, issuer) is { } refused)
        {
            return OAuthResults.ErrorAsync(http, realm, refused);
        }

        var document = realm.Compiled(static r => new Documents(r)).Get(alias == Uma, issuer, urls.BackendIssuer(http, realm), features);
        Cors.AllowAny(http);
        http.Response.Headers.CacheControl = "no-cache, must-revalidate, no-transform, no-store";
        return JsonAnswers.BytesAsync(http, document, JsonAnswers.Json, realm);
    }

    private sealed class Documents(Realm realm)
    {
        private const int Max = 64;
        private readonly ConcurrentDictionary<(bool Uma, string Frontend, string Backend), byte[]> _made = new();

        public byte[] Get(bool uma, string frontend, string backend, Features features)
        {
            if (_made.TryGetValue((uma, frontend, backend), out var document))
            {
                return document;
            }

            document = uma ? Discovery.Uma(realm, frontend, backend, features) : Discovery.OpenId(realm, frontend, backend, features);
            if (_made.Count < Max)
            {
                _made.TryAdd((uma, frontend, backend), document);
            }

            return document;
        }
    }
}
