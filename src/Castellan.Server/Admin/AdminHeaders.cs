using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Castellan.Server.Admin;

/// <summary>The headers that guard browsers, from the realm's settings, and those that let a console of another origin in.</summary>
internal static class AdminHeaders
{
    private static readonly Dictionary<string, string?> s_usual = new(StringComparer.Ordinal)
    {
        ["xFrameOptions"] = "SAMEORIGIN",
        ["contentSecurityPolicy"] = "frame-src 'self'; frame-ancestors 'self'; object-src 'none';",
        ["xContentTypeOptions"] = "nosniff",
        ["xRobotsTag"] = "none",
        ["strictTransportSecurity"] = "max-age=31536000; includeSubDomains",
        ["referrerPolicy"] = "no-referrer",
    };

    /// <summary>Which are sent hangs on the media types of question and answer, as in Keycloak: those about frames only with JSON and forms.</summary>
    public static void Guard(HttpContext http, Realm? realm, string? contentType)
    {
        var settings = realm?.Settings.BrowserSecurityHeaders ?? s_usual;
        var headers = http.Response.Headers;
        var form = Is(http.Request.ContentType, "application/x-www-form-urlencoded");
        var json = Is(contentType, "application/json") || Is(http.Request.ContentType, "application/json");
        Set(HeaderNames.XContentTypeOptions, "xContentTypeOptions");
        Set(HeaderNames.StrictTransportSecurity, "strictTransportSecurity");
        Set("Referrer-Policy", "referrerPolicy");
        Set("X-Robots-Tag", "xRobotsTag");
        if (json || form)
        {
            Set(HeaderNames.XFrameOptions, "xFrameOptions");
        }

        if (form && !json)
        {
            Set(HeaderNames.ContentSecurityPolicy, "contentSecurityPolicy");
        }

        void Set(string header, string setting)
        {
            if (settings.GetValueOrDefault(setting) is { Length: > 0 } value)
            {
                headers[header] = value;
            }
        }

        static bool Is(string? type, string media) => type?.StartsWith(media, StringComparison.OrdinalIgnoreCase) ?? false;
    }

    /// <summary>A console is let in when its origin is one of the client that got the token.</summary>
    public static void LetIn(HttpContext http, AdminCaller caller)
    {
        if (http.Request.Headers.Origin is not [{ Length: > 0 } origin]
            || !caller.Client.WebOrigins().Allows(origin, http.RequestServices.GetRequiredService<Http.ServerUrls>().Addresses(http, caller.Realm)))
        {
            return;
        }

        var headers = http.Response.Headers;
        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlAllowCredentials = "true";
        headers.AccessControlExposeHeaders = "Location";
        headers.Append(HeaderNames.Vary, "Origin");
    }

    /// <summary>A browser's question before the real one. It names no token yet, so any origin may ask.</summary>
    public static Task PreflightAsync(HttpContext http)
    {
        Guard(http, null, null);
        if (http.Request.Headers.Origin is [{ Length: > 0 } origin])
        {
            var headers = http.Response.Headers;
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlAllowCredentials = "true";
            headers.AccessControlAllowMethods = "DELETE, POST, GET, PUT";
            headers.AccessControlAllowHeaders = "Origin, Accept, X-Requested-With, Content-Type, Access-Control-Request-Method, Access-Control-Request-Headers, Authorization, DPoP";
            headers.AccessControlMaxAge = "3600";
        }

        return Task.CompletedTask;
    }
}
