using Castellan.Core.Clients;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml;

/// <summary>The key of a service provider for one use: only what stands with the client. What a message says of its own key is anybody's word.</summary>
public sealed class ProviderKeys
{
    private readonly CertifiedKey? _signing;
    private readonly CertifiedKey? _encryption;

    private ProviderKeys(Client client) => (_signing, _encryption) = (CertifiedKey.Read(client.Attribute("saml.signing.certificate")), CertifiedKey.Read(client.Attribute("saml.encryption.certificate")));

    /// <summary>The key for what only the provider is to read; null when it has none, or its certificate does not hold at this time.</summary>
    public static RsaKey? ForEncryption(Client client, TimeProvider time) => Of(client)._encryption?.At(time.GetUtcNow());

    /// <summary>Whether a message counts as the client's: signed by it, where its messages count only so.</summary>
    public static bool Accept(Client client, ReceivedMessage message, TimeProvider time) =>
        !MustSign(client) || (Of(client)._signing?.At(time.GetUtcNow()) is { } key && message.IsSignedBy([key]));

    /// <summary>Whether messages of the client count only with its signature.</summary>
    public static bool MustSign(Client client) => client.Flag("saml.client.signature");

    private static ProviderKeys Of(Client client) => client.Compiled(static c => new ProviderKeys(c));
}
