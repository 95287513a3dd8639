using Castellan.Core.Authorize;
using Castellan.Core.Clients;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Requests;

/// <summary>Where an answer goes and how.</summary>
/// <param name="Binding">By form or by redirect; so travels the artifact too.</param>
/// <param name="ByArtifact">Whether the answer stays here, and only an artifact for it travels.</param>
public sealed record Consumer(string Address, SamlBinding Binding, bool ByArtifact)
{
    private const string PostAttribute = "saml_assertion_consumer_url_post";
    private const string RedirectAttribute = "saml_assertion_consumer_url_redirect";

    /// <summary>The consumer that a request asks for, or the one that the client has for such requests; null when it is none of the client's.</summary>
    public static Consumer? Find(Client client, ServerAddresses server, AuthnRequest request, SamlBinding cameBy)
    {
        var byArtifact = request.ProtocolBinding == SamlNames.ArtifactBinding || client.Flag("saml.artifact.binding");
        var binding = client.Flag("saml.force.post.binding") ? SamlBinding.Post : request.ProtocolBinding switch
        {
            SamlNames.PostBinding => SamlBinding.Post,
            null or SamlNames.ArtifactBinding => cameBy == SamlBinding.Redirect ? SamlBinding.Redirect : SamlBinding.Post,
            _ => SamlBinding.Redirect,
        };
        var own = ProviderAddresses.Own(client, server, byArtifact ? "saml_artifact_binding_url" : binding == SamlBinding.Post ? PostAttribute : RedirectAttribute);
        var address = request.ConsumerUrl is { } wanted ? RedirectUris.IsConsumer(client, server, wanted, own) ? wanted : null : own ?? ProviderAddresses.Usual(client, server);
        return address is null ? null : new(address, binding, byArtifact);
    }

    /// <summary>The consumer where nobody asked: the sign-in begins at the realm.</summary>
    public static Consumer? Unasked(Client client, ServerAddresses server) =>
        ProviderAddresses.Own(client, server, PostAttribute) is { } post ? new(post, SamlBinding.Post, false)
        : ProviderAddresses.Usual(client, server) is { } usual ? new(usual, SamlBinding.Post, false)
        : ProviderAddresses.Own(client, server, RedirectAttribute) is { } redirect ? new(redirect, SamlBinding.Redirect, false)
        : null;

    /// <summary>Whether an address that was good for the client once still is.</summary>
    public static bool IsStill(Client client, ServerAddresses server, string address) =>
        RedirectUris.IsConsumer(client, server, address, null) || ProviderAddresses.Usual(client, server) == address
        || new[] { PostAttribute, RedirectAttribute, "saml_artifact_binding_url" }.Any(a => ProviderAddresses.Own(client, server, a) == address);
}
