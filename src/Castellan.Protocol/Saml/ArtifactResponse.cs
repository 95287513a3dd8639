using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>The answer to an <see cref="ArtifactResolve"/> (SAML core §3.5.2).</summary>
public sealed record ArtifactResponse : SamlMessage
{
    public required string InResponseTo { get; init; }

    /// <summary>The status at the top.</summary>
    public required string Status { get; init; }

    /// <summary>The message that the artifact stood for; none where it stands for nothing, which is no error (§3.5.3).</summary>
    public XmlElement? Content { get; init; }

    /// <summary>Whether an element is the answer to the request of this id.</summary>
    public static bool Answers(XmlElement response, string id) => response.Is("ArtifactResponse", SamlNames.Protocol) && response.Attribute("InResponseTo") == id;

    /// <summary>The message in an answer (§3.5.2): what stands behind the status; null when nothing does, or more than one.</summary>
    public static XmlElement? ContentOf(XmlElement response) =>
        response.Elements().SkipWhile(e => !e.Is("Status", SamlNames.Protocol)).Skip(1).Take(2).ToArray() is [var content] ? content : null;

    public XmlDocument Write()
    {
        var document = XmlParts.Write(xml =>
        {
            SamlMessageXml.Start(xml, "ArtifactResponse", this, InResponseTo);
            SamlMessageXml.Status(xml, Status);
            xml.WriteEndElement();
        });
        if (Content is not null)
        {
            document.DocumentElement!.AppendChild(document.ImportNode(Content, deep: true));
        }

        return document;
    }
}
