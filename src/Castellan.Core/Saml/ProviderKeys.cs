using Castellan.Core.Clients;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Saml;

/// <summary>The keys by which a service provider signs: only those that stand with the client. What a message says of its own key is anybody's word.</summary>
public sealed class ProviderKeys
{
    private readonly RsaKey[] _keys;

    private ProviderKeys(Client client) =>
        _keys = client.Attribute("saml.signing.certificate") is { } certificate && KeyFiles.TryReadPublicKey(certificate, out var key) && key is RsaKey rsa ? [rsa] : [];

    public static IReadOnlyList<RsaKey> Of(Client client) => client.Compiled(static c => new ProviderKeys(c))._keys;

    /// <summary>Whether messages of the client count only with its signature.</summary>
    public static bool MustSign(Client client) => client.Flag("saml.client.signature");
}
