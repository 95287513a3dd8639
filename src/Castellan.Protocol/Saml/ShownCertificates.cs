using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>Certificates that documents show (XML Signature §4.5.4).</summary>
public static class ShownCertificates
{
    /// <summary>Those that stand anywhere in an element, in base64 without blanks.</summary>
    public static IEnumerable<string> In(XmlElement element) => element.GetElementsByTagName("X509Certificate", SamlNames.Signature).OfType<XmlElement>()
        .Select(c => string.Concat(c.InnerText.Where(ch => !char.IsWhiteSpace(ch)))).Where(c => c.Length > 0);
}
