using System.Text;
using System.Xml;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Protocol.Saml;

namespace Castellan.Server.Saml;

/// <summary>Writes SAML metadata.</summary>
internal static class MetadataXml
{
    /// <summary>A realm as identity provider (SAML 2.0 metadata §2.4.3).</summary>
    /// <param name="issuer">The realm's address, which is its entity id too.</param>
    public static byte[] IdentityProvider(Realm realm, string issuer) => Write(xml =>
    {
        Start(xml, "EntityDescriptor");
        xml.WriteAttributeString("entityID", issuer);
        Start(xml, "IDPSSODescriptor");
        xml.WriteAttributeString("WantAuthnRequestsSigned", "true");
        xml.WriteAttributeString("protocolSupportEnumeration", SamlNames.Protocol);
        foreach (var key in SigningKeys(realm))
        {
            KeyDescriptor(xml, "signing", Convert.ToBase64String(key.Certificate!.RawData), key.Kid);
        }

        var endpoint = issuer + SamlEndpoints.Path;
        Endpoint(xml, "ArtifactResolutionService", SamlNames.SoapBinding, endpoint + "/resolve", ("index", "0"));
        foreach (var binding in (ReadOnlySpan<string>)[SamlNames.PostBinding, SamlNames.RedirectBinding, SamlNames.ArtifactBinding, SamlNames.SoapBinding])
        {
            Endpoint(xml, "SingleLogoutService", binding, endpoint);
        }

        foreach (var (format, _) in SamlNames.NameIdFormats)
        {
            Text(xml, "NameIDFormat", format);
        }

        foreach (var binding in (ReadOnlySpan<string>)[SamlNames.PostBinding, SamlNames.RedirectBinding, SamlNames.SoapBinding, SamlNames.ArtifactBinding])
        {
            Endpoint(xml, "SingleSignOnService", binding, endpoint);
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    /// <summary>The keys that sign what a realm says, the one of the highest priority first; after them those that did and are still good.</summary>
    public static IEnumerable<RealmKey> SigningKeys(Realm realm) =>
        KeyRing.Of(realm).All.Where(k => k is { Status: not KeyStatus.Disabled, Use: RealmKey.Sig, Algorithm: "RS256", Certificate: not null }).OrderBy(k => k.Status);

    /// <summary>A document in UTF-8.</summary>
    /// <param name="indented">For people to read.</param>
    public static byte[] Write(Action<XmlWriter> content, bool indented = false)
    {
        using var stream = new MemoryStream();
        using (var xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = indented, IndentChars = "    ", OmitXmlDeclaration = true }))
        {
            content(xml);
        }

        return stream.ToArray();
    }

    public static void Start(XmlWriter xml, string name) => xml.WriteStartElement("md", name, SamlNames.Metadata);

    public static void Text(XmlWriter xml, string name, string text)
    {
        Start(xml, name);
        xml.WriteString(text);
        xml.WriteEndElement();
    }

    public static void Endpoint(XmlWriter xml, string name, string binding, string location, params ReadOnlySpan<(string Name, string Value)> more)
    {
        Start(xml, name);
        xml.WriteAttributeString("Binding", binding);
        xml.WriteAttributeString("Location", location);
        foreach (var (attribute, value) in more)
        {
            xml.WriteAttributeString(attribute, value);
        }

        xml.WriteEndElement();
    }

    /// <param name="certificate">Base64 without blanks.</param>
    /// <param name="kid">The key's name, for those that have one.</param>
    /// <param name="methods">How the key may be used for encryption.</param>
    public static void KeyDescriptor(XmlWriter xml, string use, string certificate, string? kid = null, params ReadOnlySpan<string> methods)
    {
        Start(xml, "KeyDescriptor");
        xml.WriteAttributeString("use", use);
        xml.WriteStartElement("ds", "KeyInfo", SamlNames.Signature);
        if (kid is not null)
        {
            xml.WriteElementString("ds", "KeyName", SamlNames.Signature, kid);
        }

        xml.WriteStartElement("ds", "X509Data", SamlNames.Signature);
        xml.WriteElementString("ds", "X509Certificate", SamlNames.Signature, certificate);
        xml.WriteEndElement();
        xml.WriteEndElement();
        foreach (var method in methods)
        {
            Start(xml, "EncryptionMethod");
            xml.WriteAttributeString("Algorithm", method);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }
}
