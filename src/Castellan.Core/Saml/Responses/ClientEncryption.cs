using Castellan.Core.Clients;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Responses;

/// <summary>How a client wants its assertions encrypted.</summary>
internal static class ClientEncryption
{
    /// <summary>What encrypts one assertion; null when the client has no certificate, or one that cannot be used as it says.</summary>
    public static async ValueTask<XmlEncryption?> OfAsync(Client client, ProviderKeys keys, CancellationToken ct) =>
        await keys.ForEncryptionAsync(client, ct) is { } rsa
            ? XmlEncryption.For(rsa, new(
                client.Attribute("saml.encryption.algorithm"), client.Attribute("saml.encryption.keyAlgorithm"),
                client.Attribute("saml.encryption.digestMethod"), client.Attribute("saml.encryption.maskGenerationFunction")))
            : null;
}
