using System.Text;
using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>
/// The canonical form of an element with all that is in it, in UTF-8: inclusive (Canonical XML 1.0) or exclusive (Exclusive XML Canonicalization 1.0),
/// both without comments, of which documents here have none (see <see cref="UntrustedXml"/>).
/// </summary>
public sealed class CanonicalXml
{
    /// <summary>The names of the methods; with comments they differ only where there are comments.</summary>
    public const string InclusiveMethod = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

    public const string ExclusiveMethod = "http://www.w3.org/2001/10/xml-exc-c14n#";

    private const string Xml = "http://www.w3.org/XML/1998/namespace";
    private const string Declarations = "http://www.w3.org/2000/xmlns/";

    private readonly StringBuilder _text = new(4096);
    private readonly XmlElement? _without;

    // Prefixes that are treated as inclusive; null when all are.
    private readonly HashSet<string>? _inclusive;

    private CanonicalXml(XmlElement? without, HashSet<string>? inclusive) => (_without, _inclusive) = (without, inclusive);

    /// <summary>The inclusive form.</summary>
    /// <param name="without">An element inside to leave out.</param>
    public static byte[] Inclusive(XmlElement apex, XmlElement? without = null) => new CanonicalXml(without, null).Form(apex);

    /// <summary>The exclusive form.</summary>
    /// <param name="without">An element inside to leave out.</param>
    /// <param name="prefixes">Prefixes whose declarations are kept whether used or not; <c>#default</c> is the empty one.</param>
    public static byte[] Exclusive(XmlElement apex, XmlElement? without = null, params IEnumerable<string> prefixes) =>
        new CanonicalXml(without, [.. prefixes.Select(p => p == "#default" ? "" : p)]).Form(apex);

    /// <summary>The form by a method's name; null for a method that is not known.</summary>
    public static byte[]? Form(string? method, XmlElement apex, XmlElement? without = null, params IEnumerable<string> prefixes) => method switch
    {
        InclusiveMethod or InclusiveMethod + "#WithComments" => Inclusive(apex, without),
        ExclusiveMethod or ExclusiveMethod + "WithComments" => Exclusive(apex, without, prefixes),
        _ => null,
    };

    /// <summary>Whether there is a method of that name.</summary>
    public static bool IsKnown(string method) =>
        method is InclusiveMethod or InclusiveMethod + "#WithComments" or ExclusiveMethod or ExclusiveMethod + "WithComments";

    private byte[] Form(XmlElement apex)
    {
        Element(apex, new Dictionary<string, string>(StringComparer.Ordinal), isApex: true);
        return Encoding.UTF8.GetBytes(_text.ToString());
    }

    /// <param name="written">The declarations in force in what was written so far.</param>
    private void Element(XmlElement element, Dictionary<string, string> written, bool isApex = false)
    {
        var declared = Declared(element, written, isApex);
        _text.Append('<').Append(element.Name);
        foreach (var (prefix, address) in declared)
        {
            _text.Append(prefix.Length == 0 ? " xmlns" : " xmlns:").Append(prefix).Append("=\"");
            Escape(address, isAttribute: true);
            _text.Append('"');
        }

        foreach (var attribute in Attributes(element, isApex))
        {
            _text.Append(' ').Append(attribute.Name).Append("=\"");
            Escape(attribute.Value, isAttribute: true);
            _text.Append('"');
        }

        _text.Append('>');
        var inside = written;
        if (declared.Count > 0)
        {
            inside = new(written, StringComparer.Ordinal);
            foreach (var (prefix, address) in declared)
            {
                inside[prefix] = address;
            }
        }

        for (var node = element.FirstChild; node is not null; node = node.NextSibling)
        {
            switch (node)
            {
                case XmlElement child when child != _without:
                    Element(child, inside);
                    break;
                case XmlCharacterData and not XmlComment:
                    Escape(node.Value!, isAttribute: false);
                    break;
                case XmlProcessingInstruction instruction:
                    _text.Append("<?").Append(instruction.Target);
                    _text.Append(instruction.Data.Length > 0 ? " " : "").Append(instruction.Data.Replace("\r", "&#xD;", StringComparison.Ordinal)).Append("?>");
                    break;
            }
        }

        _text.Append("</").Append(element.Name).Append('>');
    }

    /// <summary>The declarations to write at an element: those in force that are wanted and do not stand already, the default one first.</summary>
    private SortedList<string, string> Declared(XmlElement element, Dictionary<string, string> written, bool isApex)
    {
        var declared = new SortedList<string, string>(StringComparer.Ordinal);
        if (_inclusive is null || _inclusive.Count > 0)
        {
            for (XmlNode? at = element; at is XmlElement owner; at = isApex || _inclusive is not null ? owner.ParentNode : null)
            {
                foreach (XmlAttribute attribute in owner.Attributes)
                {
                    if (attribute.NamespaceURI == Declarations && Prefix(attribute) is var prefix && (_inclusive is null || _inclusive.Contains(prefix)))
                    {
                        declared.TryAdd(prefix, attribute.Value);
                    }
                }
            }
        }

        if (_inclusive is not null)
        {
            // "Visibly utilised": by the name of the element, or of one of its attributes.
            declared[element.Prefix] = element.NamespaceURI;
            foreach (XmlAttribute attribute in element.Attributes)
            {
                if (attribute.NamespaceURI != Declarations && attribute.Prefix.Length > 0)
                {
                    declared[attribute.Prefix] = attribute.NamespaceURI;
                }
            }
        }

        declared.Remove("xml");
        foreach (var (prefix, address) in declared.ToArray())
        {
            if (written.GetValueOrDefault(prefix, "") == address)
            {
                declared.Remove(prefix);
            }
        }

        return declared;
    }

    private static string Prefix(XmlAttribute declaration) => declaration.Prefix.Length == 0 ? "" : declaration.LocalName;

    private IEnumerable<XmlAttribute> Attributes(XmlElement element, bool isApex)
    {
        var attributes = element.Attributes.Cast<XmlAttribute>().Where(a => a.NamespaceURI != Declarations).ToList();
        if (isApex && _inclusive is null)
        {
            // Canonical XML 1.0 §2.4: attributes like xml:lang hold for what is inside, so the part that is taken out takes them along.
            for (var owner = element.ParentNode as XmlElement; owner is not null; owner = owner.ParentNode as XmlElement)
            {
                attributes.AddRange(owner.Attributes.Cast<XmlAttribute>().Where(a => a.NamespaceURI == Xml && !attributes.Exists(known => known.Name == a.Name)).ToList());
            }
        }

        return attributes.OrderBy(a => a.NamespaceURI, StringComparer.Ordinal).ThenBy(a => a.LocalName, StringComparer.Ordinal);
    }

    private void Escape(string text, bool isAttribute)
    {
        foreach (var c in text)
        {
            _ = c switch
            {
                '&' => _text.Append("&amp;"),
                '<' => _text.Append("&lt;"),
                '>' when !isAttribute => _text.Append("&gt;"),
                '"' when isAttribute => _text.Append("&quot;"),
                '\t' when isAttribute => _text.Append("&#x9;"),
                '\n' when isAttribute => _text.Append("&#xA;"),
                '\r' => _text.Append("&#xD;"),
                _ => _text.Append(c),
            };
        }
    }
}
