using System.Text;
using System.Xml;
using System.Xml.XPath;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Brokering.Saml;

/// <summary>Looks into values of an assertion's attributes that are XML themselves, by XPath 1.0.</summary>
public static class SaidXml
{
    /// <summary>The texts that an expression finds, one for each value in which it finds something; null when it finds nothing.</summary>
    public static List<string>? Find(IdentityMapping mapping)
    {
        if (mapping["attribute.xpath"] is not { } expression)
        {
            return null;
        }

        var name = SaidReader.NameOf(mapping);
        var values = name is null ? [.. mapping.Identity.Said.SelectMany(a => a.Values)] : SaidReader.Find(mapping.Identity, name) ?? [];
        return values.Select(v => Evaluate(v, expression)).OfType<string>().ToList() is { Count: > 0 } found ? found : null;
    }

    /// <summary>What the expression says of one value, which stands inside an element <c>root</c> and brings its prefixes along.</summary>
    private static string? Evaluate(string value, string expression)
    {
        if (UntrustedXml.Read(Encoding.UTF8.GetBytes($"<root>{value}</root>")) is not { } document)
        {
            return null;
        }

        var prefixes = new XmlNamespaceManager(document.NameTable);
        foreach (var declared in document.GetElementsByTagName("*").OfType<XmlElement>().SelectMany(e => e.Attributes.OfType<XmlAttribute>()).Where(a => a.Prefix == "xmlns" && a.LocalName is not ("xml" or "xmlns")))
        {
            prefixes.AddNamespace(declared.LocalName, declared.Value);
        }

        try
        {
            return document.CreateNavigator()!.Evaluate($"string({expression})", prefixes) is string { Length: > 0 } text && !text.Contains('\0', StringComparison.Ordinal) ? text : null;
        }
        catch (XPathException)
        {
            return null;
        }
    }
}
