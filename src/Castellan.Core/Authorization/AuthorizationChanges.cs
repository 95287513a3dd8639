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

/// <summary>A policy with what it applies to, unique by its name in the resource server. One of an owner's comes with its conditions: others that it had go.</summary>
public sealed record PutPolicy(string ClientId, Policy Policy) : AuthorizationChange;

/// <summary>A policy, out of every permission and aggregate too; one of an owner's with its conditions and the tickets in it.</summary>
public sealed record DeletePolicy(string ClientId, string Id) : AuthorizationChange;

/// <summary>What a client of an earlier version protects lies in the store now.</summary>
public sealed record AuthorizationMoved(string ClientId) : AuthorizationChange;

/// <summary>Everything that a client protects.</summary>
public sealed record DeleteResourceServer(string ClientId) : AuthorizationChange;

/// <summary>A ticket that somebody asks for, unless there is one of theirs for the same: that stays as it is.</summary>
public sealed record PutPermissionTicket(string ClientId, PermissionTicket Ticket) : AuthorizationChange;

/// <summary>The tickets that stand in a policy go: its owner says from now on what it gives.</summary>
public sealed record ReleaseTickets(string ClientId, string PolicyId) : AuthorizationChange;
