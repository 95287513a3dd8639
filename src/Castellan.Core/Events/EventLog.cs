using Castellan.Core.Realms;

namespace Castellan.Core.Events;

/// <summary>
/// Keeps events as the realm's settings say and hands them to its listeners. A listener that the realm names and nobody registered is passed
/// over, as is one that throws: what happened has happened, whether or not somebody could be told.
/// </summary>
public sealed class EventLog(IEventStore store, IEnumerable<IEventListener> listeners, TimeProvider time, Action<string, Exception> failed) : IEvents
{
    private readonly Dictionary<string, IEventListener> _listeners = listeners.ToDictionary(l => l.Id, StringComparer.Ordinal);

    /// <summary>The ids that a realm's <c>eventsListeners</c> may hold.</summary>
    public IReadOnlyCollection<string> ListenerIds => _listeners.Keys;

    public ValueTask RecordAsync(Realm realm, LoginEvent happened, CancellationToken ct = default)
    {
        Telemetry.Count(realm, happened);
        var keep = realm.Settings.EventsEnabled == true && EventTypes.IsKept(happened.Type, realm.Settings.EnabledEventTypes);
        var names = realm.Settings.EventsListeners;
        return keep || names is { Count: > 0 } ? RecordAsync(realm, happened, keep, ct) : default;
    }

    private async ValueTask RecordAsync(Realm realm, LoginEvent happened, bool keep, CancellationToken ct)
    {
        happened.Time = Now();
        happened.Id ??= Ids.Next(happened.Time); // within a millisecond the id tells which came first
        happened.RealmId = realm.Id;
        if (keep)
        {
            await store.AddAsync(happened, Expiry(happened.Time, realm.Settings.EventsExpiration), ct);
        }

        await TellAsync(realm, listener => listener.OnEventAsync(realm, happened, ct));
    }

    public async ValueTask RecordAsync(Realm realm, AdminEvent happened, CancellationToken ct = default)
    {
        happened.Time = Now();
        happened.Id ??= Ids.Next(happened.Time); // within a millisecond the id tells which came first
        happened.RealmId = realm.Id;
        if (realm.Settings.AdminEventsEnabled == true)
        {
            var representation = happened.Representation;
            happened.Representation = realm.Settings.AdminEventsDetailsEnabled == true ? representation : null;
            await store.AddAsync(happened, Expiry(happened.Time, AdminEventsExpiration(realm)), ct);
            happened.Representation = representation;
        }

        await TellAsync(realm, listener => listener.OnEventAsync(realm, happened, ct));
    }

    private async ValueTask TellAsync(Realm realm, Func<IEventListener, ValueTask> tell)
    {
        foreach (var name in realm.Settings.EventsListeners ?? [])
        {
            if (!_listeners.TryGetValue(name, out var listener))
            {
                continue;
            }

            try
            {
                await tell(listener);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed(listener.Id, e);
            }
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Keycloak keeps the life of admin events in a realm attribute, in seconds.</summary>
    private static long? AdminEventsExpiration(Realm realm) =>
        long.TryParse(realm.Attribute("adminEventsExpiration"), out var seconds) ? seconds : null;

    private static long? Expiry(long now, long? seconds) => seconds is > 0 ? now + (seconds * 1000) : null;
}
