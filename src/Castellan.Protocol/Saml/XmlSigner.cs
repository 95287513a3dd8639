using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml;
using Castellan.Protocol.Jose;

namespace Castellan.Protocol.Saml;

/// <summary>Signs messages and assertions (SAML core §5.4).</summary>
/// <param name="Key">The private key.</param>
/// <param name="Canonicalization">The method for the signed data; what is signed itself always takes the exclusive one.</param>
/// <param name="KeyName">The name of the key for the reader; none is written when null.</param>
/// <param name="Certificate">The certificate for the reader, who trusts it only because it is known to them.</param>
public sealed record XmlSigner(JoseKey Key, XmlSignatureAlgorithm Algorithm, string Canonicalization, string? KeyName, X509Certificate2? Certificate)
{
    private const string Enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

    /// <summary>Puts a signature over the whole element into it, behind its issuer as the schema has it.</summary>
    public void Sign(XmlElement element)
    {
        var digest = CryptographicOperations.HashData(Algorithm.Hash, CanonicalXml.Exclusive(element));
        var document = element.OwnerDocument;
        var signature = (XmlElement)document.ImportNode(XmlParts.Write(xml => Signature(xml, element.Attribute("ID")!, digest)).DocumentElement!, deep: true);
        element.InsertAfter(signature, element.Element("Issuer", SamlNames.Assertion));

        // In place now, since the inclusive form has the declarations around it.
        var signed = CanonicalXml.Form(Canonicalization, signature.Element("SignedInfo", SamlNames.Signature)!)
            ?? throw new InvalidOperationException($"There is no canonical form called {Canonicalization}.");
        signature.Element("SignatureValue", SamlNames.Signature)!.InnerText = Convert.ToBase64String(Algorithm.Sign(Key, signed));
    }

    private void Signature(XmlWriter xml, string id, byte[] digest)
    {
        Start("Signature");
        Start("SignedInfo");
        Method("CanonicalizationMethod", Canonicalization);
        Method("SignatureMethod", Algorithm.Address);
        Start("Reference");
        xml.WriteAttributeString("URI", "#" + id);
        Start("Transforms");
        Method("Transform", Enveloped);
        Method("Transform", CanonicalXml.ExclusiveMethod);
        xml.WriteEndElement();
        Method("DigestMethod", Algorithm.DigestAddress);
        Text("DigestValue", Convert.ToBase64String(digest));
        xml.WriteEndElement();
        xml.WriteEndElement();
        Text("SignatureValue", "");
        Start("KeyInfo");
        if (KeyName is not null)
        {
            Text("KeyName", KeyName);
        }

        if (Certificate is not null)
        {
            Start("X509Data");
            Text("X509Certificate", Convert.ToBase64String(Certificate.RawDataMemory.Span));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();

        void Start(string name) => xml.WriteStartElement("dsig", name, SamlNames.Signature);

        void Text(string name, string text) => xml.WriteElementString("dsig", name, SamlNames.Signature, text);

        void Method(string name, string address)
        {
            Start(name);
            xml.WriteAttributeString("Algorithm", address);
            xml.WriteEndElement();
        }
    }
}
