using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Castellan.Server.Management;

/// <summary>The port for operators: health and metrics, and nothing of the realms.</summary>
public static class ManagementInterface
{
    private const string Missing = "<html><body><h1>Resource not found</h1></body></html>";

    /// <summary>Registers what <see cref="UseManagement"/> needs. An <c>IDatabaseProbe</c> comes from the storage.</summary>
    public static IServiceCollection AddManagement(this IServiceCollection services, ManagementOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ServerState>();
        services.AddSingleton(options).AddSingleton<Health>();
        if (options.Metrics)
        {
            services.AddSingleton<RequestMetrics>().AddSingleton<CounterMetrics>().AddSingleton<ConnectionMetrics>().AddSingleton<MachineMetrics>().AddSingleton<MetricsPage>();
        }

        return services;
    }

    /// <summary>Counts every request and answers those of the management port. First in the pipeline, so that nothing escapes the count.</summary>
    public static void UseManagement(this IApplicationBuilder app)
    {
        var options = app.ApplicationServices.GetRequiredService<ManagementOptions>();
        if (options.Metrics)
        {
            // Made now: counters count from the moment on which somebody listens.
            _ = app.ApplicationServices.GetRequiredService<CounterMetrics>();
            _ = app.ApplicationServices.GetRequiredService<ConnectionMetrics>();
            var requests = app.ApplicationServices.GetRequiredService<RequestMetrics>();
            app.Use(next => http => requests.MeasureAsync(http, next));
        }

        if (options.NeedsPort)
        {
            app.Use(next => http => http.Connection.LocalPort == options.Port ? AnswerAsync(http, options) : next(http));
        }

        if (options.Health && !options.HealthHere)
        {
            var health = app.ApplicationServices.GetRequiredService<Health>();
            app.Use(next => async http =>
            {
                if (!http.Request.Path.StartsWithSegments("/health", out var rest) || !await health.AnswerAsync(http, rest))
                {
                    await next(http);
                }
            });
        }
    }

    private static async Task AnswerAsync(HttpContext http, ManagementOptions options)
    {
        // Routing may have found an endpoint of the main port; it is not served here.
        http.SetEndpoint(null);
        var path = http.Request.Path;
        var relative = options.RelativePath.TrimEnd('/');
        if (relative.Length > 0 && !path.StartsWithSegments(relative, StringComparison.Ordinal, out path))
        {
            await NotFoundAsync(http);
            return;
        }

        var found = false;
        if (options.Health && options.HealthHere && path.StartsWithSegments("/health", StringComparison.Ordinal, out var rest))
        {
            found = await http.RequestServices.GetRequiredService<Health>().AnswerAsync(http, rest);
        }
        else if (options.Metrics && path.Value is "/metrics" or "/metrics/")
        {
            await http.RequestServices.GetRequiredService<MetricsPage>().AnswerAsync(http);
            found = true;
        }
        else if (path.Value is null or "" or "/")
        {
            await IndexAsync(http, options, relative);
            found = true;
        }

        if (!found)
        {
            await NotFoundAsync(http);
        }
    }

    private static Task IndexAsync(HttpContext http, ManagementOptions options, string relative)
    {
        var health = options.Health && options.HealthHere ? $"<li><a href=\"{relative}/health\">{relative}/health</a> - Health endpoint</li>\n" : "";
        var metrics = options.Metrics ? $"<li><a href=\"{relative}/metrics\">{relative}/metrics</a> - Metrics endpoint</li>" : "";
        return Answer.WriteAsync(http, $"<html>\n<h2>Keycloak Management Interface</h2>\n<ul>{(health + metrics).TrimEnd('\n')}</ul>\n</html>\n");
    }

    private static Task NotFoundAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        http.Response.ContentType = "text/html; charset=utf-8";
        return Answer.WriteAsync(http, Missing);
    }
}
