using Castellan.Core.Representations;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Clients.Policies;

/// <summary>A service provider sends a request of which nothing but its signature is looked at yet.</summary>
public sealed class SamlOccasion(Realms.Realm realm, Client client, SamlMessage message, SamlBinding binding) : PolicyOccasion(realm)
{
    public override ClientRepresentation Client => client.Representation;

    public SamlMessage Message => message;

    /// <summary>How it came.</summary>
    public SamlBinding Binding => binding;
}

/// <summary>An executor for service providers alone.</summary>
internal abstract class SamlExecutor(string id) : PolicyExecutor(id)
{
    public sealed override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings) =>
        occasion.Client.Protocol == Login.Protocols.SignInProtocols.Saml && Problem(occasion.Client, settings) is { } problem ? new("invalid_client_metadata", problem) : null;

    public sealed override ProtocolError? Saml(SamlOccasion occasion, PolicySettings settings) => Problem(occasion) is { } problem ? Request(problem) : null;

    /// <summary>What is wrong with a client as it shall be.</summary>
    protected abstract string? Problem(ClientRepresentation client, PolicySettings settings);

    /// <summary>What is wrong with a request.</summary>
    protected abstract string? Problem(SamlOccasion occasion);

    protected static string? Attribute(ClientRepresentation client, string name) => client.Attributes?.GetValueOrDefault(name);

    protected static bool Flag(ClientRepresentation client, string name) => Attribute(client, name) == "true";
}

/// <summary>Answers travel in no address, where logs and histories keep them.</summary>
internal sealed class SamlRedirectExecutor() : SamlExecutor("saml-avoid-redirect")
{
    protected override string? Problem(ClientRepresentation client, PolicySettings settings) => ForcesPost(client) ? null : "Force POST binding is not enabled";

    protected override string? Problem(SamlOccasion occasion) => ForcesPost(occasion.Client) ? null : occasion.Message switch
    {
        AuthnRequest request when (request.ProtocolBinding is null or SamlNames.ArtifactBinding ? occasion.Binding == SamlBinding.Redirect : request.ProtocolBinding == SamlNames.RedirectBinding) =>
            "REDIRECT binding is used for the login request and it is not allowed.",
        LogoutRequest when occasion.Binding == SamlBinding.Redirect => "REDIRECT binding is used for the logout request and it is not allowed.",
        _ => null,
    };

    private static bool ForcesPost(ClientRepresentation client) => Flag(client, "saml.force.post.binding");
}

/// <summary>All addresses of a service provider begin with https.</summary>
internal sealed class SamlUrisExecutor() : SamlExecutor("saml-secure-client-uris")
{
    private const string Usual = "Master SAML Processing URL";

    protected override string? Problem(ClientRepresentation client, PolicySettings settings)
    {
        var redirects = (client.RedirectUris ?? []).ConvertAll(uri => uri.StartsWith('/') && client.RootUrl is { Length: > 0 } root ? root.TrimEnd('/') + uri : uri);
        return First([(client.RootUrl, "Root URL"), (client.AdminUrl, Usual), (client.BaseUrl, "Home URL")])
            ?? First(redirects.Where(uri => !uri.StartsWith('/')).Select(uri => ((string?)uri, "Valid redirect URIs")))
            ?? (settings.Flag("allow-wildcard-redirects") || redirects.Find(uri => uri.EndsWith('*') && uri.AsSpan().IndexOfAny('?', '#') < 0) is not { } wild
                ? null : $"Unsecure wildcard redirect {wild} for Valid redirect URIs")
            ?? First(Values(client, ProviderAttributes.Endpoints));
    }

    protected override string? Problem(SamlOccasion occasion) => occasion.Message is AuthnRequest { ConsumerUrl: { } asked } ? First([(asked, "AssertionConsumerServiceURL")])
        : First([(occasion.Client.AdminUrl, Usual), .. Values(occasion.Client, occasion.Message is AuthnRequest ? ProviderAttributes.Consumers : ProviderAttributes.Logouts)]);

    private static IEnumerable<(string? Address, string Name)> Values(ClientRepresentation client, IEnumerable<(string Attribute, string Name)> attributes) =>
        attributes.Select(a => (Attribute(client, a.Attribute), a.Name));

    private static string? First(IEnumerable<(string? Address, string Name)> addresses) =>
        addresses.FirstOrDefault(a => !string.IsNullOrWhiteSpace(a.Address) && !a.Address.StartsWith("https:", StringComparison.Ordinal)).Name is { } name ? "Non secure scheme for " + name : null;
}

/// <summary>The provider signs what it sends, and gets nothing that is not signed.</summary>
internal sealed class SamlSignaturesExecutor() : SamlExecutor("saml-signature-enforcer")
{
    protected override string? Problem(ClientRepresentation client, PolicySettings settings) =>
        Flag(client, "saml.client.signature") && (Flag(client, "saml.server.signature") || Flag(client, "saml.assertion.signature"))
            ? null : "Signatures not ensured for the client. Ensure Client signature required and Sign documents or Sign assertions are ON";

    protected override string? Problem(SamlOccasion occasion) => Problem(occasion.Client, default);
}
