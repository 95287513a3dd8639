using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>Envelopes of SOAP 1.1, in which messages travel from server to server (SAML bindings §3.2).</summary>
public static class SoapEnvelope
{
    public const string Namespace = "http://schemas.xmlsoap.org/soap/envelope/";

    /// <summary>What an envelope says it is of, in the header <c>SOAPAction</c>.</summary>
    public const string Action = "http://www.oasis-open.org/committees/security";

    /// <summary>The one element in the body; null when it is no envelope, or holds nothing or more.</summary>
    public static XmlElement? Content(XmlElement root) =>
        root.Is("Envelope", Namespace) && root.Only("Body", Namespace) is { } body && body.Elements().Take(2).ToArray() is [var only] ? only : null;

    /// <summary>An envelope around a message. Its parts stand in it as they are, so that what is signed stays so.</summary>
    /// <param name="header">What goes into the header; none when null.</param>
    public static byte[] Around(XmlElement message, Action<XmlWriter>? header = null)
    {
        var envelope = XmlParts.Write(xml =>
        {
            xml.WriteStartElement("soap", "Envelope", Namespace);
            xml.WriteStartElement("soap", "Header", Namespace);
            header?.Invoke(xml);
            xml.WriteEndElement();
            xml.WriteStartElement("soap", "Body", Namespace);
            xml.WriteEndElement();
            xml.WriteEndElement();
        });
        var root = envelope.DocumentElement!;
        root.Element("Body", Namespace)!.AppendChild(envelope.ImportNode(message, deep: true));
        return root.ToBytes();
    }
}
