using System.Xml;
using Castellan.Core.Clients;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml;

/// <summary>Keycloak's extension of messages whose signature stands outside them: which key it is that signed.</summary>
public static class KeyExtension
{
    private const string Namespace = "urn:keycloak:ext:key:1.0";

    /// <summary>What to write into a message; null where the client does not want it.</summary>
    public static Action<XmlWriter>? Of(Client client, XmlSigner signer) => client.Flag("saml.server.signature.keyinfo.ext") ? Of(signer) : null;

    /// <summary>What to write into a message.</summary>
    public static Action<XmlWriter> Of(XmlSigner signer) => xml =>
    {
        xml.WriteStartElement("kckey", "KeyInfo", Namespace);
        if (signer.KeyName is { } name)
        {
            xml.WriteAttributeString("MessageSigningKeyId", name);
        }

        xml.WriteEndElement();
    };
}
