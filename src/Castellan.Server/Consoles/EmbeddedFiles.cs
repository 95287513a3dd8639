using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Castellan.Server.Consoles;

/// <summary>
/// The files of the consoles inside the release, each kept once in its Brotli form: sent as it is to whoever takes Brotli, opened for the rest.
/// </summary>
internal static class EmbeddedFiles
{
    private const string Prefix = "ui/";
    private const string Suffix = ".br";
    private static readonly Assembly s_assembly = typeof(EmbeddedFiles).Assembly;

    private static readonly FrozenDictionary<string, string> s_resources = s_assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal))
        .ToFrozenDictionary(name => name[Prefix.Length..^Suffix.Length].Replace('\\', '/'), name => name, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> s_types = new Dictionary<string, string>
    {
        [".js"] = "text/javascript",
        [".css"] = "text/css",
        [".svg"] = "image/svg+xml",
        [".json"] = "application/json",
        [".html"] = "text/html",
        [".woff2"] = "font/woff2",
        [".woff"] = "font/woff",
        [".ttf"] = "font/ttf",
        [".png"] = "image/png",
        [".ico"] = "image/x-icon",
        [".txt"] = "text/plain",
    }.ToFrozenDictionary();

    /// <summary>Whether the release holds this file, such as <c>admin/logo.svg</c>.</summary>
    public static bool Exists(string path) => s_resources.ContainsKey(path);

    /// <summary>The names of all files below a folder.</summary>
    public static IEnumerable<string> Below(string folder) => s_resources.Keys.Where(k => k.StartsWith(folder, StringComparison.Ordinal)).Select(k => k[folder.Length..]);

    /// <summary>The file, opened; null when there is none.</summary>
    public static byte[]? Read(string path)
    {
        if (!s_resources.TryGetValue(path, out var resource))
        {
            return null;
        }

        using var packed = s_assembly.GetManifestResourceStream(resource)!;
        using var open = new BrotliStream(packed, CompressionMode.Decompress);
        using var memory = new MemoryStream();
        open.CopyTo(memory);
        return memory.ToArray();
    }

    /// <summary>A small JSON object of texts, such as the messages of a locale; null when there is none.</summary>
    public static Dictionary<string, string>? ReadTexts(string path)
    {
        if (Read(path) is not { } json)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString() ?? "", StringComparer.Ordinal);
    }

    /// <summary>
    /// Sends a file, or 404 with an empty body. Its address names the build, so that it never changes: browsers keep it for
    /// <paramref name="maxAge"/> seconds and need not ask again.
    /// </summary>
    public static async Task SendAsync(HttpContext http, string path, int maxAge)
    {
        if (!s_resources.TryGetValue(path, out var resource))
        {
            SecurityHeaders.ApplyToFile(http.Response.Headers);
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var headers = http.Response.Headers;
        var takesBrotli = TakesBrotli(http.Request);
        SecurityHeaders.ApplyToFile(headers);
        headers.CacheControl = $"max-age={maxAge}, immutable";
        headers.ETag = takesBrotli ? $"\"{ThemeResources.Version}-br\"" : $"\"{ThemeResources.Version}\"";
        headers.Vary = HeaderNames.AcceptEncoding;
        if (http.Request.Headers.IfNoneMatch == headers.ETag)
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        http.Response.ContentType = s_types.GetValueOrDefault(Path.GetExtension(path), "application/octet-stream");
        var packed = s_assembly.GetManifestResourceStream(resource)!;
        await using (packed)
        {
            if (takesBrotli)
            {
                headers.ContentEncoding = "br";
                http.Response.ContentLength = packed.Length;
                await packed.CopyToAsync(http.Response.Body, http.RequestAborted);
                return;
            }

            await using var open = new BrotliStream(packed, CompressionMode.Decompress);
            using var whole = new MemoryStream();
            await open.CopyToAsync(whole, http.RequestAborted);
            http.Response.ContentLength = whole.Length;
            whole.Position = 0;
            await whole.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
    }

    /// <summary>The entry of a Vite manifest: its script and style sheets, relative to the console's folder.</summary>
    public static (string Script, IReadOnlyList<string> Styles)? Entry(string console)
    {
        if (Read($"{console}/manifest.json") is not { } json)
        {
            return null;
        }

        using var manifest = JsonDocument.Parse(json);
        foreach (var chunk in manifest.RootElement.EnumerateObject())
        {
            if (chunk.Value.TryGetProperty("isEntry", out var entry) && entry.GetBoolean())
            {
                IReadOnlyList<string> styles = chunk.Value.TryGetProperty("css", out var css) ? [.. css.EnumerateArray().Select(c => c.GetString()!)] : [];
                return (chunk.Value.GetProperty("file").GetString()!, styles);
            }
        }

        return null;
    }

    /// <summary>Whether the browser takes Brotli, in which the files lie here.</summary>
    internal static bool TakesBrotli(HttpRequest request)
    {
        foreach (var value in request.Headers.GetCommaSeparatedValues(HeaderNames.AcceptEncoding))
        {
            if (value.StartsWith("br", StringComparison.OrdinalIgnoreCase) && !value.EndsWith("q=0", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
