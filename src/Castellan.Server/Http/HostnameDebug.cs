using Castellan.Core.Realms;
using Castellan.Server.Pages;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Http;

/// <summary>
/// A page for whoever sets up a proxy: which addresses the server works out for this very request, from which settings and which headers. Only where
/// <c>hostname-debug</c> asks for it, since it tells of the inside.
/// </summary>
internal static class HostnameDebug
{
    private static readonly string[] s_headers =
        ["Host", "Forwarded", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-For"];

    public static void MapHostnameDebug(this IEndpointRouteBuilder endpoints)
    {
        var options = endpoints.ServiceProvider.GetRequiredService<HostnameOptions>();
        if (options.Debug)
        {
            var urls = endpoints.ServiceProvider.GetRequiredService<ServerUrls>();
            endpoints.MapRealmGet("/hostname-debug", (http, realm) => SendAsync(http, realm, options, urls));
        }
    }

    private static Task SendAsync(HttpContext http, Realm realm, HostnameOptions options, ServerUrls urls)
    {
        var page = new HtmlWriter();
        page.Add($"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Hostname debug</title></head><body>\n<h1>Addresses of the realm {realm.Name}</h1>\n<table>\n");
        Row(page, "Frontend", urls.Frontend(http, realm));
        Row(page, "Backend", urls.Backend(http, realm));
        Row(page, "Admin", urls.Admin(http));
        page.Add($"</table>\n<h2>Settings</h2>\n<table>\n");
        Row(page, "hostname", options.Hostname);
        Row(page, "hostname-admin", options.HostnameAdmin);
        Row(page, "hostname-backchannel-dynamic", options.BackchannelDynamic ? "true" : "false");
        Row(page, "http-relative-path", options.RelativePath);
        Row(page, "frontendUrl of the realm", realm.Attribute("frontendUrl"));
        page.Add($"</table>\n<h2>Request</h2>\n<table>\n");
        Row(page, "Client", Callers.Address(http));
        foreach (var name in s_headers)
        {
            Row(page, name, http.Request.Headers[name].ToString());
        }

        page.Add($"</table>\n</body></html>\n");
        SecurityHeaders.ApplyToPage(http.Response.Headers, realm);
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentType = "text/html; charset=utf-8";
        var body = page.ToUtf8();
        http.Response.ContentLength = body.Length;
        return http.Response.BodyWriter.WriteAsync(body, http.RequestAborted).AsTask();
    }

    private static void Row(HtmlWriter page, string name, string? value) => page.Add($"<tr><th scope=\"row\">{name}</th><td>{(string.IsNullOrEmpty(value) ? "-" : value)}</td></tr>\n");
}
