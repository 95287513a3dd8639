using System.Text;
using System.Xml;
using Castellan.Core.Keys;

namespace Castellan.Server.Saml;

/// <summary>Names of SAML 2.0 metadata, and what descriptors of both roles have in common.</summary>
internal static class SamlMetadata
{
    public const string Namespace = "urn:oasis:names:tc:SAML:2.0:metadata";
    public const string Assertion = "urn:oasis:names:tc:SAML:2.0:assertion";
    public const string Signature = "http://www.w3.org/2000/09/xmldsig#";
    public const string Protocol = "urn:oasis:names:tc:SAML:2.0:protocol";
    public const string Post = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
    public const string Redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
    public const string Artifact = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact";
    public const string Soap = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP";

    /// <summary>A document as UTF-8.</summary>
    public static byte[] Write(Action<XmlWriter> body)
    {
        using var stream = new MemoryStream();
        using (var xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), OmitXmlDeclaration = true }))
        {
            body(xml);
        }

        return stream.ToArray();
    }

    public static void Start(XmlWriter xml, string element) => xml.WriteStartElement("md", element, Namespace);

    /// <summary>An endpoint: where a message of a binding goes.</summary>
    public static void Endpoint(XmlWriter xml, string element, string binding, string location, int? index = null, bool isDefault = false)
    {
        Start(xml, element);
        xml.WriteAttributeString("Binding", binding);
        xml.WriteAttributeString("Location", location);
        if (isDefault)
        {
            xml.WriteAttributeString("isDefault", "true");
        }

        if (index is { } number)
        {
            xml.WriteAttributeString("index", XmlConvert.ToString(number));
        }

        xml.WriteEndElement();
    }

    /// <summary>A key of the realm for one use.</summary>
    public static void Key(XmlWriter xml, string use, RealmKey key, params ReadOnlySpan<string> encryptionMethods)
    {
        Start(xml, "KeyDescriptor");
        xml.WriteAttributeString("use", use);
        xml.WriteStartElement("ds", "KeyInfo", Signature);
        xml.WriteElementString("ds", "KeyName", Signature, key.Kid);
        xml.WriteStartElement("ds", "X509Data", Signature);
        xml.WriteElementString("ds", "X509Certificate", Signature, Convert.ToBase64String(key.Certificate!.RawData));
        xml.WriteEndElement();
        xml.WriteEndElement();
        foreach (var method in encryptionMethods)
        {
            Start(xml, "EncryptionMethod");
            xml.WriteAttributeString("Algorithm", method);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    /// <summary>The realm's RSA keys of a use that are active, best first.</summary>
    public static IEnumerable<RealmKey> Keys(KeyRing ring, string use) =>
        ring.All.Where(k => k.Status == KeyStatus.Active && k.Use == use && k.Type == "RSA" && k.Certificate is not null);
}
