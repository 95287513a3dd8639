using Castellan.Core.Realms;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Http;

/// <summary>Answers a request below a realm.</summary>
public delegate Task RealmHandler(HttpContext http, Realm realm);

/// <summary>Routes below <c>/realms/{realm}</c>: the realm is looked up once, and a request for one that does not exist goes no further.</summary>
public static class RealmRoute
{
    /// <summary>Maps <c>/realms/{realm}</c> + <paramref name="path"/> for the given methods; other methods are answered 405 by the router.</summary>
    public static IEndpointConventionBuilder MapRealm(
        this IEndpointRouteBuilder endpoints, string path, IEnumerable<string> methods, RealmHandler handler) =>
        endpoints.MapMethods("/realms/{realm}" + path, methods, endpoints.WithRealm(handler));

    public static IEndpointConventionBuilder MapRealmGet(this IEndpointRouteBuilder endpoints, string path, RealmHandler handler) =>
        endpoints.MapRealm(path, [HttpMethods.Get], handler);

    public static IEndpointConventionBuilder MapRealmPost(this IEndpointRouteBuilder endpoints, string path, RealmHandler handler) =>
        endpoints.MapRealm(path, [HttpMethods.Post], handler);

    /// <summary>A handler that has the realm of the route value <c>realm</c>, or answers 404.</summary>
    public static RequestDelegate WithRealm(this IEndpointRouteBuilder endpoints, RealmHandler handler)
    {
        var realms = endpoints.ServiceProvider.GetRequiredService<IRealms>();
        return http =>
        {
            var found = realms.FindAsync((string)http.Request.RouteValues["realm"]!, http.RequestAborted);
            return found.IsCompletedSuccessfully ? Go(http, found.Result) : Wait(http, found);
        };

        async Task Wait(HttpContext http, ValueTask<Realm?> found) => await Go(http, await found);

        Task Go(HttpContext http, Realm? realm) =>
            realm is null ? JsonAnswers.ErrorAsync(http, StatusCodes.Status404NotFound, "Realm does not exist") : handler(http, realm);
    }
}
