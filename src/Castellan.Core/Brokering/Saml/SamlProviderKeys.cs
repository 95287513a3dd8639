using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Castellan.Core.Outbound;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Brokering.Saml;

/// <summary>The keys by which providers sign: those that stand in their settings, or those that they publish in their metadata, looked for anew at a bounded rate.</summary>
public sealed class SamlProviderKeys(IFetch fetch, TimeProvider time)
{
    private const int MaxProviders = 1_000;
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<(string Owner, string Address), Fetched> _byAddress = new();

    /// <summary>The provider with the keys by which it may have signed a message.</summary>
    /// <param name="shown">The certificates that the message shows: one that is not known is looked for.</param>
    public async ValueTask<SamlProvider> WithKeysAsync(SamlProvider provider, IEnumerable<string> shown, CancellationToken ct = default) =>
        provider with { Keys = Valid(provider.MetadataUrl is { } address ? await PublishedAsync(provider.Provider.Id, address, shown, ct) : provider.Certificates) };

    private async ValueTask<IReadOnlyList<string>> PublishedAsync(string owner, string address, IEnumerable<string> shown, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        _byAddress.TryGetValue((owner, address), out var known);
        if (known is not null && (now < known.At + s_again || (now < known.At + s_fresh && shown.All(c => known.Certificates.Contains(c)))))
        {
            return known.Certificates;
        }

        var document = await fetch.GetAsync(address, "*/*", UntrustedXml.MaxBytes, ct);
        if (_byAddress.Count >= MaxProviders)
        {
            _byAddress.Clear();
        }

        // An outage must not take keys away that are known.
        var found = (document is null ? null : SigningCertificates.Read(document)) ?? known?.Certificates ?? [];
        _byAddress[(owner, address)] = new(found, now);
        return found;
    }

    /// <summary>A certificate says how long its key counts; a bare key counts always.</summary>
    private List<RsaKey> Valid(IEnumerable<string> certificates)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return [.. certificates.Where(c => !KeyFiles.TryReadCertificate(c, out var certificate) || IsNow(certificate, now)).Select(c => KeyFiles.TryReadPublicKey(c, out var key) ? key as RsaKey : null).OfType<RsaKey>()];
    }

    private static bool IsNow(X509Certificate2 certificate, DateTime now)
    {
        using (certificate)
        {
            return certificate.NotBefore.ToUniversalTime() <= now && now <= certificate.NotAfter.ToUniversalTime();
        }
    }

    private sealed record Fetched(IReadOnlyList<string> Certificates, DateTimeOffset At);
}
