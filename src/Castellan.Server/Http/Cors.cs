using Castellan.Core.Clients;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Http;

/// <summary>Which pages of other origins may read an answer: those of the client's web origins.</summary>
public static class Cors
{
    /// <summary>Answers a preflight: any origin may ask, since who may read is known only when the client is.</summary>
    public static Task PreflightAsync(HttpContext http, string methods)
    {
        var headers = http.Response.Headers;
        if (Origin(http) is { } origin)
        {
            Allow(headers, origin);
            headers.AccessControlAllowMethods = methods;
            headers.AccessControlAllowHeaders = "Origin, Accept, X-Requested-With, Content-Type, Access-Control-Request-Method, " +
                "Access-Control-Request-Headers, DPoP, Authorization";
            headers.AccessControlMaxAge = "3600";
        }

        SecurityHeaders.Apply(headers);
        headers.Remove("X-Frame-Options");
        http.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    /// <summary>Lets pages of any origin read what anybody may know.</summary>
    public static void AllowAny(HttpContext http)
    {
        if (Origin(http) is { } origin)
        {
            Allow(http.Response.Headers, origin);
        }
    }

    /// <summary>Lets pages of the client's web origins read the answer. False when the request comes from a page of another origin.</summary>
    public static bool AllowClient(HttpContext http, Client client)
    {
        if (Origin(http) is not { } origin)
        {
            return true;
        }

        if (!client.WebOrigins().Allows(origin, http.RequestServices.GetRequiredService<ServerUrls>().Addresses(http, client.Realm)))
        {
            // A page of the server itself, as the consoles have: no other origin asks, and the browser wants no leave for it.
            return IsOwn(http, origin);
        }

        Allow(http.Response.Headers, origin);
        return true;
    }

    /// <summary>Whether it is the origin at which the server was called.</summary>
    public static bool IsOwn(HttpContext http, string origin) => origin == $"{http.Request.Scheme}://{http.Request.Host.Value}";

    private static string? Origin(HttpContext http) => http.Request.Headers.Origin is [{ Length: > 0 } origin] ? origin : null;

    private static void Allow(IHeaderDictionary headers, string origin)
    {
        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlAllowCredentials = "true";
        headers.AccessControlExposeHeaders = "Access-Control-Allow-Methods";
    }
}
