using System.Collections.Concurrent;

namespace Castellan.Core.Outbound;

/// <summary>What others publish, by address, kept for a while. What does not suffice is looked for again, at a bounded rate; an outage takes nothing away that is known.</summary>
/// <param name="fetch">Gets a document; null where there is none that can be read.</param>
/// <param name="fresh">How long a document counts without a look: what was withdrawn must go some time.</param>
internal sealed class RemoteDocuments<T>(Func<string, CancellationToken, ValueTask<T?>> fetch, TimeSpan fresh, TimeProvider time) where T : class
{
    private const int MaxAddresses = 1_000;
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<(string Owner, string Address), Fetched> _byAddress = new();

    /// <summary>The document; null when it never could be fetched.</summary>
    /// <param name="owner">Whose document it is for us: each has a rate of its own, so that one that was made anew with the same address need not wait.</param>
    /// <param name="suffices">Whether a document that is known holds what is wanted.</param>
    public async ValueTask<T?> FindAsync(string owner, string address, Func<T, bool> suffices, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        _byAddress.TryGetValue((owner, address), out var known);
        if (known is not null && (now < known.At + s_again || (known.Document is { } kept && now < known.At + fresh && suffices(kept))))
        {
            return known.Document;
        }

        var document = await fetch(address, ct) ?? known?.Document;
        if (_byAddress.Count >= MaxAddresses)
        {
            _byAddress.Clear();
        }

        _byAddress[(owner, address)] = new(document, now);
        return document;
    }

    /// <summary>Drops what is known of somebody: it is got anew when it is wanted next.</summary>
    public void Forget(string owner)
    {
        foreach (var key in _byAddress.Keys.Where(k => k.Owner == owner))
        {
            _byAddress.TryRemove(key, out _);
        }
    }

    private sealed record Fetched(T? Document, DateTimeOffset At);
}
