using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Outbound;

/// <summary>Key sets that others publish (RFC 7517 §5), by address. A key that is not known is looked for again, at a bounded rate.</summary>
public sealed class RemoteKeys(IFetch fetch, TimeProvider time)
{
    private const int MaxAddresses = 1_000;
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(10);

    /// <summary>How long keys count without a look: one that was withdrawn must go some time, and keys without names are never unknown.</summary>
    private static readonly TimeSpan s_fresh = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<(string Owner, string Address), Fetched> _byAddress = new();
    private readonly ConditionalWeakTable<JwkSet, VerificationKeys> _verification = [];

    /// <summary>The set; null when it never could be fetched.</summary>
    /// <param name="owner">Whose set it is for us: each has a rate of its own, so that one that was made anew with the same address need not wait.</param>
    /// <param name="kid">The key that is wanted; null for whichever.</param>
    public async ValueTask<JwkSet?> FindAsync(string owner, string address, string? kid, CancellationToken ct = default)
    {
        var now = time.GetUtcNow();
        _byAddress.TryGetValue((owner, address), out var known);
        if (known is not null && (now < known.At + s_again || (known.Set is not null && now < known.At + s_fresh && (kid is null || known.Set.Keys.Any(k => k.Kid == kid)))))
        {
            return known.Set;
        }

        var body = await fetch.GetAsync(address, "application/json", JwkSet.MaxLength, ct);
        var set = body is not null && JwkSet.TryParse(body, out var parsed) ? parsed : null;
        if (_byAddress.Count >= MaxAddresses)
        {
            _byAddress.Clear();
        }

        // An outage must not take keys away that are known.
        _byAddress[(owner, address)] = new(set ?? known?.Set, now);
        return set ?? known?.Set;
    }

    /// <summary>The keys of the set that check signatures; null when it never could be fetched.</summary>
    public async ValueTask<VerificationKeys?> VerificationAsync(string owner, string address, string? kid, CancellationToken ct = default) =>
        await FindAsync(owner, address, kid, ct) is { } set ? _verification.GetValue(set, static s => VerificationKeys.From(s)) : null;

    private sealed record Fetched(JwkSet? Set, DateTimeOffset At);
}
