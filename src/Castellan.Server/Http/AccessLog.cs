using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Http;

/// <summary>One line a request, in the forms that log readers know, under Keycloak's category.</summary>
public static class AccessLog
{
    private static readonly Action<ILogger, string, Exception?> s_write = LoggerMessage.Define<string>(LogLevel.Information, new EventId(30), "{Request}");

    /// <summary>Puts it into the pipeline; behind what works out the client's address.</summary>
    /// <param name="pattern"><c>combined</c> adds referrer and agent to the <c>common</c> line.</param>
    /// <param name="exclude">A regular expression of the paths that leave no line; null for none.</param>
    public static void Use(IApplicationBuilder app, string pattern, string? exclude, TimeProvider time)
    {
        var log = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("org.keycloak.http.access-log");
        var silent = exclude is null ? null : new Regex(exclude, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        app.Use(next => async http =>
        {
            var (method, target) = (http.Request.Method, http.Request.PathBase + http.Request.Path);
            try
            {
                await next(http);
            }
            finally
            {
                if (silent?.IsMatch(target) is not true)
                {
                    s_write(log, Line(http, method, target, pattern == "combined", time.GetLocalNow()), null);
                }
            }
        });
    }

    // The query is left out: it may hold codes and tokens, and logs are read by many.
    private static string Line(HttpContext http, string method, string target, bool combined, DateTimeOffset now)
    {
        var zone = now.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
        var length = http.Response.ContentLength is { } bytes ? bytes.ToString(CultureInfo.InvariantCulture) : "-";
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{Callers.Address(http) ?? "-"} - - [{now:dd/MMM/yyyy:HH:mm:ss} {zone}] \"{Plain(method)} {Plain(target)} {http.Request.Protocol}\" {http.Response.StatusCode} {length}");
        return combined ? $"{line} \"{Header(http, "Referer")}\" \"{Header(http, "User-Agent")}\"" : line;
    }

    private static string Header(HttpContext http, string name) => http.Request.Headers[name].ToString() is { Length: > 0 } value ? Plain(value) : "-";

    /// <summary>What strangers send must not end the line or the field.</summary>
    private static string Plain(string text) =>
        text.AsSpan().IndexOfAnyInRange('\0', '\x1f') < 0 && !text.Contains('"', StringComparison.Ordinal) ? text
            : string.Concat(text.Select(c => c is < ' ' or '"' ? '?' : c));
}
