using Castellan.Core.Realms;

namespace Castellan.Core.Events;

/// <summary>Where everything that happens is told: kept when the realm wants it, and handed to the realm's listeners.</summary>
public interface IEvents
{
    /// <summary>
    /// Records an event; time, id and realm are filled in. When this returns, a kept event can be read. Costs nothing that matters when the
    /// realm keeps no events, so the token endpoints may always call it.
    /// </summary>
    ValueTask RecordAsync(Realm realm, LoginEvent happened, CancellationToken ct = default);

    /// <summary>Records what an administrator changed in <paramref name="realm"/>.</summary>
    ValueTask RecordAsync(Realm realm, AdminEvent happened, CancellationToken ct = default);
}

/// <summary>Something that is told of events: by its id in the realm's <c>eventsListeners</c>. Must not block; failures are its own to log.</summary>
public interface IEventListener
{
    string Id { get; }

    ValueTask OnEventAsync(Realm realm, LoginEvent happened, CancellationToken ct);

    ValueTask OnEventAsync(Realm realm, AdminEvent happened, CancellationToken ct);
}

/// <summary>Where kept events lie.</summary>
public interface IEventStore
{
    ValueTask AddAsync(LoginEvent happened, long? expires, CancellationToken ct = default);

    ValueTask AddAsync(AdminEvent happened, long? expires, CancellationToken ct = default);

    ValueTask<List<LoginEvent>> ListAsync(string realmId, EventQuery query, CancellationToken ct = default);

    ValueTask<List<AdminEvent>> ListAsync(string realmId, AdminEventQuery query, CancellationToken ct = default);

    ValueTask DeleteEventsAsync(string realmId, CancellationToken ct = default);

    ValueTask DeleteAdminEventsAsync(string realmId, CancellationToken ct = default);

    /// <summary>Removes what has expired, in batches.</summary>
    ValueTask DeleteExpiredAsync(long now, CancellationToken ct = default);
}

/// <summary>Which events to list, newest first unless <paramref name="Ascending"/>. Times in milliseconds, both ends included.</summary>
public sealed record EventQuery(
    IReadOnlyList<string>? Types = null, string? ClientId = null, string? UserId = null, string? IpAddress = null,
    long? From = null, long? To = null, bool Ascending = false, int First = 0, int Max = 100);

/// <summary>Which admin events to list. A <c>*</c> in the path stands for anything.</summary>
public sealed record AdminEventQuery(
    IReadOnlyList<string>? OperationTypes = null, IReadOnlyList<string>? ResourceTypes = null, string? ResourcePath = null,
    string? AuthRealm = null, string? AuthClient = null, string? AuthUser = null, string? AuthIpAddress = null,
    long? From = null, long? To = null, bool Ascending = false, int First = 0, int Max = 100);
