using Castellan.Core.Clients;
using Castellan.Core.Outbound;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml;

/// <summary>
/// The keys of service providers: those that stand with the client, or that it publishes at the address that stands there. What a message says of its own key
/// is anybody's word.
/// </summary>
public sealed class ProviderKeys(IFetch fetch, TimeProvider time)
{
    private readonly PublishedKeys _published = new(fetch, time, MetadataKeys.ServiceProvider);

    /// <summary>The key for what only the provider is to read; null when it has none, or its certificate does not hold at this time.</summary>
    public async ValueTask<RsaKey?> ForEncryptionAsync(Client client, CancellationToken ct = default) => AddressOf(client) is { } address
        ? Valid(await _published.FindAsync(client.Id, address, MetadataKey.Encryption, static known => known.Count > 0, ct)).OfType<RsaKey>().FirstOrDefault()
        : Of(client).Encryption?.At(time.GetUtcNow()) as RsaKey;

    /// <summary>Whether a message counts as the client's: signed by it, where its messages count only so.</summary>
    public async ValueTask<bool> AcceptAsync(Client client, ReceivedMessage message, CancellationToken ct = default)
    {
        if (!MustSign(client))
        {
            return true;
        }

        if (AddressOf(client) is not { } address)
        {
            return Of(client).Signing?.At(time.GetUtcNow()) is { } key && message.IsSignedBy([key]);
        }

        // A signature by none of the known keys may be by one that is new.
        return message.IsSigned && (message.IsSignedBy(Valid(await _published.FindAsync(client.Id, address, MetadataKey.Signing, static known => known.Count > 0, ct)))
            || message.IsSignedBy(Valid(await _published.FindAsync(client.Id, address, MetadataKey.Signing, static _ => false, ct))));
    }

    /// <summary>Whether messages of the client count only with its signature.</summary>
    public static bool MustSign(Client client) => client.Flag("saml.client.signature");

    private static string? AddressOf(Client client) => client.Flag("saml.useMetadataDescriptorUrl")
        && Uri.TryCreate(client.Attribute("saml.metadataDescriptorUrl"), UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address.AbsoluteUri : null;

    private JoseKey[] Valid(IEnumerable<string> certificates) => [.. certificates.Select(c => CertifiedKey.Read(c)?.At(time.GetUtcNow())).OfType<JoseKey>()];

    private static Own Of(Client client) =>
        client.Compiled(static c => new Own(CertifiedKey.Read(c.Attribute("saml.signing.certificate")), CertifiedKey.Read(c.Attribute("saml.encryption.certificate"))));

    private sealed record Own(CertifiedKey? Signing, CertifiedKey? Encryption);
}
