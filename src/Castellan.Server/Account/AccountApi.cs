using Castellan.Core.Federation;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Server.Admin;
using Castellan.Server.Consoles;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Castellan.Server.Account;

/// <summary>
/// What people do with their own account: the REST API for whoever asks for JSON, the account console's page for everybody else, at the
/// same addresses.
/// </summary>
public static class AccountApi
{
    private const string ClientId = "account";

    /// <summary>Every route of the API; a new resource is one file and one line here.</summary>
    internal static IReadOnlyList<AccountRoute> All { get; } =
    [
        .. ProfileRoutes.All,
        .. CredentialRoutes.All,
        .. SessionRoutes.All,
        .. ApplicationRoutes.All,
        .. LinkedAccountRoutes.All,
        .. MembershipRoutes.All,
        .. ResourceRoutes.All,
    ];

    public static void MapAccount(this IEndpointRouteBuilder endpoints)
    {
        foreach (var path in All.GroupBy(r => r.Path, StringComparer.Ordinal))
        {
            var methods = path.ToDictionary(r => r.Method, StringComparer.Ordinal);
            endpoints.Map("/realms/{realm}/account" + path.Key, endpoints.WithRealm((http, realm) => CallAsync(http, realm, methods)));
        }

        endpoints.Map("/realms/{realm}/account/{**rest}", endpoints.WithRealm((http, realm) => CallAsync(http, realm, null)));
    }

    private static async Task CallAsync(HttpContext http, Realm realm, Dictionary<string, AccountRoute>? methods)
    {
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            Preflight(http, realm);
        }
        else if (IsOff(http, out var forBrowsers))
        {
            await JsonAnswers.ErrorAsync(http, StatusCodes.Status404NotFound, "HTTP 404 Not Found", realm);
        }
        else if (forBrowsers)
        {
            await AccountConsole.SendAsync(http, realm);
        }
        else
        {
            var route = methods?.GetValueOrDefault(http.Request.Method);
            var answer = await AnswerAsync(http, realm, route, known: methods is not null);
            await answer.SendAsync(http, realm, route is { NoCache: true });
        }
    }

    /// <summary>Whether the console or the API, whichever the request is for, is switched off.</summary>
    private static bool IsOff(HttpContext http, out bool forBrowsers)
    {
        forBrowsers = HttpMethods.IsGet(http.Request.Method) && !IsJson(http.Request.Headers.Accept.ToString()) && !IsJson(http.Request.ContentType);
        return !http.RequestServices.GetRequiredService<Features>().Has(forBrowsers ? "account" : "account-api");
    }

    private static async ValueTask<AdminAnswer> AnswerAsync(HttpContext http, Realm realm, AccountRoute? route, bool known)
    {
        var ct = http.RequestAborted;
        if (await http.RequestServices.GetRequiredService<IClients>().FindAsync(realm, ClientId, ct) is not { Enabled: true })
        {
            return AdminAnswer.NotFound("account management not enabled");
        }

        if (Bearer.Text(http) is not { } token || await http.RequestServices.GetRequiredService<IAccountCallers>().FindAsync(http, realm, token, ct) is not { } caller)
        {
            return AdminAnswer.Unauthorized;
        }

        if (!LetIn(http, caller))
        {
            return AdminAnswer.Error(403, "Invalid origin");
        }

        if (route is null)
        {
            return known ? AdminAnswer.Error(405, "HTTP 405 Method Not Allowed") : AdminAnswer.NotFoundHere;
        }

        if (route.Roles.Count > 0 && !route.Roles.Any(caller.Roles.Contains))
        {
            return AdminAnswer.Forbidden;
        }

        try
        {
            return await route.Handler(new AccountContext(http, realm, caller));
        }
        catch (FederationRefusal e)
        {
            return AdminAnswer.Message(400, e.Description ?? e.Error);
        }
        catch (Exception e) when (e is DuplicateException or StaleException)
        {
            return AdminAnswer.Conflict;
        }
    }

    /// <summary>A call from a browser page of another origin must come from one that the token names.</summary>
    private static bool LetIn(HttpContext http, AccountCaller caller)
    {
        if (http.Request.Headers.Origin is not [{ Length: > 0 } origin] || Cors.IsOwn(http, origin))
        {
            return true;
        }

        if (!caller.Origins.Contains(origin) && !caller.Origins.Contains("*"))
        {
            return false;
        }

        http.Response.Headers.AccessControlAllowOrigin = origin;
        http.Response.Headers.AccessControlAllowCredentials = "true";
        http.Response.Headers.Append(HeaderNames.Vary, "Origin");
        return true;
    }

    private static void Preflight(HttpContext http, Realm realm)
    {
        AdminHeaders.Guard(http, realm, null);
        if (http.Request.Headers.Origin is [{ Length: > 0 } origin])
        {
            var headers = http.Response.Headers;
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlAllowCredentials = "true";
            headers.AccessControlAllowMethods = "HEAD, DELETE, POST, GET, OPTIONS, PUT";
            headers.AccessControlAllowHeaders = "Origin, Accept, X-Requested-With, Content-Type, Access-Control-Request-Method, Access-Control-Request-Headers, Authorization, DPoP";
            headers.AccessControlMaxAge = "3600";
            headers.Append(HeaderNames.Vary, "Origin");
        }
    }

    private static bool IsJson(string? media) => media?.Contains("application/json", StringComparison.OrdinalIgnoreCase) ?? false;
}
