using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>What the messages that we write have in common.</summary>
internal static class SamlMessageXml
{
    /// <summary>The root with its attributes, and the issuer.</summary>
    public static void Start(XmlWriter xml, string name, SamlMessage message, string? inResponseTo = null)
    {
        xml.WriteStartElement("samlp", name, SamlNames.Protocol);
        xml.WriteAttributeString("xmlns", "saml", null, SamlNames.Assertion);
        xml.WriteAttributeString("ID", message.Id);
        xml.WriteAttributeString("Version", "2.0");
        xml.WriteAttributeString("IssueInstant", SamlMessage.Text(message.Issued));
        if (message.Destination is not null)
        {
            xml.WriteAttributeString("Destination", message.Destination);
        }

        if (inResponseTo is not null)
        {
            xml.WriteAttributeString("InResponseTo", inResponseTo);
        }

        if (message.Issuer is not null)
        {
            xml.WriteElementString("saml", "Issuer", SamlNames.Assertion, message.Issuer);
        }
    }

    /// <param name="code">A second code, inside the first.</param>
    /// <param name="message">What is said beside the codes.</param>
    public static void Status(XmlWriter xml, string status, string? code = null, string? message = null)
    {
        xml.WriteStartElement("samlp", "Status", SamlNames.Protocol);
        xml.WriteStartElement("samlp", "StatusCode", SamlNames.Protocol);
        xml.WriteAttributeString("Value", status);
        if (code is not null)
        {
            xml.WriteStartElement("samlp", "StatusCode", SamlNames.Protocol);
            xml.WriteAttributeString("Value", code);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        if (message is not null)
        {
            xml.WriteElementString("samlp", "StatusMessage", SamlNames.Protocol, message);
        }

        xml.WriteEndElement();
    }

    public static void Extensions(XmlWriter xml, Action<XmlWriter>? extensions)
    {
        if (extensions is not null)
        {
            xml.WriteStartElement("samlp", "Extensions", SamlNames.Protocol);
            extensions(xml);
            xml.WriteEndElement();
        }
    }
}
