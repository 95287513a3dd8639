using Castellan.Core.Brokering;
using Castellan.Core.Clients;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml;

/// <summary>The key of a realm as a service provider, or an identity provider, wants to see it at work.</summary>
public static class RealmSigner
{
    /// <summary>Who signs what the client gets. False when the client wants signatures of a kind that there is not; null when it wants none.</summary>
    public static bool TryFind(Realm realm, Client client, out XmlSigner? signer)
    {
        signer = client.Flag("saml.server.signature") ? Of(realm, client) : null;
        return signer is not null || !client.Flag("saml.server.signature");
    }

    /// <summary>Who signs for the client, whether it wants that of messages or of assertions; null when it wants signatures of a kind that there is not.</summary>
    public static XmlSigner? Of(Realm realm, Client client) => Find(
        realm, client.Attribute("saml.signature.algorithm"), client.Attribute("saml_signature_canonicalization_method"), client.Attribute("saml.server.signature.keyinfo.xmlSigKeyInfoKeyNameTransformer"));

    /// <summary>What a page says where the client wants signatures of a kind that there is not.</summary>
    public static string Problem(Client client) =>
        client.Attribute("saml.signature.algorithm") is { } word && XmlSignatureAlgorithm.Named(word) is null ? "unexpectedErrorHandlingRequestMessage" : "failedToProcessResponseMessage";

    /// <summary>Who signs what an identity provider gets; null when it wants signatures of a kind that there is not.</summary>
    public static XmlSigner? Of(Realm realm, IdentityProvider provider) =>
        Find(realm, provider.Setting("signatureAlgorithm"), null, provider.Setting("xmlSigKeyInfoKeyNameTransformer") ?? "NONE");

    private static XmlSigner? Find(Realm realm, string? word, string? form, string? keyName)
    {
        var canonicalization = form ?? CanonicalXml.ExclusiveMethod;
        if ((word is null ? XmlSignatureAlgorithm.RsaSha256 : XmlSignatureAlgorithm.Named(word)) is not { } algorithm
            || !CanonicalXml.IsKnown(canonicalization) || KeyRing.Of(realm).Active(RealmKey.Sig, "RS256") is not { Key: RsaKey key } realmKey)
        {
            return null;
        }

        var name = keyName switch
        {
            "NONE" => null,
            "CERT_SUBJECT" => realmKey.Certificate?.Subject,
            _ => realmKey.Kid,
        };
        return new(key, algorithm, canonicalization, name, realmKey.Certificate);
    }
}
