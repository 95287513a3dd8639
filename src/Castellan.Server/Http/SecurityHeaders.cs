using Castellan.Core.Realms;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Castellan.Server.Http;

/// <summary>The headers that every answer carries, from the realm's <c>browserSecurityHeaders</c> as far as it has its own.</summary>
public static class SecurityHeaders
{
    private static readonly StringValues s_noReferrer = "no-referrer";
    private static readonly StringValues s_transport = "max-age=31536000; includeSubDomains";
    private static readonly StringValues s_noSniff = "nosniff";
    private static readonly StringValues s_sameOrigin = "SAMEORIGIN";
    private static readonly StringValues s_none = "none";
    private const string DefaultPolicy = "frame-src 'self'; frame-ancestors 'self'; object-src 'none';";

    /// <summary>Headers for data: everything but the content policy.</summary>
    public static void Apply(IHeaderDictionary headers, Realm? realm = null)
    {
        var own = realm?.Settings.BrowserSecurityHeaders;
        headers["Referrer-Policy"] = Own(own, "referrerPolicy", s_noReferrer);
        headers.StrictTransportSecurity = Own(own, "strictTransportSecurity", s_transport);
        headers.XContentTypeOptions = Own(own, "xContentTypeOptions", s_noSniff);
        headers.XFrameOptions = Own(own, "xFrameOptions", s_sameOrigin);
        headers["X-Robots-Tag"] = Own(own, "xRobotsTag", s_none);
    }

    /// <summary>Headers for pictures, styles and scripts, which every site may embed.</summary>
    public static void ApplyToFile(IHeaderDictionary headers)
    {
        Apply(headers);
        headers.Remove("X-Frame-Options");
    }

    /// <summary>Headers for pages and for answers without a body, which also say what a page may load and who may frame it.</summary>
    public static void ApplyToPage(IHeaderDictionary headers, Realm? realm = null)
    {
        Apply(headers, realm);
        headers.ContentSecurityPolicy = Own(realm?.Settings.BrowserSecurityHeaders, "contentSecurityPolicy", DefaultPolicy);
    }

    /// <summary>
    /// Leaves the headers out of the answer, as Keycloak does where it answers late. They guard browsers, so not where a browser asks: each of today
    /// says what it loads a page for (Fetch Metadata).
    /// </summary>
    public static void OnlyForBrowsers(HttpContext http)
    {
        if (http.Request.Headers.ContainsKey("Sec-Fetch-Dest"))
        {
            return;
        }

        http.Response.OnStarting(static state =>
        {
            var headers = (IHeaderDictionary)state;
            foreach (var name in (ReadOnlySpan<string>)["Referrer-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "X-Robots-Tag", "Content-Security-Policy"])
            {
                headers.Remove(name);
            }

            return Task.CompletedTask;
        }, http.Response.Headers);
    }

    private static StringValues Own(Dictionary<string, string?>? own, string name, StringValues otherwise) =>
        own is not null && own.TryGetValue(name, out var value) ? string.IsNullOrEmpty(value) ? StringValues.Empty : value : otherwise;
}
