using System.Xml;
using System.Xml.Linq;
using Castellan.Protocol.Saml;

namespace Castellan.Server.Saml;

/// <summary>Reads the metadata of another identity provider into the settings of a broker's provider.</summary>
public static class ProviderMetadata
{
    /// <summary>More characters than this no descriptor has.</summary>
    private const int MaxCharacters = 4 * 1024 * 1024;

    private const string EntityCategory = "http://macedir.org/entity-category";
    private const string HideFromDiscovery = "http://refeds.org/category/hide-from-discovery";

    private static readonly XNamespace s_md = SamlNames.Metadata;
    private static readonly XNamespace s_ds = SamlNames.Signature;
    private static readonly XNamespace s_saml = SamlNames.Assertion;

    /// <summary>The settings; null when the document is no descriptor of an identity provider.</summary>
    public static Dictionary<string, string>? Read(byte[] document, DateTimeOffset now)
    {
        try
        {
            // No document type: entities could read the server's files and grow without end.
            using var reader = XmlReader.Create(new MemoryStream(document), new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaxCharacters,
            });
            var root = XDocument.Load(reader).Root;
            var entity = root?.Name == s_md + "EntityDescriptor" ? root : root?.Descendants(s_md + "EntityDescriptor").FirstOrDefault(e => e.Element(s_md + "IDPSSODescriptor") is not null);
            return entity?.Element(s_md + "IDPSSODescriptor") is { } provider ? Read(entity, provider, now) : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static Dictionary<string, string> Read(XElement entity, XElement provider, DateTimeOffset now)
    {
        var signOn = Endpoint(provider, "SingleSignOnService", SamlNames.PostBinding);
        var logout = Endpoint(provider, "SingleLogoutService", SamlNames.PostBinding);
        var signed = (string?)provider.Attribute("WantAuthnRequestsSigned") is "true" or "1";
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["wantAuthnRequestsSigned"] = Text(signed), ["validateSignature"] = Text(signed), ["addExtensionsElementWithKeyInfo"] = "false", ["loginHint"] = "false",
            ["artifactBindingResponse"] = "false",
            ["enabledFromMetadata"] = Text((string?)entity.Attribute("validUntil") is not { } until || SamlMessage.Instant(until) is { } end && end > now),
            ["postBindingResponse"] = Text(signOn is not null), ["postBindingAuthnRequest"] = Text(signOn is not null), ["postBindingLogout"] = Text(logout is not null),
        };
        Add("idpEntityId", (string?)entity.Attribute("entityID"));
        Add("singleSignOnServiceUrl", signOn ?? Endpoint(provider, "SingleSignOnService", SamlNames.RedirectBinding));
        Add("singleLogoutServiceUrl", logout ?? Endpoint(provider, "SingleLogoutService", SamlNames.RedirectBinding));
        Add("artifactResolutionServiceUrl", Endpoint(provider, "ArtifactResolutionService", SamlNames.SoapBinding));
        Add("nameIDPolicyFormat", provider.Elements(s_md + "NameIDFormat").Select(n => n.Value.Trim()).FirstOrDefault(n => n.Length > 0));
        // A key that says no use is for what no other is for.
        var (signing, usual) = (Certificates(provider, "signing").ToList(), Certificates(provider, null).LastOrDefault());
        if (signing.Count > 0 || usual is not null)
        {
            // Whoever gives a key to check with wants it checked (CVE-2026-16443).
            settings["validateSignature"] = "true";
        }

        Add("signingCertificate", signing.Count > 0 ? string.Join(',', signing) : usual);
        Add("encryptionPublicKey", Certificates(provider, "encryption").LastOrDefault() ?? usual);
        if (entity.Element(s_md + "Extensions")?.Descendants(s_saml + "Attribute").Where(a => (string?)a.Attribute("Name") == EntityCategory)
            .Any(a => a.Elements(s_saml + "AttributeValue").Any(v => v.Value.Trim() == HideFromDiscovery)) is true)
        {
            settings["hideOnLoginPage"] = "true";
        }

        return settings;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                settings[name] = value;
            }
        }
    }

    private static string? Endpoint(XElement provider, string element, string binding) =>
        provider.Elements(s_md + element).Where(e => (string?)e.Attribute("Binding") == binding).Select(e => (string?)e.Attribute("Location")).FirstOrDefault(l => !string.IsNullOrEmpty(l));

    /// <summary>The certificates as the descriptor writes them, line by line: scripts compare what they sent.</summary>
    /// <param name="use">What the keys are for; null for those that do not say.</param>
    private static IEnumerable<string> Certificates(XElement provider, string? use) => provider.Elements(s_md + "KeyDescriptor")
        .Where(k => (string?)k.Attribute("use") == use)
        .SelectMany(k => k.Descendants(s_ds + "X509Certificate").Take(1))
        .Select(c => c.Value).Where(c => !string.IsNullOrWhiteSpace(c));

    private static string Text(bool value) => value ? "true" : "false";
}
