using Castellan.Core.Clients;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Responses;

/// <summary>How a client wants its assertions encrypted.</summary>
internal static class ClientEncryption
{
    /// <summary>What encrypts one assertion; null when the client has no certificate, or one that cannot be used as it says.</summary>
    public static XmlEncryption? Of(Client client, TimeProvider time) =>
        ProviderKeys.ForEncryption(client, time) is { } rsa
            ? XmlEncryption.For(rsa, new(
                client.Attribute("saml.encryption.algorithm"), client.Attribute("saml.encryption.keyAlgorithm"),
                client.Attribute("saml.encryption.digestMethod"), client.Attribute("saml.encryption.maskGenerationFunction")))
            : null;
}
