using System.Xml;
using System.Xml.Linq;

namespace Castellan.Protocol.Saml;

/// <summary>An address of a service provider, by binding.</summary>
/// <param name="Index">Its number among those of its kind; 0 for one that has none.</param>
public sealed record SamlAddress(string Binding, string Location, int Index = 0, bool IsDefault = false);

/// <summary>An attribute that a service provider asks for.</summary>
public sealed record RequestedAttribute(string Name, string? Format, string? FriendlyName);

/// <summary>What the metadata of a service provider says (SAML 2.0 metadata §2.4.4).</summary>
public sealed record ServiceProvider
{
    /// <summary>What a document may have after its type is left out.</summary>
    private const int MaxCharacters = 2 * 1024 * 1024;

    public required string EntityId { get; init; }

    public bool SignsRequests { get; init; }

    public bool WantsSignedAssertions { get; init; }

    /// <summary>Certificates for signing and for encryption, base64 without blanks.</summary>
    public string? SigningCertificate { get; init; }

    public string? EncryptionCertificate { get; init; }

    public required IReadOnlyList<SamlAddress> Consumers { get; init; }

    public required IReadOnlyList<SamlAddress> Logouts { get; init; }

    public required IReadOnlyList<SamlAddress> ArtifactResolutions { get; init; }

    public required IReadOnlyList<string> NameIdFormats { get; init; }

    public required IReadOnlyList<RequestedAttribute> Attributes { get; init; }

    /// <summary>Its sign, and where it says what it does with what it hears of people; null where it does not say.</summary>
    public string? Logo { get; init; }

    public string? PrivacyStatement { get; init; }

    /// <summary>The first address for a binding.</summary>
    public static string? At(IReadOnlyList<SamlAddress> addresses, string binding) => addresses.FirstOrDefault(a => a.Binding == binding)?.Location;

    /// <summary>The address that counts where nobody says which: the one marked so, else the one of the lowest number.</summary>
    public static string? Usual(IReadOnlyList<SamlAddress> addresses) => (addresses.FirstOrDefault(a => a.IsDefault) ?? addresses.MinBy(a => a.Index))?.Location;

    /// <summary>Reads metadata: of one entity, or of a set with one in it. Document types are passed over and nothing outside is fetched.</summary>
    /// <param name="entities">How many entities it describes, service providers or not; 0 when it is no metadata.</param>
    public static ServiceProvider? Read(byte[] xml, out int entities)
    {
        entities = 0;
        XElement? root;
        try
        {
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null, MaxCharactersInDocument = MaxCharacters, IgnoreComments = true };
            using var reader = XmlReader.Create(new MemoryStream(xml, writable: false), settings);
            root = XDocument.Load(reader).Root;
        }
        catch (XmlException)
        {
            return null;
        }

        XNamespace md = SamlNames.Metadata;
        var described = root?.Name == md + "EntitiesDescriptor" ? [.. root.Elements().Where(e => e.Name == md + "EntityDescriptor" || e.Name == md + "EntitiesDescriptor")]
            : root?.Name == md + "EntityDescriptor" ? new[] { root } : [];
        entities = described.Length;
        if (described is not [var entity] || entity.Element(md + "SPSSODescriptor") is not { } provider || (string?)entity.Attribute("entityID") is not { } id)
        {
            return null;
        }

        XNamespace ui = "urn:oasis:names:tc:SAML:metadata:ui";
        var shown = provider.Element(md + "Extensions")?.Element(ui + "UIInfo");
        var statements = shown?.Elements(ui + "PrivacyStatementURL").ToList() ?? [];
        return new()
        {
            EntityId = id,
            SignsRequests = IsTrue(provider.Attribute("AuthnRequestsSigned")),
            WantsSignedAssertions = IsTrue(provider.Attribute("WantAssertionsSigned")),
            SigningCertificate = Certificate("signing"),
            EncryptionCertificate = Certificate("encryption"),
            Consumers = Addresses("AssertionConsumerService"),
            Logouts = Addresses("SingleLogoutService"),
            ArtifactResolutions = Addresses("ArtifactResolutionService"),
            Logo = shown?.Element(ui + "Logo")?.Value.Trim(),
            PrivacyStatement = (statements.Find(s => (string?)s.Attribute(XNamespace.Xml + "lang") == "en") ?? statements.FirstOrDefault())?.Value.Trim(),
            NameIdFormats = [.. provider.Elements(md + "NameIDFormat").Select(f => f.Value.Trim())],
            Attributes =
            [
                .. provider.Elements(md + "AttributeConsumingService").Elements(md + "RequestedAttribute").Where(a => a.Attribute("Name") is not null)
                    .Select(a => new RequestedAttribute((string)a.Attribute("Name")!, (string?)a.Attribute("NameFormat"), (string?)a.Attribute("FriendlyName"))),
            ],
        };

        List<SamlAddress> Addresses(string name) =>
        [
            .. provider.Elements(md + name).Where(e => e.Attribute("Location") is not null)
                .Select(e => new SamlAddress(
                    (string?)e.Attribute("Binding") ?? "", (string)e.Attribute("Location")!, int.TryParse((string?)e.Attribute("index"), out var index) ? index : 0, IsTrue(e.Attribute("isDefault")))),
        ];

        // A key that does not say its use is for both, which Keycloak passes over.
        string? Certificate(string use) => provider.Elements(md + "KeyDescriptor").Where(k => (string?)k.Attribute("use") == use)
            .SelectMany(k => k.Descendants(XName.Get("X509Certificate", SamlNames.Signature))).Select(c => string.Concat(c.Value.Where(ch => !char.IsWhiteSpace(ch)))).LastOrDefault();
    }

    private static bool IsTrue(XAttribute? attribute) => attribute?.Value.Trim() is "true" or "1";
}
