using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>The certificates of a party, as its metadata has them (SAML 2.0 metadata §2.4.1.1).</summary>
/// <param name="ValidUntil">From when on they do not count any more (§2.3.2), if it says so.</param>
/// <param name="CacheDuration">How long they count without a look, if it says so.</param>
public sealed record MetadataKeys(IReadOnlyList<MetadataKey> Keys, DateTimeOffset? ValidUntil, TimeSpan? CacheDuration)
{
    /// <summary>The elements of the roles that have keys: who signs people in, and who has them signed in.</summary>
    public const string IdentityProvider = "IDPSSODescriptor", ServiceProvider = "SPSSODescriptor";

    /// <summary>Those of the first party in the document that has the role; null when there is none.</summary>
    public static MetadataKeys? Read(byte[] document, string role)
    {
        var root = UntrustedXml.Read(document)?.DocumentElement;
        var entities = root is null ? [] : root.Is("EntityDescriptor", SamlNames.Metadata) ? [root] : root.Elements("EntityDescriptor", SamlNames.Metadata);
        if (entities.Select(e => (Entity: e, Role: e.Element(role, SamlNames.Metadata))).FirstOrDefault(e => e.Role is not null) is not (var entity, { } party))
        {
            return null;
        }

        // Of several certificates with a key the first is its own; the others are those of whoever vouches for it.
        var keys = party.Elements("KeyDescriptor", SamlNames.Metadata)
            .Select(k => ShownCertificates.In(k).FirstOrDefault() is { } certificate ? new MetadataKey(k.Attribute("use"), certificate) : null).OfType<MetadataKey>();
        XmlElement[] saying = [root!, entity, party];
        return new([.. keys], saying.Select(e => SamlMessage.Instant(e.Attribute("validUntil"))).Min(), saying.Select(e => Duration(e.Attribute("cacheDuration"))).Min());
    }

    private static TimeSpan? Duration(string? text)
    {
        try
        {
            return text is { Length: > 0 and <= 64 } && XmlConvert.ToTimeSpan(text) is var time && time >= TimeSpan.Zero ? time : null;
        }
        catch (Exception bad) when (bad is FormatException or OverflowException)
        {
            return null;
        }
    }
}

/// <summary>A certificate of metadata.</summary>
/// <param name="Use">What it is for, or null for everything.</param>
/// <param name="Certificate">In base64 without blanks.</param>
public sealed record MetadataKey(string? Use, string Certificate)
{
    public const string Signing = "signing", Encryption = "encryption";

    public bool IsFor(string use) => Use is null || Use == use;
}
