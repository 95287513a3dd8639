using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Http;

/// <summary>All of the server below a path (<c>http-relative-path</c>): nothing of it answers outside, and the top of the port leads there.</summary>
public static class RelativePath
{
    /// <summary>Puts it into the pipeline, before the routing.</summary>
    /// <param name="path">Without slashes at its ends; empty for none.</param>
    public static void Use(IApplicationBuilder app, string path)
    {
        if (path.Length == 0)
        {
            return;
        }

        var below = new PathString("/" + path);
        app.Use(next => http =>
        {
            var request = http.Request;
            if (!request.Path.StartsWithSegments(below, StringComparison.Ordinal, out var rest))
            {
                return OutsideAsync(http, below);
            }

            // What a proxy put before it stays before it.
            request.PathBase = request.PathBase.Add(below);
            request.Path = rest.HasValue ? rest : "/";
            return next(http);
        });
        app.UseRouting();
    }

    private static Task OutsideAsync(HttpContext http, PathString path)
    {
        var isTop = http.Request.Path.Value is null or "" or "/";
        http.Response.StatusCode = isTop ? StatusCodes.Status302Found : StatusCodes.Status404NotFound;
        if (isTop)
        {
            http.Response.Headers.Location = path.Value;
        }

        return Task.CompletedTask;
    }
}
