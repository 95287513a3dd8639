using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>A request for a sign-in, as a service provider sends it (SAML core §3.4.1). What comes in from others is an <see cref="AuthnRequest"/>.</summary>
public sealed record SignOnRequest
{
    public required string Id { get; init; }

    public required DateTimeOffset Issued { get; init; }

    public required string Issuer { get; init; }

    public required string Destination { get; init; }

    public required string ConsumerUrl { get; init; }

    public required string ProtocolBinding { get; init; }

    public bool ForceAuthn { get; init; }

    public string? AttributeIndex { get; init; }

    /// <summary>Who the person says they are.</summary>
    public SamlNameId? Subject { get; init; }

    public required string NameIdFormat { get; init; }

    public bool AllowCreate { get; init; }

    /// <summary>How the contexts are meant, as the protocol writes it.</summary>
    public string? Comparison { get; init; }

    public IReadOnlyList<string> ContextClasses { get; init; } = [];

    public IReadOnlyList<string> ContextDeclarations { get; init; } = [];

    /// <param name="extensions">What else goes into it.</param>
    public XmlDocument Write(Action<XmlWriter>? extensions = null) => XmlParts.Write(xml =>
    {
        xml.WriteStartElement("samlp", "AuthnRequest", SamlNames.Protocol);
        xml.WriteAttributeString("xmlns", "saml", null, SamlNames.Assertion);
        Attribute("AssertionConsumerServiceURL", ConsumerUrl);
        Attribute("AttributeConsumingServiceIndex", AttributeIndex);
        Attribute("Destination", Destination);
        Attribute("ForceAuthn", ForceAuthn ? "true" : "false");
        Attribute("ID", Id);
        Attribute("IssueInstant", SamlMessage.Text(Issued));
        Attribute("ProtocolBinding", ProtocolBinding);
        Attribute("Version", "2.0");
        xml.WriteElementString("saml", "Issuer", SamlNames.Assertion, Issuer);
        SamlMessageXml.Extensions(xml, extensions);
        if (Subject is not null)
        {
            xml.WriteStartElement("saml", "Subject", SamlNames.Assertion);
            Subject.Write(xml);
            xml.WriteEndElement();
        }

        xml.WriteStartElement("samlp", "NameIDPolicy", SamlNames.Protocol);
        Attribute("AllowCreate", AllowCreate ? "true" : null);
        Attribute("Format", NameIdFormat);
        xml.WriteEndElement();
        if (ContextClasses.Count + ContextDeclarations.Count > 0)
        {
            xml.WriteStartElement("samlp", "RequestedAuthnContext", SamlNames.Protocol);
            Attribute("Comparison", Comparison);
            foreach (var context in ContextClasses)
            {
                xml.WriteElementString("saml", "AuthnContextClassRef", SamlNames.Assertion, context);
            }

            foreach (var context in ContextDeclarations)
            {
                xml.WriteElementString("saml", "AuthnContextDeclRef", SamlNames.Assertion, context);
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();

        void Attribute(string name, string? value)
        {
            if (value is not null)
            {
                xml.WriteAttributeString(name, value);
            }
        }
    });
}
