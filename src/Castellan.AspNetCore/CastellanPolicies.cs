using Castellan.AspNetCore;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;

#pragma warning disable IDE0130 // where the methods of its kind are found without a using
namespace Microsoft.AspNetCore.Builder;
#pragma warning restore IDE0130

/// <summary>What endpoints and policies may ask of a token.</summary>
public static class CastellanPolicies
{
    /// <summary>Asks for one of these roles of the realm (<c>realm_access.roles</c>).</summary>
    public static AuthorizationPolicyBuilder RequireRealmRole(this AuthorizationPolicyBuilder policy, params string[] roles) =>
        policy.RequireAuthenticatedUser().AddRequirements(Requirements.RealmRole(roles));

    /// <summary>Asks for one of these roles of a client (<c>resource_access.CLIENT.roles</c>).</summary>
    public static AuthorizationPolicyBuilder RequireClientRole(this AuthorizationPolicyBuilder policy, string client, params string[] roles) =>
        policy.RequireAuthenticatedUser().AddRequirements(Requirements.ClientRole(client, roles));

    /// <summary>Asks for all of these scopes (<c>scope</c>).</summary>
    public static AuthorizationPolicyBuilder RequireScope(this AuthorizationPolicyBuilder policy, params string[] scopes) =>
        policy.RequireAuthenticatedUser().AddRequirements(Requirements.Scope(scopes));

    /// <summary>Lets only tokens with one of these roles of the realm pass.</summary>
    public static TBuilder RequireRealmRole<TBuilder>(this TBuilder endpoint, params string[] roles)
        where TBuilder : IEndpointConventionBuilder => endpoint.RequireAuthorization(new AuthorizationPolicyBuilder().RequireRealmRole(roles).Build());

    /// <summary>Lets only tokens with one of these roles of a client pass.</summary>
    public static TBuilder RequireClientRole<TBuilder>(this TBuilder endpoint, string client, params string[] roles)
        where TBuilder : IEndpointConventionBuilder => endpoint.RequireAuthorization(new AuthorizationPolicyBuilder().RequireClientRole(client, roles).Build());

    /// <summary>Lets only tokens with all of these scopes pass.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder endpoint, params string[] scopes)
        where TBuilder : IEndpointConventionBuilder => endpoint.RequireAuthorization(new AuthorizationPolicyBuilder().RequireScope(scopes).Build());
}
