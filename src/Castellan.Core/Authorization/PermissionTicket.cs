using Castellan.Core.Representations;

namespace Castellan.Core.Authorization;

/// <summary>
/// What somebody asked an owner for, or was given by one: one scope of a resource, or the resource itself where it has none. UMA's permission tickets are
/// tokens and not kept; this is what stays of one that came too early, so that its owner can decide.
/// </summary>
/// <param name="ScopeId">Null for the resource itself.</param>
/// <param name="OwnerId">Who owns the resource: a user, or the client that protects it.</param>
/// <param name="RequesterId">Who wants it.</param>
/// <param name="PolicyId">The owner's policy that a granted one stands in; null while it is not granted.</param>
/// <param name="Created">When it was asked for; milliseconds since 1970.</param>
/// <param name="Granted">When it was granted; null while it is not.</param>
public sealed record PermissionTicket(
    string Id, string ResourceId, string? ScopeId, string OwnerId, string RequesterId, string? PolicyId, long Created, long? Granted)
{
    public bool IsGranted => Granted is not null;
}

/// <summary>Which tickets to list; absent members do not restrict.</summary>
/// <param name="ClientId">The resource server; null for those of the whole realm.</param>
/// <param name="ResourceName">The name of the resource, letter for letter.</param>
/// <param name="PartyId">Who is its owner or its requester.</param>
public sealed record TicketQuery(
    string? ClientId = null, string? Id = null, string? ResourceId = null, string? ScopeId = null, string? OwnerId = null, string? RequesterId = null,
    bool? Granted = null, string? PolicyId = null, string? PartyId = null, string? ResourceName = null);

/// <summary>A ticket with the resource server that it belongs to.</summary>
public sealed record FoundTicket(string ClientId, PermissionTicket Ticket);

/// <summary>The tickets of all realms. Writes go through change sets.</summary>
public interface IPermissionTickets
{
    /// <summary>Tickets, the oldest first; <paramref name="max"/> negative: all.</summary>
    ValueTask<List<FoundTicket>> ListAsync(string realmId, TicketQuery query, int first = 0, int max = -1, CancellationToken ct = default);

    ValueTask<long> CountAsync(string realmId, TicketQuery query, CancellationToken ct = default);
}
