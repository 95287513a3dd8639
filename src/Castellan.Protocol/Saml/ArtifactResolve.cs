using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>A provider asks for the message that an artifact stands for (SAML core §3.5.1).</summary>
public sealed record ArtifactResolve : SamlMessage
{
    /// <summary>The artifact; null for an empty one.</summary>
    public string? Artifact { get; init; }

    public static new ArtifactResolve? Read(XmlElement root) =>
        !Head(root, "ArtifactResolve", out var id, out var issued) || root.Only("Artifact", SamlNames.Protocol) is not { } artifact ? null
        : new() { Id = id, Issued = issued, Issuer = IssuerOf(root), Destination = root.Attribute("Destination"), Artifact = artifact.Text() };

    public XmlDocument Write() => XmlParts.Write(xml =>
    {
        SamlMessageXml.Start(xml, "ArtifactResolve", this);
        xml.WriteElementString("samlp", "Artifact", SamlNames.Protocol, Artifact);
        xml.WriteEndElement();
    });
}
