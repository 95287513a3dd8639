using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>A response that carries an assertion (SAML core §3.3.3).</summary>
public sealed record AssertionResponse : SamlMessage
{
    /// <summary>The request that it answers; null where nobody asked.</summary>
    public string? InResponseTo { get; init; }

    public required SamlAssertion Assertion { get; init; }

    /// <param name="extensions">What else goes into it.</param>
    public XmlDocument Write(Action<XmlWriter>? extensions = null) => XmlParts.Write(xml =>
    {
        SamlMessageXml.Start(xml, "Response", this, InResponseTo);
        SamlMessageXml.Extensions(xml, extensions);
        SamlMessageXml.Status(xml, SamlStatus.Success);
        Assertion.Write(xml);
        xml.WriteEndElement();
    });
}
