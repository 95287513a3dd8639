using System.Text;
using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>Steps through a document. They go to children only, never to descendants: where an element stands is part of what it means.</summary>
public static class XmlParts
{
    /// <summary>Whether it is the element of that name.</summary>
    public static bool Is(this XmlNode? node, string name, string space) =>
        node is XmlElement element && element.LocalName == name && element.NamespaceURI == space;

    /// <summary>The children that are elements.</summary>
    public static IEnumerable<XmlElement> Elements(this XmlElement parent)
    {
        for (var node = parent.FirstChild; node is not null; node = node.NextSibling)
        {
            if (node is XmlElement element)
            {
                yield return element;
            }
        }
    }

    /// <summary>The children of that name.</summary>
    public static IEnumerable<XmlElement> Elements(this XmlElement parent, string name, string space) => parent.Elements().Where(e => e.Is(name, space));

    /// <summary>The first child of that name.</summary>
    public static XmlElement? Element(this XmlElement? parent, string name, string space) => parent?.Elements(name, space).FirstOrDefault();

    /// <summary>The child of that name when there is exactly one.</summary>
    public static XmlElement? Only(this XmlElement? parent, string name, string space) =>
        parent?.Elements(name, space).Take(2).ToArray() is [var only] ? only : null;

    /// <summary>An attribute in no namespace; null when there is none.</summary>
    public static string? Attribute(this XmlElement? element, string name) => element?.GetAttributeNode(name, "")?.Value;

    /// <summary>The text of an element without blanks around it; null when it has none.</summary>
    public static string? Text(this XmlElement? element) => element?.InnerText.Trim() is { Length: > 0 } text ? text : null;

    /// <summary>The bytes of an element whose text is base64, with or without line breaks; null when it is not.</summary>
    public static byte[]? Bytes(this XmlElement? element) => RedirectBinding.FromBase64(element?.InnerText) is { Length: > 0 } bytes ? bytes : null;

    /// <summary>
    /// A text that a document can hold: U+FFFD stands for each character that it cannot. Left out, somebody with such a character in their name would
    /// be somebody else.
    /// </summary>
    public static string Writable(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '\uD7FF') < 0)
        {
            return text;
        }

        var written = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                written.Append(text[i]).Append(text[++i]);
            }
            else
            {
                written.Append(XmlConvert.IsXmlChar(text[i]) ? text[i] : '\uFFFD');
            }
        }

        return written.ToString();
    }

    /// <summary>A document that is written by us.</summary>
    public static XmlDocument Write(Action<XmlWriter> content)
    {
        using var stream = new MemoryStream();
        using (var xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false), OmitXmlDeclaration = true, NewLineHandling = NewLineHandling.Entitize }))
        {
            content(xml);
        }

        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        stream.Position = 0;
        using var reader = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        document.Load(reader);
        return document;
    }

    /// <summary>An element as it is sent: its canonical form, which every reader turns into the very same document.</summary>
    public static byte[] ToBytes(this XmlElement element) => CanonicalXml.Inclusive(element);
}
