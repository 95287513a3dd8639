using System.Globalization;
using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Core.Saml;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Brokering.Saml;

/// <summary>What the settings of an identity provider say of its SAML.</summary>
/// <param name="Issuer">The realm's address.</param>
public sealed record SamlProvider(Realm Realm, IdentityProvider Provider, string Issuer)
{
    /// <summary>Where it takes browsers that bring requests for a sign-in.</summary>
    public string? SignOnUrl => Web(Provider.Setting("singleSignOnServiceUrl"));

    /// <summary>Where it takes browsers that bring messages of logouts.</summary>
    public string? LogoutUrl => Web(Provider.Setting("singleLogoutServiceUrl"));

    /// <summary>Where it is asked what artifacts stand for.</summary>
    public string? ArtifactUrl => Web(Provider.Setting("artifactResolutionServiceUrl"));

    /// <summary>What the realm is called there.</summary>
    public string EntityId => Provider.Setting("entityId") ?? Issuer;

    /// <summary>What the provider calls itself; null for whatever it likes.</summary>
    public string? ProviderId => Provider.Setting("idpEntityId");

    /// <summary>The client's word for sign-ins that nobody asked for, where the provider's answer is such a one; null where it answers a request.</summary>
    public string? UnaskedFor { get; init; }

    /// <summary>Where the provider's answers come.</summary>
    public string Endpoint => $"{Issuer}/broker/{Uri.EscapeDataString(Provider.Alias)}/endpoint{(UnaskedFor is { } name ? $"/clients/{Uri.EscapeDataString(name)}" : "")}";

    /// <summary>Whether an address is where the provider's answers come, with or without the port that its scheme has anyway.</summary>
    public bool IsEndpoint(string? address) =>
        address == Endpoint || (Uri.TryCreate(address, UriKind.Absolute, out var uri) && Uri.TryCreate(Endpoint, UriKind.Absolute, out var here) && uri.AbsoluteUri == here.AbsoluteUri);

    public SamlBinding RequestBinding => Provider.Flag("postBindingAuthnRequest") ? SamlBinding.Post : SamlBinding.Redirect;

    public SamlBinding LogoutBinding => Provider.Flag(Provider.Setting("postBindingLogout") is null ? "postBindingResponse" : "postBindingLogout") ? SamlBinding.Post : SamlBinding.Redirect;

    public string ResponseBinding => Provider.Flag("artifactBindingResponse") ? SamlNames.ArtifactBinding
        : Provider.Flag("postBindingResponse") ? SamlNames.PostBinding : SamlNames.RedirectBinding;

    /// <summary>
    /// Whether what it says counts without a signature, by which anybody could be anybody: answers come through the browser (SAML profiles §4.1.4.5). Only where
    /// the administrator wrote so; where nothing is written, it does not.
    /// </summary>
    public bool TakesUnsigned => Provider.Setting("validateSignature") == "false";

    /// <summary>The certificates by which it signs, as they stand in its settings.</summary>
    public IReadOnlyList<string> Certificates => (Provider.Setting("signingCertificate") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Where it publishes its certificates; null when those of the settings count.</summary>
    public string? MetadataUrl => Provider.Flag("useMetadataDescriptorUrl") ? Web(Provider.Setting("metadataDescriptorUrl")) : null;

    /// <summary>The keys by which a message of it may be signed, and no others; none until <see cref="SamlProviderKeys"/> looked for them.</summary>
    public IReadOnlyList<JoseKey> Keys { get; init; } = [];

    /// <summary>The kind of name to ask for.</summary>
    public string NameIdFormat => Provider.Setting("nameIDPolicyFormat") ?? SamlNames.Persistent;

    /// <summary>Who signs what is sent to it: nobody where it does not ask for that. False when it wants signatures of a kind that there is not.</summary>
    public bool TryFindSigner(out XmlSigner? signer)
    {
        var signs = Provider.Flag("wantAuthnRequestsSigned");
        signer = signs ? RealmSigner.Of(Realm, Provider) : null;
        return !signs || signer is not null;
    }

    /// <summary>The classes of contexts of authentication to ask for, and the declarations of contexts.</summary>
    public IReadOnlyList<string> ContextClasses => Listed("authnContextClassRefs");

    public IReadOnlyList<string> ContextDeclarations => Listed("authnContextDeclRefs");

    /// <summary>Which set of attributes to ask for; null for what the other side likes.</summary>
    public string? AttributeIndex => uint.TryParse(Provider.Setting("attributeConsumingServiceIndex"), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= ushort.MaxValue
        ? index.ToString(CultureInfo.InvariantCulture) : null;

    private List<string> Listed(string setting)
    {
        try
        {
            using var json = JsonDocument.Parse(Provider.Setting(setting) ?? "[]");
            return json.RootElement.ValueKind == JsonValueKind.Array
                ? [.. json.RootElement.EnumerateArray().Where(c => c.ValueKind == JsonValueKind.String).Select(c => c.GetString()!).Where(c => c.Length > 0)] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string? Web(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? address : null;
}

/// <summary>A message that is ready to go to a provider through the browser.</summary>
/// <param name="Message">Signed where it travels by form and is to be signed.</param>
/// <param name="Signer">Who signs the query where it travels by redirect; nobody when null.</param>
public sealed record SamlDeparture(string Address, SamlBinding Binding, System.Xml.XmlElement Message, string RelayState, XmlSigner? Signer)
{
    /// <param name="write">Writes the message, with what it is given as an extension.</param>
    public static SamlDeparture Of(SamlProvider provider, string address, SamlBinding binding, Func<Action<System.Xml.XmlWriter>?, System.Xml.XmlDocument> write, string relayState, XmlSigner? signer)
    {
        var message = write(binding == SamlBinding.Redirect && signer is not null && provider.Provider.Flag("addExtensionsElementWithKeyInfo") ? KeyExtension.Of(signer) : null).DocumentElement!;
        if (binding == SamlBinding.Post)
        {
            signer?.Sign(message);
        }

        return new(address, binding, message, relayState, signer);
    }
}
