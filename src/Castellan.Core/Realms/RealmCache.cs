using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Realms;

/// <summary>
/// Pictures of the realms in use and their clients, bounded: what was not asked for longest goes first. A commit anywhere drops the picture of
/// its realm; the next reader loads it once, however many wait.
/// </summary>
public sealed class RealmCache : IRealms, IClients
{
    /// <summary>Each takes some 100 KB; to read one anew takes some two milliseconds.</summary>
    private const int MaxRealms = 300;
    private const int MaxClientsPerRealm = 2_000;

    private readonly IConfigurationStore _store;
    private readonly IRealmShape? _shape;
    private readonly ConcurrentDictionary<string, string> _idsByName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _clock;

    /// <param name="shape">What nobody sees of the settings of realms.</param>
    public RealmCache(IConfigurationStore store, IRealmShape? shape = null)
    {
        (_store, _shape) = (store, shape);
        store.Changed += Forget;
    }

    public async ValueTask<Realm?> FindAsync(string name, CancellationToken ct = default)
    {
        if (_idsByName.TryGetValue(name, out var known) && await FindByIdAsync(known, ct) is { } realm && realm.Name == name)
        {
            return realm;
        }

        if (await _store.FindRealmIdAsync(name, ct) is not { } id)
        {
            return null;
        }

        _idsByName[name] = id;
        return await FindByIdAsync(id, ct) is { } found && found.Name == name ? found : null;
    }

    public ValueTask<Realm?> FindByIdAsync(string id, CancellationToken ct = default)
    {
        if (_entries.TryGetValue(id, out var entry) && entry.Realm.IsCompletedSuccessfully)
        {
            entry.LastUse = Interlocked.Increment(ref _clock);
            return new(entry.Realm.Result);
        }

        return LoadAsync(id, ct);
    }

    public ValueTask<List<RealmVersion>> ListAsync(CancellationToken ct = default) => _store.ListRealmsAsync(ct);

    public async ValueTask ApplyAsync(ChangeSet changes, CancellationToken ct = default)
    {
        await _store.ApplyAsync(await KeepHiddenAsync(changes, ct), ct);
        foreach (var realm in changes.Stale)
        {
            Forget(realm);
        }
    }

    public async ValueTask<ProtocolError?> ApplyAsync(IAsyncEnumerable<Result<ChangeSet>> sets, CancellationToken ct = default)
    {
        var stale = new HashSet<string>(StringComparer.Ordinal);
        if (await _store.ApplyAsync(KeptAsync(ct), ct) is { } refusal)
        {
            return refusal;
        }

        foreach (var realm in stale)
        {
            Forget(realm);
        }

        return null;

        async IAsyncEnumerable<Result<ChangeSet>> KeptAsync([EnumeratorCancellation] CancellationToken ct)
        {
            await foreach (var next in sets.WithCancellation(ct))
            {
                if (next.Ok(out var set, out _))
                {
                    stale.UnionWith(set.Stale);
                }

                yield return set is null ? next : await KeepHiddenAsync(set, ct);
            }
        }
    }

    public ValueTask<Client?> FindAsync(Realm realm, string clientId, CancellationToken ct = default)
    {
        var clients = realm.Compiled(static _ => new ClientPictures());
        return clients.ByClientId.TryGetValue(clientId, out var client) ? new(client) : LoadAsync();

        async ValueTask<Client?> LoadAsync() => clients.Keep(realm, await _store.FindClientAsync(realm.Id, clientId, ct));
    }

    public ValueTask<Client?> FindByIdAsync(Realm realm, string id, CancellationToken ct = default)
    {
        var clients = realm.Compiled(static _ => new ClientPictures());
        return clients.ById.TryGetValue(id, out var client) ? new(client) : LoadAsync();

        async ValueTask<Client?> LoadAsync() => clients.Keep(realm, await _store.FindClientByIdAsync(realm.Id, id, ct));
    }

    /// <summary>Who saves settings has read them without what is hidden; that is saved as it was.</summary>
    private async ValueTask<ChangeSet> KeepHiddenAsync(ChangeSet changes, CancellationToken ct)
    {
        if (_shape is not { Hides: true } || !changes.Changes.Any(c => c is PutRealm) || changes.Changes.Any(c => c is DeleteRealm)
            || await _store.LoadRealmAsync(changes.RealmId, ct) is not { } stored)
        {
            return changes;
        }

        return new ChangeSet(changes.RealmId) { ExpectedVersion = changes.ExpectedVersion }.Add(changes.Changes.Select(c => c is PutRealm put ? Kept(put) : c));

        PutRealm Kept(PutRealm put)
        {
            var settings = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(put.Settings, AdminJson.Default.RealmRepresentation), AdminJson.Default.RealmRepresentation)!;
            _shape.Keep(stored.Settings, settings);
            return new(settings);
        }
    }

    private async ValueTask<Realm?> LoadAsync(string id, CancellationToken ct)
    {
        while (true)
        {
            var entry = _entries.GetOrAdd(id, static (id, cache) => new Entry(cache._store, id, cache._shape), this);
            var realm = await entry.Realm.WaitAsync(ct);
            if (realm is null)
            {
                _entries.TryRemove(new(id, entry));
                return null;
            }

            // A commit may have dropped the entry while it loaded: what was read then may be older than that commit.
            if (_entries.TryGetValue(id, out var current) && ReferenceEquals(current, entry))
            {
                entry.LastUse = Interlocked.Increment(ref _clock);
                Trim();
                return realm;
            }
        }
    }

    private void Forget(string id) => _entries.TryRemove(id, out _);

    private void Trim()
    {
        if (_entries.Count <= MaxRealms)
        {
            return;
        }

        foreach (var old in _entries.OrderBy(e => e.Value.LastUse).Take(MaxRealms / 10))
        {
            _entries.TryRemove(old);
        }
    }

    private sealed class Entry(IConfigurationStore store, string id, IRealmShape? shape)
    {
        private readonly Lazy<Task<Realm?>> _realm = new(async () =>
        {
            if (await store.LoadRealmAsync(id) is not { } data)
            {
                return null;
            }

            shape?.Hide(data.Settings);
            return new Realm(data);
        });

        public Task<Realm?> Realm => _realm.Value;

        public long LastUse { get; set; }
    }

    /// <summary>The clients of one picture of a realm; they go when it goes.</summary>
    private sealed class ClientPictures
    {
        public ConcurrentDictionary<string, Client> ByClientId { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<string, Client> ById { get; } = new(StringComparer.Ordinal);

        public Client? Keep(Realm realm, ClientData? data)
        {
            if (data is null)
            {
                return null;
            }

            if (ById.Count >= MaxClientsPerRealm)
            {
                ById.Clear();
                ByClientId.Clear();
            }

            var client = ById.GetOrAdd(data.Representation.Id!, _ => new Client(realm, data));
            if (data.Representation.ClientId is { } clientId)
            {
                ByClientId.TryAdd(clientId, client);
            }

            return client;
        }
    }
}
