using System.Xml;
using System.Xml.Linq;

namespace Castellan.Protocol.Saml;

/// <summary>An address of a service provider, by binding.</summary>
public sealed record SamlAddress(string Binding, string Location);

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

    /// <summary>The first address for a binding.</summary>
    public static string? At(IReadOnlyList<SamlAddress> addresses, string binding) => addresses.FirstOrDefault(a => a.Binding == binding)?.Location;

    /// <summary>Reads metadata: of one entity, or of the first in a set. Document types are passed over and nothing outside is fetched.</summary>
    /// <param name="isMetadata">Whether it is metadata at all, although of no service provider.</param>
    public static ServiceProvider? Read(byte[] xml, out bool isMetadata)
    {
        isMetadata = false;
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
        var entity = root?.Name == md + "EntitiesDescriptor" ? root.Elements(md + "EntityDescriptor").FirstOrDefault(e => e.Element(md + "SPSSODescriptor") is not null) : root;
        isMetadata = root?.Name == md + "EntitiesDescriptor" || root?.Name == md + "EntityDescriptor";
        if (!isMetadata || entity?.Element(md + "SPSSODescriptor") is not { } provider || (string?)entity.Attribute("entityID") is not { } id)
        {
            return null;
        }

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
                .Select(e => new SamlAddress((string?)e.Attribute("Binding") ?? "", (string)e.Attribute("Location")!)),
        ];

        // A key that does not say its use is for both, which Keycloak passes over.
        string? Certificate(string use) => provider.Elements(md + "KeyDescriptor").Where(k => (string?)k.Attribute("use") == use)
            .SelectMany(k => k.Descendants(XName.Get("X509Certificate", SamlNames.Signature))).Select(c => string.Concat(c.Value.Where(ch => !char.IsWhiteSpace(ch)))).LastOrDefault();
    }

    private static bool IsTrue(XAttribute? attribute) => attribute?.Value.Trim() is "true" or "1";
}
