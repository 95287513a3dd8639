using Castellan.Core.Authorization;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Server.Admin;
using Castellan.Server.Http;
using Castellan.Server.Oidc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Protection;

/// <summary>Answers a call of the protection API.</summary>
internal delegate ValueTask<AdminAnswer> ProtectionHandler(ProtectionContext context);

/// <summary>A route below <c>/realms/{realm}/authz/protection</c>.</summary>
/// <param name="ForOwners">Whether any token of the resource server's opens it; the others want the role <c>uma_protection</c>.</param>
internal sealed record ProtectionRoute(string Method, string Path, ProtectionHandler Handler, bool ForOwners = false)
{
    /// <summary>Whether good answers say <c>Cache-Control: no-cache</c>.</summary>
    public bool NoCache { get; init; }
}

/// <summary>
/// What a resource server does with the authorization server (UMA 2.0 Federated Authorization): it registers resources, asks for permission tickets, and
/// minds what owners share; and what owners themselves say of what is theirs. The caller's token, issued to the resource server, says which one it is (a
/// protection API access token, §1.3).
/// </summary>
internal static class ProtectionApi
{
    private const string Role = "uma_protection";

    private static readonly AdminAnswer s_noToken = AdminAnswer.Error(403, "invalid_bearer_token", "Could not obtain bearer access_token from request.");
    private static readonly AdminAnswer s_noRole = AdminAnswer.Error(403, "invalid_scope", "Requires uma_protection scope.");

    /// <summary>Every route; a new resource is one file and one line here.</summary>
    public static IReadOnlyList<ProtectionRoute> All { get; } =
    [
        .. ResourceSetRoutes.All,
        .. PermissionRoutes.All,
        .. TicketRoutes.All,
        .. OwnerPolicyRoutes.All,
    ];

    public static void MapProtection(this IEndpointRouteBuilder endpoints)
    {
        foreach (var path in All.GroupBy(r => r.Path, StringComparer.Ordinal))
        {
            var methods = path.ToDictionary(r => r.Method, StringComparer.Ordinal);
            endpoints.Map("/realms/{realm}/authz/protection" + path.Key, endpoints.WithRealm((http, realm) => CallAsync(http, realm, methods)));
        }
    }

    private static async Task CallAsync(HttpContext http, Realm realm, Dictionary<string, ProtectionRoute> methods)
    {
        var route = methods.GetValueOrDefault(http.Request.Method);
        var answer = await AnswerAsync(http, realm, route);
        await answer.SendAsync(http, realm, route is { NoCache: true });
    }

    private static async ValueTask<AdminAnswer> AnswerAsync(HttpContext http, Realm realm, ProtectionRoute? route)
    {
        if (route is null)
        {
            return AdminAnswer.Error(405, "HTTP 405 Method Not Allowed");
        }

        var issuer = http.RequestServices.GetRequiredService<ServerUrls>().Issuer(http, realm);
        if (OidcRoutes.CheckRealm(http, realm, issuer) is { } closed)
        {
            return AdminAnswer.Error(closed.Status, closed.Code, closed.Description);
        }

        if (await http.RequestServices.GetRequiredService<BearerTokens>().FindAsync(http, realm, issuer, http.RequestAborted) is not { } bearer)
        {
            return s_noToken;
        }

        var context = new ProtectionContext(http, realm, bearer.Token);
        if (context.Client.Representation.AuthorizationServicesEnabled is not true)
        {
            return AdminAnswer.Error(403, "invalid_clientId", $"Client application [{context.Client.ClientId}] is not registered as a resource server.");
        }

        if (!route.ForOwners && !MayProtect(context, bearer.Text))
        {
            return s_noRole;
        }

        try
        {
            return await route.Handler(context);
        }
        catch (Exception e) when (e is DuplicateException or StaleException)
        {
            return AdminAnswer.Conflict;
        }
    }

    /// <summary>The role must be in the token, which its client may have kept narrow, and its owner must have it still.</summary>
    private static bool MayProtect(ProtectionContext context, string text)
    {
        var (realm, valid) = (context.Realm, context.Token);
        return realm.Roles.FindClientRole(valid.Client.Id, Role) is { } role && GrantedRoles.Of(realm, valid.User).Contains(role)
            && (valid.Token.IsLightweight
                ? GrantedRoles.Within(realm, valid.Client, Scopes.Restore(valid.Client, valid.Token.Scope), GrantedRoles.Of(realm, valid.User)).Contains(role)
                : TokenRoles.Has(text, valid.Client.ClientId, Role));
    }
}
