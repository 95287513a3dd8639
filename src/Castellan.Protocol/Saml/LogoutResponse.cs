using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>The answer to a request to end a session (SAML core §3.7.2).</summary>
public sealed record LogoutResponse : SamlMessage
{
    /// <summary>The request that it answers.</summary>
    public string? InResponseTo { get; init; }

    /// <summary>The status at the top.</summary>
    public required string Status { get; init; }

    public static new LogoutResponse? Read(XmlElement root) =>
        !Head(root, "LogoutResponse", out var id, out var issued) || root.Only("Status", SamlNames.Protocol).Only("StatusCode", SamlNames.Protocol).Attribute("Value") is not { } status ? null : new()
        {
            Id = id, Issued = issued, Issuer = IssuerOf(root), Destination = root.Attribute("Destination"), InResponseTo = root.Attribute("InResponseTo"), Status = status,
        };

    /// <param name="extensions">What else goes into it.</param>
    public XmlDocument Write(Action<XmlWriter>? extensions = null) => XmlParts.Write(xml =>
    {
        SamlMessageXml.Start(xml, "LogoutResponse", this, InResponseTo);
        SamlMessageXml.Extensions(xml, extensions);
        SamlMessageXml.Status(xml, Status);
        xml.WriteEndElement();
    });
}
