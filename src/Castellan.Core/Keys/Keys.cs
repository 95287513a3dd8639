using System.Collections.Concurrent;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Keys;

/// <summary>The keys of realms; what a realm lacks is generated when it is first needed, and stored for good.</summary>
public sealed class Keys(IRealms realms, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Realm, string Use, string Algorithm), Lazy<Task>> _making = new();

    /// <summary>The key that signs with this algorithm; null when there is no such algorithm.</summary>
    public ValueTask<SigningKey?> SigningAsync(Realm realm, string algorithm, CancellationToken ct = default) =>
        KeyRing.Of(realm).Signing(algorithm) is { } key ? new(key) : MakeAsync(realm, algorithm, ct);

    /// <summary>The key for a client's tokens of one kind: by the algorithm that the client wants for them, else the realm's.</summary>
    /// <param name="attribute">The client's attribute for that kind.</param>
    public ValueTask<SigningKey> SigningAsync(Realm realm, Client client, string attribute, CancellationToken ct = default)
    {
        var algorithm = (SignatureAlgorithm.Find(client.Attribute(attribute)) ?? SignatureAlgorithm.Find(realm.Settings.DefaultSignatureAlgorithm))?.Name ?? "RS256";
        return KeyRing.Of(realm).Signing(algorithm) is { } key ? new(key) : Make();

        async ValueTask<SigningKey> Make() => await MakeAsync(realm, algorithm, ct)
            ?? throw new InvalidOperationException($"No key could be made for {algorithm} in the realm {realm.Name}.");
    }

    private async ValueTask<SigningKey?> MakeAsync(Realm realm, string algorithm, CancellationToken ct)
    {
        if (SignatureAlgorithm.Find(algorithm) is null)
        {
            return null;
        }

        var newest = await EnsureAsync(realm, RealmKey.Sig, algorithm, ct);
        return newest is null ? null : KeyRing.Of(newest).Signing(algorithm);
    }

    /// <summary>A picture of the realm that has an active key of that use and algorithm; null when none can be made.</summary>
    public async ValueTask<Realm?> EnsureAsync(Realm realm, string use, string algorithm, CancellationToken ct = default)
    {
        var wanted = (realm.Id, use, algorithm);
        var making = _making.GetOrAdd(wanted, _ => new(() => AddAsync(realm.Id, use, algorithm)));
        try
        {
            await making.Value.WaitAsync(ct);
        }
        finally
        {
            if (making.Value.IsCompleted)
            {
                _making.TryRemove(new(wanted, making));
            }
        }

        return await realms.FindByIdAsync(realm.Id, ct) is { } newest && KeyRing.Of(newest).Active(use, algorithm) is not null ? newest : null;
    }

    private async Task AddAsync(string realmId, string use, string algorithm)
    {
        // The picture of the caller may be old: another request, or another node, may have made the key already.
        if (await realms.FindByIdAsync(realmId) is not { } realm || KeyRing.Of(realm).Active(use, algorithm) is not null
            || KeyProviders.Fallback(realmId, use, algorithm) is not { } component
            || KeyProviders.Prepare(component, realm.Name, time.GetUtcNow()) is not null)
        {
            return;
        }

        await realms.ApplyAsync(new ChangeSet(realmId).Add(new PutPart(PartKind.Component, component.Id!, component.Name, component)));
    }
}
