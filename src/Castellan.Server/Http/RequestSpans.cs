using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.Server.Http;

/// <summary>Names each request's span as OpenTelemetry's conventions for HTTP servers do (1.23). Only where somebody traces.</summary>
public static class RequestSpans
{
    public static void Use(IApplicationBuilder app) => app.Use(static async (HttpContext http, RequestDelegate next) =>
    {
        if (Activity.Current is not { IsAllDataRequested: true } span)
        {
            await next(http);
            return;
        }

        try
        {
            await next(http);
        }
        finally
        {
            Describe(span, http);
        }
    });

    private static void Describe(Activity span, HttpContext http)
    {
        var (method, status) = (http.Request.Method, http.Response.StatusCode);
        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = route is null ? method : $"{method} {route}";
        span.SetTag("http.request.method", method);
        span.SetTag("http.response.status_code", status);
        span.SetTag("url.scheme", http.Request.Scheme);

        // Without the query: codes, tokens and hints stand there.
        span.SetTag("url.path", http.Request.Path.Value);
        if (route is not null)
        {
            span.SetTag("http.route", route);
        }

        if (status >= 500)
        {
            span.SetStatus(ActivityStatusCode.Error);
            span.SetTag("error.type", status.ToString(CultureInfo.InvariantCulture));
        }
    }
}
