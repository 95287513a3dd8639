using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Consoles;

/// <summary>The page that hosts a console: its styles, its script, and the settings that the script reads.</summary>
internal static class ConsolePage
{
    /// <param name="console"><c>admin</c> or <c>account</c>.</param>
    /// <param name="servers">The addresses that the console calls, where they may be of other origins than its own.</param>
    /// <param name="environment">Writes the members of the settings.</param>
    public static Task SendAsync(HttpContext http, Realm realm, string console, string title, string resources, IReadOnlyList<string> servers, Action<Utf8JsonWriter> environment)
    {
        var page = EmbeddedFiles.Entry(console) is { } entry ? Page(console, title, resources, Policy(servers), entry, environment) : Missing(console, title, environment);
        SecurityHeaders.ApplyToPage(http.Response.Headers, realm);
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.ContentLanguage = "en";
        var body = Encoding.UTF8.GetBytes(page);
        http.Response.ContentLength = body.Length;
        return http.Response.BodyWriter.WriteAsync(body, http.RequestAborted).AsTask();
    }

    /// <summary>
    /// The realm's header says who may frame the page; this stands beside it and closes the rest. Scripts come from files alone. The console's
    /// widgets set styles as they run, and a realm's logo may lie elsewhere.
    /// </summary>
    private static string Policy(IReadOnlyList<string> servers)
    {
        var origins = string.Concat(servers.Select(s => Uri.TryCreate(s, UriKind.Absolute, out var uri) ? " " + uri.GetLeftPart(UriPartial.Authority) : "").Distinct(StringComparer.Ordinal));
        return "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: http: https:; font-src 'self' data:; "
            + $"connect-src 'self'{origins}; frame-src 'self'{origins}; form-action 'self'{origins}; base-uri 'self'";
    }

    private static string Page(string console, string title, string resources, string policy, (string Script, IReadOnlyList<string> Styles) entry, Action<Utf8JsonWriter> environment)
    {
        var html = HtmlEncoder.Default;
        var folder = html.Encode(resources);
        var styles = string.Concat(entry.Styles.Select(s => $"""<link rel="stylesheet" href="{folder}/{html.Encode(s)}">"""));
        return $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{html.Encode(policy)}">
            <base href="{folder}/">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{html.Encode(title)}</title>
            <link rel="icon" type="image/svg+xml" href="{folder}/favicon.svg">
            {styles}
            <script id="environment" type="application/json">{Settings(environment)}</script>
            <script type="module" src="{folder}/{html.Encode(entry.Script)}"></script>
            </head>
            <body data-page-id="{console}">
            <div id="app"></div>
            <noscript>The console needs JavaScript.</noscript>
            </body>
            </html>
            """;
    }

    /// <summary>A build without the consoles: made without npm. The API works, and the page says how to get the console.</summary>
    private static string Missing(string console, string title, Action<Utf8JsonWriter> environment) => $"""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>{HtmlEncoder.Default.Encode(title)}</title>
        <script id="environment" type="application/json">{Settings(environment)}</script></head>
        <body data-page-id="{console}">
        <h1>This build has no consoles</h1>
        <p>They are built from npm packages: run <code>./dev setup</code>, then build again. The REST APIs work without them.</p>
        </body>
        </html>
        """;

    /// <summary>JSON that cannot end its script element: the default encoder writes <c>&lt;</c> as an escape.</summary>
    private static string Settings(Action<Utf8JsonWriter> environment)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            environment(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
