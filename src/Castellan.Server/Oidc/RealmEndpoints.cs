using System.Buffers;
using System.Text.Json;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Oidc;

/// <summary>What anybody may know of a realm: its name and public key, and its key set (RFC 7517) at both of its addresses.</summary>
internal static class RealmEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var urls = endpoints.ServiceProvider.GetRequiredService<ServerUrls>();
        endpoints.MapOidc("", "GET", (http, realm) => InformationAsync(http, realm, urls));
        endpoints.MapOidc(OidcRoutes.Protocol + "/certs", "GET", CertsAsync);
        endpoints.MapOidc("/.well-known/openid-configuration/jwks", "GET", CertsAsync);
    }

    private static Task CertsAsync(HttpContext http, Realm realm)
    {
        Cors.AllowAny(http);
        http.Response.Headers.CacheControl = "no-cache";
        return JsonAnswers.BytesAsync(http, KeyRing.Of(realm).Certs, JsonAnswers.Json, realm);
    }

    private static Task InformationAsync(HttpContext http, Realm realm, ServerUrls urls)
    {
        var issuer = urls.Issuer(http, realm);
        var body = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(body, JsonAnswers.Plain))
        {
            json.WriteStartObject();
            json.WriteString("realm", realm.Name);
            if (KeyRing.Of(realm).Active(RealmKey.Sig, "RS256") is { } key)
            {
                json.WriteString("public_key", Convert.ToBase64String(key.Key.SubjectPublicKeyInfo()));
            }

            json.WriteString("token-service", issuer + OidcRoutes.Protocol);
            json.WriteString("account-service", issuer + "/account");
            json.WriteNumber("tokens-not-before", realm.Settings.NotBefore ?? 0);
            json.WriteEndObject();
        }

        Cors.AllowAny(http);
        http.Response.Headers.CacheControl = "no-cache";
        return JsonAnswers.BytesAsync(http, body.WrittenMemory, "application/json;charset=UTF-8", realm);
    }
}
