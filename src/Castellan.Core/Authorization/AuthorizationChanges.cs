using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Authorization;

/// <summary>A change to what a resource server protects. It is no configuration: people change it too, for what they own.</summary>
public abstract record AuthorizationChange : Change
{
    public override bool IsConfiguration => false;
}

/// <summary>A scope, unique by its name in the resource server.</summary>
public sealed record PutAuthorizationScope(string ClientId, ScopeRepresentation Scope) : AuthorizationChange;

/// <summary>A scope, out of every permission too.</summary>
public sealed record DeleteAuthorizationScope(string ClientId, string Id) : AuthorizationChange;

/// <summary>A resource with its scopes, unique by owner and name in the resource server.</summary>
public sealed record PutProtectedResource(string ClientId, ProtectedResource Resource) : AuthorizationChange;

/// <summary>A resource, out of every permission too.</summary>
public sealed record DeleteProtectedResource(string ClientId, string Id) : AuthorizationChange;

/// <summary>A policy with what it applies to, unique by its name in the resource server.</summary>
public sealed record PutPolicy(string ClientId, Policy Policy) : AuthorizationChange;

/// <summary>A policy, out of every permission and aggregate too.</summary>
public sealed record DeletePolicy(string ClientId, string Id) : AuthorizationChange;

/// <summary>What a client of an earlier version protects lies in the store now.</summary>
public sealed record AuthorizationMoved(string ClientId) : AuthorizationChange;

/// <summary>Everything that a client protects.</summary>
public sealed record DeleteResourceServer(string ClientId) : AuthorizationChange;

/// <summary>A ticket. One of its id is replaced; another for the same resource, scope and requester is a <see cref="DuplicateException"/>, unless only a new one counts.</summary>
/// <param name="OnlyNew">Whether a ticket for the same stays as it is.</param>
public sealed record PutPermissionTicket(string ClientId, PermissionTicket Ticket, bool OnlyNew = false) : AuthorizationChange;

/// <summary>A ticket. What its owner gave for it goes with the policy.</summary>
public sealed record DeletePermissionTicket(string ClientId, string Id) : AuthorizationChange;
