using Castellan.Core.Outbound;
using Castellan.Core.Saml;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Brokering.Saml;

/// <summary>The keys by which identity providers sign: those that stand in their settings, or those that they publish in their metadata.</summary>
public sealed class SamlProviderKeys(IFetch fetch, TimeProvider time)
{
    private readonly PublishedKeys _published = new(fetch, time, MetadataKeys.IdentityProvider);

    /// <summary>The provider with the keys by which it may have signed a message.</summary>
    /// <param name="shown">The certificates that the message shows: one that is not known is looked for.</param>
    public async ValueTask<SamlProvider> WithKeysAsync(SamlProvider provider, IEnumerable<string> shown, CancellationToken ct = default) => provider with
    {
        Keys = Valid(provider.MetadataUrl is { } address
            ? await _published.FindAsync(provider.Provider.Id, address, MetadataKey.Signing, known => shown.All(known.Contains), ct) : provider.Certificates),
    };

    /// <summary>Drops the keys that are known of a provider, by its internal id.</summary>
    public void Forget(string provider) => _published.Forget(provider);

    private JoseKey[] Valid(IEnumerable<string> certificates) => [.. certificates.Select(c => CertifiedKey.Read(c)?.At(time.GetUtcNow())).OfType<JoseKey>()];
}
