using Castellan.Core.Outbound;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml;

/// <summary>The certificates that parties of one role publish in their metadata, looked for anew at a bounded rate.</summary>
/// <param name="role">As <see cref="MetadataKeys"/> has it.</param>
internal sealed class PublishedKeys(IFetch fetch, TimeProvider time, string role)
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(10);

    private readonly RemoteDocuments<Published> _documents = new(
        async (address, ct) => await fetch.GetAsync(address, "*/*", UntrustedXml.MaxBytes, ct) is { } document && MetadataKeys.Read(document, role) is { } keys
            ? new(keys, keys.CacheDuration is { } kept && kept < s_fresh ? time.GetUtcNow() + kept : DateTimeOffset.MaxValue) : null,
        s_fresh, time);

    /// <summary>Those of a party for one use; none while its metadata does not hold.</summary>
    /// <param name="owner">The id of the party here.</param>
    /// <param name="use">As <see cref="MetadataKey"/> has it.</param>
    /// <param name="suffices">Whether what is known holds what is wanted; if not, it is looked for.</param>
    public async ValueTask<IReadOnlyList<string>> FindAsync(string owner, string address, string use, Func<IReadOnlyList<string>, bool> suffices, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        IReadOnlyList<string> For(Published published) => [.. published.Keys.Keys.Where(k => k.IsFor(use)).Select(k => k.Certificate)];
        var found = await _documents.FindAsync(owner, address, known => now < known.Until && now < (known.Keys.ValidUntil ?? DateTimeOffset.MaxValue) && suffices(For(known)), ct);
        // SAML metadata §2.3.2: what has run out counts no more, though nothing newer can be had.
        return found is null || found.Keys.ValidUntil <= now ? [] : For(found);
    }

    /// <summary>Drops what is known of a party.</summary>
    public void Forget(string owner) => _documents.Forget(owner);

    /// <param name="Until">When it is looked for anew, as it says itself.</param>
    private sealed record Published(MetadataKeys Keys, DateTimeOffset Until);
}
