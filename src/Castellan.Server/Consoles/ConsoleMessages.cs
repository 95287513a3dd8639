using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Protocol.Messages;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Castellan.Server.Consoles;

/// <summary>
/// The texts of the consoles: <c>GET /resources/{realm}/{type}/{locale}</c>, from English over the language to the locale, each with the
/// realm's localization laid over it.
/// </summary>
public static class ConsoleMessages
{
    private const string English = "en";
    private static readonly JsonWriterOptions s_plain = new() { Encoder = PlainJson.Encoder };
    private static readonly ConcurrentDictionary<(string Console, string Locale), IReadOnlyDictionary<string, string>?> s_bundles = new();

    private static readonly Dictionary<string, HashSet<string>> s_locales = new[] { "admin", "account" }.ToDictionary(
        c => c, c => EmbeddedFiles.Below($"messages/{c}/").Select(f => f[..^".json".Length]).ToHashSet(StringComparer.Ordinal));

    internal static void MapConsoleMessages(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods("/resources/{realm}/{type}/{locale}", [HttpMethods.Get], SendAsync);

    /// <summary>One text of a console's bundle, in English where the locale has none; null when there is no such key.</summary>
    internal static string? Text(string console, string locale, string key) =>
        s_locales.TryGetValue(console, out var locales)
            ? Bundle(console, Known(locales, locale))?.GetValueOrDefault(key) ?? Bundle(console, English)?.GetValueOrDefault(key)
            : null;

    private static async Task SendAsync(HttpContext http)
    {
        var type = (string)http.Request.RouteValues["type"]!;
        var realm = await http.RequestServices.GetRequiredService<IRealms>().FindAsync((string)http.Request.RouteValues["realm"]!, http.RequestAborted);
        if (realm is null || !s_locales.TryGetValue(type, out var locales))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        // Only locales that exist are looked up and kept: the path is anybody's to choose.
        var locale = Known(locales, (string)http.Request.RouteValues["locale"]!, realm);
        var body = realm.Compiled(static _ => new Bodies()).For(realm, type, locale);
        var packed = EmbeddedFiles.TakesBrotli(http.Request);
        var tag = packed ? $"\"{body.Tag}-br\"" : $"\"{body.Tag}\"";
        var headers = http.Response.Headers;
        headers.ETag = tag;
        headers.Vary = HeaderNames.AcceptEncoding;
        if (http.Request.Headers.IfNoneMatch == tag)
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (packed)
        {
            headers.ContentEncoding = "br";
        }

        await JsonAnswers.BytesAsync(http, packed ? body.Packed : body.Json, "application/json;charset=UTF-8", realm);
    }

    private static string Known(HashSet<string> locales, string asked, Realm? realm = null)
    {
        asked = asked.Replace('_', '-');
        return locales.Contains(asked) || realm?.Settings.LocalizationTexts?.ContainsKey(asked) is true ? asked : asked.IndexOf('-') is > 0 and var dash && locales.Contains(asked[..dash]) ? asked[..dash] : English;
    }

    private static IReadOnlyDictionary<string, string>? Bundle(string console, string locale) =>
        s_bundles.GetOrAdd((console, locale), static key => EmbeddedFiles.ReadTexts($"messages/{key.Console}/{key.Locale}.json"));

    private sealed record Body(byte[] Json, byte[] Packed, string Tag);

    private sealed class Bodies
    {
        private readonly ConcurrentDictionary<(string, string), Body> _made = new();

        public Body For(Realm realm, string console, string locale) => _made.GetOrAdd((console, locale), _ => Make(realm, console, locale));

        private static Body Make(Realm realm, string console, string locale)
        {
            var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var layer in new[] { English, locale.Split('-')[0], locale }.Distinct())
            {
                foreach (var (key, text) in Bundle(console, layer) ?? new Dictionary<string, string>())
                {
                    texts[key] = text;
                }

                foreach (var (key, text) in realm.Settings.LocalizationTexts?.GetValueOrDefault(layer) ?? [])
                {
                    texts[key] = text ?? "";
                }
            }

            var buffer = new ArrayBufferWriter<byte>(256 * 1024);
            using (var json = new Utf8JsonWriter(buffer, s_plain))
            {
                json.WriteStartArray();
                foreach (var (key, text) in texts)
                {
                    json.WriteStartObject();
                    json.WriteString("key", key);
                    json.WriteString("value", text);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            return new(buffer.WrittenSpan.ToArray(), Pack(buffer.WrittenSpan), Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan)[..12]));
        }

        private static byte[] Pack(ReadOnlySpan<byte> json)
        {
            var packed = new byte[BrotliEncoder.GetMaxCompressedLength(json.Length)];
            return BrotliEncoder.TryCompress(json, packed, out var length, quality: 5, window: 22) ? packed[..length] : throw new InvalidOperationException("Texts that do not pack.");
        }
    }
}
