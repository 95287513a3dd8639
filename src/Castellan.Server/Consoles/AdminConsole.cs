using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Server.Admin;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Consoles;

/// <summary>The administration console's page, and what it asks first: who am I?</summary>
public static class AdminConsole
{
    private const string ClientId = "security-admin-console";
    private const string Theme = "keycloak.v2";

    internal static void MapAdminConsole(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods("/admin", [HttpMethods.Get], http => ComesByProxy(http) && http.RequestServices.GetRequiredService<ServerUrls>().HidesAdmin
            ? JsonAnswers.ErrorAsync(http, StatusCodes.Status404NotFound, "HTTP 404 Not Found")
            : Redirect(http, "/admin/master/console/"));
        endpoints.MapMethods("/admin/{realm}/console", [HttpMethods.Get], SendAsync);
        endpoints.MapMethods("/admin/{realm}/console/whoami", [HttpMethods.Get, HttpMethods.Options], WhoAmIAsync);
    }

    // Whether such headers are trusted does not matter here: that they are there says that somebody forwarded it.
    private static bool ComesByProxy(HttpContext http) => http.Request.Headers.ContainsKey("X-Forwarded-For")
        || http.Request.Headers["Forwarded"].ToString().Contains("for=", StringComparison.OrdinalIgnoreCase);

    internal static Task Redirect(HttpContext http, string path, bool cacheControl = false)
    {
        var headers = http.Response.Headers;
        SecurityHeaders.Apply(headers);
        headers.Remove("X-Frame-Options");
        if (cacheControl)
        {
            headers.CacheControl = "no-cache";
        }

        headers.Location = http.RequestServices.GetRequiredService<ServerUrls>().Admin(http) + path;
        http.Response.StatusCode = StatusCodes.Status302Found;
        return Task.CompletedTask;
    }

    private static async Task SendAsync(HttpContext http)
    {
        var name = (string)http.Request.RouteValues["realm"]!;
        if (await http.RequestServices.GetRequiredService<IRealms>().FindAsync(name, http.RequestAborted) is not { } realm)
        {
            await JsonAnswers.ErrorAsync(http, StatusCodes.Status404NotFound, "Realm not found.  Did you type in a bad URL?");
            return;
        }

        var path = $"/admin/{Uri.EscapeDataString(name)}/console/";
        if (!http.Request.Path.Value!.EndsWith('/'))
        {
            await Redirect(http, path, cacheControl: true);
            return;
        }

        var urls = http.RequestServices.GetRequiredService<ServerUrls>();
        var server = urls.Frontend(http, realm);
        var admin = urls.Admin(http);
        var resources = ServerUrls.PathOf(admin) + ThemeResources.Folder("admin", Theme);
        await ConsolePage.SendAsync(http, realm, "admin", "Castellan Administration Console", resources, [server, admin], json =>
        {
            json.WriteString("serverBaseUrl", server);
            json.WriteString("adminBaseUrl", admin);
            json.WriteString("authUrl", admin);
            json.WriteString("authServerUrl", server);
            json.WriteString("realm", realm.Name);
            json.WriteString("clientId", ClientId);
            json.WriteString("resourceUrl", resources);
            json.WriteString("logo", "");
            json.WriteString("logoUrl", "");
            json.WriteString("consoleBaseUrl", new Uri(admin).AbsolutePath.TrimEnd('/') + path);
            json.WriteString("masterRealm", "master");
            json.WriteString("resourceVersion", ThemeResources.Version);
            json.WriteBoolean("darkMode", realm.Attribute("darkMode") != "false");
        });
    }

    /// <summary>What the signed-in administrator may see; for the console's own tokens only.</summary>
    private static async Task WhoAmIAsync(HttpContext http)
    {
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            await AdminHeaders.PreflightAsync(http);
            return;
        }

        var ct = http.RequestAborted;
        var caller = Bearer.Text(http) is { } token ? await http.RequestServices.GetRequiredService<IAdminCallers>().FindAsync(http, token, ct) : null;
        // The console of a realm is for those who signed in there.
        if (caller is null || caller.Realm.Name != (string)http.Request.RouteValues["realm"]!)
        {
            await JsonAnswers.ErrorAsync(http, StatusCodes.Status401Unauthorized, "HTTP 401 Unauthorized");
            return;
        }

        if (caller.Client.ClientId != ClientId && !caller.Client.Flag("security.admin.console"))
        {
            await JsonAnswers.ErrorAsync(http, StatusCodes.Status403Forbidden, $"Token issued for an application that is not the admin console: {caller.Client.ClientId}");
            return;
        }

        var realms = http.RequestServices.GetRequiredService<IRealms>();

        // Only the master realm's administrators have other realms to look at.
        var asked = caller.IsMaster && http.Request.Query["currentRealm"] is [{ Length: > 0 } current] ? await realms.FindAsync(current, ct) : null;
        var realm = asked ?? caller.Realm;

        var roles = caller.RolesIn(realm);
        if (roles.Names.Count == 0 && !caller.MayCreateRealms)
        {
            await JsonAnswers.ErrorAsync(http, StatusCodes.Status403Forbidden, "No realm access");
            return;
        }

        await AnswerAsync(http, caller, realm, roles);
    }

    private static async Task AnswerAsync(HttpContext http, AdminCaller caller, Realm realm, AdminRoles roles)
    {
        AdminHeaders.LetIn(http, caller);
        SecurityHeaders.Apply(http.Response.Headers, caller.Realm);
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.ContentType = "application/json;charset=UTF-8";
        await using (var json = new Utf8JsonWriter(http.Response.BodyWriter))
        {
            json.WriteStartObject();
            json.WriteString("userId", caller.User.Id);
            json.WriteString("realm", caller.Realm.Name);
            json.WriteString("displayName", DisplayName(caller));
            json.WriteString("locale", Pages.Locales.Choose(http, caller.Realm, null, null, caller.User));
            json.WriteBoolean("createRealm", caller.MayCreateRealms);
            json.WriteStartObject("realm_access");
            json.WriteStartArray(realm.Name);
            foreach (var role in roles.Names.Concat(caller.IsServerAdmin ? ["admin"] : []).Distinct().Order(StringComparer.Ordinal))
            {
                json.WriteStringValue(role);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteBoolean("temporary", caller.User.Attribute("is_temporary_admin") == "true");
            json.WriteEndObject();
        }

        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private static string DisplayName(AdminCaller caller)
    {
        var names = new[] { caller.User.Representation.FirstName, caller.User.Representation.LastName }.Where(n => !string.IsNullOrEmpty(n));
        return string.Join(' ', names) is { Length: > 0 } full ? full : caller.User.Username;
    }
}
