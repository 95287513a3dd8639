using Castellan.Core.Clients;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml;

/// <summary>The key of a realm as one service provider wants to see it at work.</summary>
public static class RealmSigner
{
    /// <summary>Who signs what the client gets. False when the client wants signatures of a kind that there is not; null when it wants none.</summary>
    public static bool TryFind(Realm realm, Client client, out XmlSigner? signer)
    {
        signer = client.Flag("saml.server.signature") ? Of(realm, client) : null;
        return signer is not null || !client.Flag("saml.server.signature");
    }

    /// <summary>Who signs for the client, whether it wants that of messages or of assertions; null when it wants signatures of a kind that there is not.</summary>
    public static XmlSigner? Of(Realm realm, Client client)
    {
        var canonicalization = client.Attribute("saml_signature_canonicalization_method") ?? CanonicalXml.ExclusiveMethod;
        if ((client.Attribute("saml.signature.algorithm") is { } word ? XmlSignatureAlgorithm.Named(word) : XmlSignatureAlgorithm.RsaSha256) is not { } algorithm
            || !CanonicalXml.IsKnown(canonicalization) || KeyRing.Of(realm).Active(RealmKey.Sig, "RS256") is not { Key: RsaKey key } realmKey)
        {
            return null;
        }

        var name = client.Attribute("saml.server.signature.keyinfo.xmlSigKeyInfoKeyNameTransformer") switch
        {
            "NONE" => null,
            "CERT_SUBJECT" => realmKey.Certificate?.Subject,
            _ => realmKey.Kid,
        };
        return new(key, algorithm, canonicalization, name, realmKey.Certificate);
    }
}
