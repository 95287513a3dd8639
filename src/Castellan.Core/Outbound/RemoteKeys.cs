using System.Runtime.CompilerServices;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Outbound;

/// <summary>Key sets that others publish (RFC 7517 §5), by address. A key that is not known is looked for again, at a bounded rate.</summary>
public sealed class RemoteKeys
{
    /// <summary>Keys without names are never unknown: those that are withdrawn go by this alone.</summary>
    private static readonly TimeSpan s_fresh = TimeSpan.FromHours(1);
    private readonly RemoteDocuments<JwkSet> _sets;
    private readonly ConditionalWeakTable<JwkSet, VerificationKeys> _verification = [];

    public RemoteKeys(IFetch fetch, TimeProvider time)
        : this((address, ct) => fetch.GetAsync(address, "application/json", JwkSet.MaxLength, ct), time)
    {
    }

    /// <param name="fetch">Gets the document that an address stands for; null where there is none.</param>
    internal RemoteKeys(Func<string, CancellationToken, ValueTask<byte[]?>> fetch, TimeProvider time) =>
        _sets = new(async (address, ct) => await fetch(address, ct) is { } body && JwkSet.TryParse(body, out var set) ? set : null, s_fresh, time);

    /// <summary>The set; null when it never could be fetched.</summary>
    /// <param name="owner">Whose set it is for us.</param>
    /// <param name="kid">The key that is wanted; null for whichever.</param>
    public ValueTask<JwkSet?> FindAsync(string owner, string address, string? kid, CancellationToken ct = default) =>
        _sets.FindAsync(owner, address, set => kid is null || set.Keys.Any(k => k.Kid == kid), ct);

    /// <summary>Drops the sets that are known of somebody.</summary>
    public void Forget(string owner) => _sets.Forget(owner);

    /// <summary>The keys of the set that check signatures; null when it never could be fetched.</summary>
    public async ValueTask<VerificationKeys?> VerificationAsync(string owner, string address, string? kid, CancellationToken ct = default) =>
        await FindAsync(owner, address, kid, ct) is { } set ? _verification.GetValue(set, static s => VerificationKeys.From(s)) : null;
}
