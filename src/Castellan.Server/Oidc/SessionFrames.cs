using System.Text;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Server.Http;
using Castellan.Server.Pages;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Oidc;

/// <summary>
/// Frames that applications keep open: one that tells when the session changes (OpenID Connect Session Management §3.2), and one that finds out
/// whether the browser keeps cookies of a frame. Every site may frame them, so they hold nothing but a script.
/// </summary>
public static class SessionFrames
{
    private const string Root = "/protocol/openid-connect/";
    private const string Cache = "no-cache, must-revalidate, no-transform, no-store";
    private const string Policy = "frame-src 'self'; object-src 'none';";

    public static void MapSessionFrames(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        foreach (var (path, script) in (ReadOnlySpan<(string, string)>)[("login-status-iframe.html", "login-status.js"), ("3p-cookies/step1.html", "cookies-1.js"), ("3p-cookies/step2.html", "cookies-2.js")])
        {
            endpoints.MapRealmGet(Root + path, (http, realm) => FrameAsync(http, realm, services, script));
        }

        endpoints.MapRealmGet(Root + "login-status-iframe.html/init", (http, realm) => InitAsync(http, realm, services.GetRequiredService<IClients>(), services.GetRequiredService<ServerUrls>()));
    }

    private static Task FrameAsync(HttpContext http, Realm realm, IServiceProvider services, string script)
    {
        var url = $"{services.GetRequiredService<ServerUrls>().Frontend(http, realm)}/resources/{PageAssets.Version}/login/{PageAssets.Own}/{script}";
        var html = Html.Of($"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Session</title></head><body><script src=\"{url}\"></script></body></html>\n");
        SecurityHeaders.Apply(http.Response.Headers, realm);
        http.Response.Headers.Remove("X-Frame-Options");
        http.Response.Headers.ContentSecurityPolicy = Policy;
        http.Response.Headers.CacheControl = Cache;
        http.Response.ContentType = "text/html;charset=utf-8";
        var body = Encoding.UTF8.GetBytes(html.Markup);
        http.Response.ContentLength = body.Length;
        return http.Response.BodyWriter.WriteAsync(body, http.RequestAborted).AsTask();
    }

    private static async Task InitAsync(HttpContext http, Realm realm, IClients clients, ServerUrls urls)
    {
        var id = http.Request.Query["client_id"].ToString();
        var origin = http.Request.Query["origin"].ToString();
        var known = id.Length is > 0 and <= 255 && await clients.FindAsync(realm, id, http.RequestAborted) is { Enabled: true } client
            && (client.WebOrigins().Allows(origin, urls.Addresses(http, realm)) || Cors.IsOwn(http, origin));
        SecurityHeaders.Apply(http.Response.Headers, realm);
        http.Response.Headers.Remove("X-Frame-Options");
        http.Response.StatusCode = known ? StatusCodes.Status204NoContent : StatusCodes.Status403Forbidden;
    }
}
