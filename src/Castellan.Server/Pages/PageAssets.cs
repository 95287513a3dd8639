using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.Server.Pages;

/// <summary>Style sheet, scripts and pictures of the pages, built into the server; and the files of themes.</summary>
public static class PageAssets
{
    /// <summary>The name of our own files among the themes.</summary>
    public const string Own = "castellan";

    // The style sheet's name in Keycloak's theme, by which themes and proxies know it.
    private const string UsualStyles = "css/styles.css";
    private const string Prefix = "login/";
    private static readonly FrozenDictionary<string, Asset> s_assets = Load();

    /// <summary>A short name for this state of the files; it stands in their addresses, so that a browser may keep them for good.</summary>
    public static string Version { get; } = Convert.ToHexStringLower(SHA256.HashData([.. s_assets.OrderBy(a => a.Key, StringComparer.Ordinal).SelectMany(a => a.Value.Body)]).AsSpan(0, 4));

    public static void MapPageAssets(this IEndpointRouteBuilder endpoints, ThemeFolder themes)
    {
        endpoints.MapGet($"/resources/{{version}}/login/{Own}/{{file}}", (RequestDelegate)SendAsync);
        endpoints.MapGet("/resources/{version}/login/{theme}/{**file}", (RequestDelegate)(http => SendThemeAsync(http, themes)));
    }

    private static Task SendAsync(HttpContext http) => SendOwnAsync(http, (string)http.Request.RouteValues["file"]!);

    private static Task SendOwnAsync(HttpContext http, string file)
    {
        if (!s_assets.TryGetValue(file == UsualStyles ? "castellan.css" : file, out var asset))
        {
            SecurityHeaders.ApplyToFile(http.Response.Headers);
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        var body = asset.Body;
        if (asset.Packed is { } packed && http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            body = packed;
            http.Response.Headers.ContentEncoding = "gzip";
        }

        Headers(http, asset.ContentType, (string?)http.Request.RouteValues["version"] == Version);
        http.Response.ContentLength = body.Length;
        return http.Response.BodyWriter.WriteAsync(body, http.RequestAborted).AsTask();
    }

    private static Task SendThemeAsync(HttpContext http, ThemeFolder themes)
    {
        var name = (string?)http.Request.RouteValues["file"] ?? "";
        if (themes.Find((string)http.Request.RouteValues["theme"]!, "login")?.FileAt(name) is not { } file)
        {
            // What a theme does not have, and every file of a theme that is not there, is our own.
            return SendOwnAsync(http, name);
        }

        Headers(http, file.ContentType, lasting: false);
        http.Response.Headers.CacheControl = themes.IsFresh ? "no-cache" : "max-age=600";
        return http.Response.SendFileAsync(file.Path, http.RequestAborted);
    }

    private static void Headers(HttpContext http, string contentType, bool lasting)
    {
        http.Response.ContentType = contentType;
        SecurityHeaders.ApplyToFile(http.Response.Headers);
        http.Response.Headers.Vary = "Accept-Encoding";
        // A picture opened on its own must not run what somebody drew into it.
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
        http.Response.Headers.CacheControl = lasting ? "public, max-age=31536000, immutable" : "max-age=2592000";
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
            assets[name[Prefix.Length..]] = new Asset(body, Packed(body), Path.GetExtension(name) switch
            {
                ".css" => "text/css",
                ".js" => "text/javascript",
                _ => "image/svg+xml",
            });
        }

        return assets.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static byte[]? Packed(byte[] body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(body);
        }

        return packed.Length < body.Length ? packed.ToArray() : null;
    }

    private sealed record Asset(byte[] Body, byte[]? Packed, string ContentType);
}
