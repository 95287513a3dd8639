using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.Server.Pages;

/// <summary>Style sheet, scripts and pictures of the pages, built into the server; and the files of themes.</summary>
public static class PageAssets
{
    /// <summary>The name of our own files among the themes.</summary>
    public const string Own = "castellan";

    private const string Prefix = "login/";
    private static readonly FrozenDictionary<string, Asset> s_assets = Load();

    /// <summary>A short name for this state of the files; it stands in their addresses, so that a browser may keep them for good.</summary>
    public static string Version { get; } = Convert.ToHexStringLower(SHA256.HashData([.. s_assets.OrderBy(a => a.Key, StringComparer.Ordinal).SelectMany(a => a.Value.Body)]).AsSpan(0, 4));

    public static void MapPageAssets(this IEndpointRouteBuilder endpoints, ThemeOptions themes)
    {
        endpoints.MapGet($"/resources/{{version}}/login/{Own}/{{file}}", (RequestDelegate)SendAsync);
        endpoints.MapGet("/resources/{version}/login/{theme}/{**file}", (RequestDelegate)(http => SendThemeAsync(http, themes)));
    }

    private static Task SendAsync(HttpContext http)
    {
        if (!s_assets.TryGetValue((string)http.Request.RouteValues["file"]!, out var asset))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        Headers(http, asset.ContentType, (string?)http.Request.RouteValues["version"] == Version);
        http.Response.ContentLength = asset.Body.Length;
        return http.Response.BodyWriter.WriteAsync(asset.Body, http.RequestAborted).AsTask();
    }

    private static Task SendThemeAsync(HttpContext http, ThemeOptions themes)
    {
        if (Theme.Find((string)http.Request.RouteValues["theme"]!, themes)?.FileAt((string?)http.Request.RouteValues["file"] ?? "") is not { } file)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        Headers(http, file.ContentType, lasting: false);
        return http.Response.SendFileAsync(file.Path, http.RequestAborted);
    }

    private static void Headers(HttpContext http, string contentType, bool lasting)
    {
        http.Response.ContentType = contentType;
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        // A picture opened on its own must not run what somebody drew into it.
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
        http.Response.Headers.CacheControl = lasting ? "public, max-age=31536000, immutable" : "public, max-age=600";
    }

    private static FrozenDictionary<string, Asset> Load()
    {
        var assembly = typeof(PageAssets).Assembly;
        var assets = new Dictionary<string, Asset>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var body = new byte[stream.Length];
            stream.ReadExactly(body);
            assets[name[Prefix.Length..]] = new Asset(body, Path.GetExtension(name) switch
            {
                ".css" => "text/css; charset=utf-8",
                ".js" => "text/javascript; charset=utf-8",
                _ => "image/svg+xml",
            });
        }

        return assets.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private sealed record Asset(byte[] Body, string ContentType);
}
