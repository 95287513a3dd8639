using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.Server.Http;

/// <summary>What is answered where there is nothing: in the form of the room that was asked, as probes and scanners of Keycloak see it.</summary>
internal static class MissingRoutes
{
    public static void MapMissing(this IEndpointRouteBuilder endpoints, Features features)
    {
        Last(endpoints.Map("/realms/{realm}/{**rest}", endpoints.WithRealm((http, realm) => JsonAnswers.ErrorAsync(http, StatusCodes.Status404NotFound, "HTTP 404 Not Found", realm))));
        // Everything below answers OPTIONS there, so that another method is what is wrong.
        if (features.Has("admin-api"))
        {
            Last(endpoints.Map("/admin/{realm}/{**rest}", http => JsonAnswers.BareErrorAsync(http, StatusCodes.Status405MethodNotAllowed, "HTTP 405 Method Not Allowed")));
        }

        Last(endpoints.Map("/resources/{version}/{**rest}", (RequestDelegate)File));
        Last(endpoints.Map("/welcome-content/{**rest}", (RequestDelegate)File));
        endpoints.MapFallback("{**path}", http => JsonAnswers.BareErrorAsync(http, StatusCodes.Status404NotFound, "Unable to find matching target resource method"));
    }

    private static Task File(HttpContext http)
    {
        SecurityHeaders.ApplyToFile(http.Response.Headers);
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static void Last(IEndpointConventionBuilder endpoint) => endpoint.Add(builder => ((RouteEndpointBuilder)builder).Order = int.MaxValue - 1);
}
