using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>Somebody's session is to end (SAML core §3.7.1).</summary>
public sealed record LogoutRequest : SamlMessage
{
    public string? NameId { get; init; }

    public string? NameIdFormat { get; init; }

    public string? NameQualifier { get; init; }

    public string? SpNameQualifier { get; init; }

    /// <summary>Whether it says whose session it is, in clear or not (SAML core §3.7.1).</summary>
    public bool NamesSomebody { get; private init; }

    public IReadOnlyList<string> SessionIndexes { get; init; } = [];

    public static new LogoutRequest? Read(XmlElement root) => !Head(root, "LogoutRequest", out var id, out var issued) ? null : new()
    {
        Id = id, Issued = issued, Issuer = IssuerOf(root), Destination = root.Attribute("Destination"),
        NamesSomebody = root.Elements().Any(e => e.NamespaceURI == SamlNames.Assertion && e.LocalName is "NameID" or "BaseID" or "EncryptedID"),
        NameId = root.Element("NameID", SamlNames.Assertion).Text(), NameIdFormat = root.Element("NameID", SamlNames.Assertion).Attribute("Format"),
        SessionIndexes = [.. root.Elements("SessionIndex", SamlNames.Protocol).Select(s => s.Text()).OfType<string>().Take(100)],
    };

    /// <param name="extensions">What else goes into it.</param>
    public XmlDocument Write(Action<XmlWriter>? extensions = null) => XmlParts.Write(xml =>
    {
        SamlMessageXml.Start(xml, "LogoutRequest", this);
        SamlMessageXml.Extensions(xml, extensions);
        if (NameId is not null)
        {
            xml.WriteStartElement("saml", "NameID", SamlNames.Assertion);
            foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[("NameQualifier", NameQualifier), ("SPNameQualifier", SpNameQualifier), ("Format", NameIdFormat)])
            {
                if (value is not null)
                {
                    xml.WriteAttributeString(name, value);
                }
            }

            xml.WriteString(NameId);
            xml.WriteEndElement();
        }

        foreach (var index in SessionIndexes)
        {
            xml.WriteElementString("samlp", "SessionIndex", SamlNames.Protocol, index);
        }

        xml.WriteEndElement();
    });
}
