using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>The certificates by which an identity provider signs, as its metadata has them (SAML 2.0 metadata §2.4.1.1).</summary>
public static class SigningCertificates
{
    /// <summary>In base64 without blanks; null when the document is no metadata of an identity provider.</summary>
    public static IReadOnlyList<string>? Read(byte[] document)
    {
        var root = UntrustedXml.Read(document)?.DocumentElement;
        var entities = root is null ? [] : root.Is("EntityDescriptor", SamlNames.Metadata) ? [root] : root.Elements("EntityDescriptor", SamlNames.Metadata);
        return entities.Select(e => e.Element("IDPSSODescriptor", SamlNames.Metadata)).FirstOrDefault(p => p is not null) is not { } provider ? null
            : [.. provider.Elements("KeyDescriptor", SamlNames.Metadata).Where(k => k.Attribute("use") is null or "signing").SelectMany(In)];
    }

    /// <summary>Those that stand anywhere in an element.</summary>
    public static IEnumerable<string> In(XmlElement element) => element.GetElementsByTagName("X509Certificate", SamlNames.Signature).OfType<XmlElement>()
        .Select(c => string.Concat(c.InnerText.Where(ch => !char.IsWhiteSpace(ch)))).Where(c => c.Length > 0);
}
