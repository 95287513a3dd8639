using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>
/// Reads XML that somebody else wrote. There are no document types (they read files and grow without end), nothing is fetched, and size and depth
/// have bounds. White space stays, since signatures cover it. Comments go: a text with one inside is one text to whoever reads it (what it was signed
/// as, by the canonical form without comments).
/// </summary>
public static class UntrustedXml
{
    /// <summary>What a message may have in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    // Who walks a tree does so by calling itself; no message of SAML is a quarter as deep.
    private const int MaxDepth = 100;

    /// <summary>The document; null when it is not well-formed, has a document type or goes beyond a bound.</summary>
    public static XmlDocument? Read(byte[] xml)
    {
        if (xml.Length > MaxBytes)
        {
            return null;
        }

        try
        {
            using (var reader = Reader(xml))
            {
                while (reader.Read())
                {
                    if (reader.Depth > MaxDepth)
                    {
                        return null;
                    }
                }
            }

            using var again = Reader(xml);
            var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
            document.Load(again);
            return document.DocumentElement is null ? null : document;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static XmlReader Reader(byte[] xml) => XmlReader.Create(new MemoryStream(xml, writable: false), new XmlReaderSettings
    {
        DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaxBytes, IgnoreComments = true,
    });
}
