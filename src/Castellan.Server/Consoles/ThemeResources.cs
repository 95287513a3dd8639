using System.Security.Cryptography;
using System.Text;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.Server.Consoles;

/// <summary>The consoles' scripts, styles and pictures, below a version so that browsers may keep them for a month.</summary>
public static class ThemeResources
{
    private const int Month = 2_592_000;

    /// <summary>Five letters and digits that change with each build, the same on every node that runs it.</summary>
    public static string Version { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(typeof(ThemeResources).Module.ModuleVersionId.ToString())))[..5];

    internal static void MapThemeResources(this IEndpointRouteBuilder endpoints)
    {
        foreach (var console in new[] { "admin", "account" })
        {
            // Two segments and more: with one less, the path is that of the console's messages.
            endpoints.MapMethods($"/resources/{{version}}/{console}/{{theme}}/{{first}}/{{**rest}}", [HttpMethods.Get, HttpMethods.Head], http => SendAsync(http, console));
        }
    }

    /// <summary>The folder of a console's files, as pages name it.</summary>
    internal static string Folder(string console, string theme) => $"/resources/{Version}/{console}/{theme}";

    private static Task SendAsync(HttpContext http, string console)
    {
        var route = http.Request.RouteValues;
        var path = route["rest"] is string { Length: > 0 } rest ? $"{route["first"]}/{rest}" : (string)route["first"]!;
        var file = $"{console}/{path}";
        if ((string?)route["version"] == Version || !EmbeddedFiles.Exists(file))
        {
            return EmbeddedFiles.SendAsync(http, file, Month);
        }

        // A page of an older version still open: it gets what there is now.
        http.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        http.Response.Headers.Location = $"{http.Request.PathBase}{Folder(console, (string)route["theme"]!)}/{path}";
        SecurityHeaders.ApplyToFile(http.Response.Headers);
        return Task.CompletedTask;
    }
}
