using Castellan.Core.Clients;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Logout;

/// <summary>Where a message about the end of a session goes, and how.</summary>
/// <param name="ByArtifact">Whether the message stays here, and only an artifact for it travels.</param>
public sealed record LogoutAddress(string Address, SamlBinding Binding, bool ByArtifact = false)
{
    private const string Prefix = "saml_single_logout_service_url_";

    /// <summary>For the answer to a request that the provider sent through the browser; null when it has no such address.</summary>
    public static LogoutAddress? ForAnswer(Client client, ServerAddresses server, SamlBinding cameBy)
    {
        var binding = ForcesPost(client) && (Artifact(client, server) is not null || Plain(client, server, SamlBinding.Post) is not null) ? SamlBinding.Post : cameBy;
        return Through(client, server, binding, Plain(client, server, binding));
    }

    /// <summary>The same where no session ends by it: the answer goes back as the request came, if it can.</summary>
    public static LogoutAddress? ForAnswerAtOnce(Client client, ServerAddresses server, SamlBinding cameBy) => Plain(client, server, cameBy) ?? ForAnswer(client, server, cameBy);

    /// <summary>For the answer to a request from server to server, which goes nowhere: the address is only named. Null when the provider has none.</summary>
    public static string? Named(Client client, ServerAddresses server) => Own(client, server, SamlBinding.Soap)?.Address;

    /// <summary>For a request through the browser; null when the provider has no such address.</summary>
    /// <param name="signedInBy">The binding by which it heard of the sign-in.</param>
    public static LogoutAddress? ForRequest(Client client, ServerAddresses server, SamlBinding signedInBy)
    {
        var (post, redirect) = (Own(client, server, SamlBinding.Post), Own(client, server, SamlBinding.Redirect));
        var binding = (post is not null && (ForcesPost(client) || signedInBy == SamlBinding.Post)) || (redirect is null && (post is not null || ForcesPost(client))) ? SamlBinding.Post : SamlBinding.Redirect;
        return Through(client, server, Artifact(client, server) is null ? binding : ForcesPost(client) ? SamlBinding.Post : signedInBy, (binding == SamlBinding.Post ? post : redirect) ?? Usual(client, server, binding));
    }

    /// <summary>For a request from server to server: by SOAP, or else as a form that no browser sends; null when the provider has no such address.</summary>
    public static LogoutAddress? Behind(Client client, ServerAddresses server) => Own(client, server, SamlBinding.Soap) ?? Plain(client, server, SamlBinding.Post);

    /// <summary>The way through the browser: to the address for artifacts, where the client has one. It gets the message itself there all the same when it forces post and has an address for that.</summary>
    private static LogoutAddress? Through(Client client, ServerAddresses server, SamlBinding binding, LogoutAddress? otherwise) =>
        Artifact(client, server) is { } address ? new(address, binding, ByArtifact: !ForcesPost(client) || Own(client, server, SamlBinding.Post) is null) : otherwise;

    private static string? Artifact(Client client, ServerAddresses server) => client.Flag("saml.artifact.binding") ? ProviderAddresses.Own(client, server, Prefix + "artifact") : null;

    private static LogoutAddress? Plain(Client client, ServerAddresses server, SamlBinding binding) => Own(client, server, binding) ?? Usual(client, server, binding);

    private static bool ForcesPost(Client client) => client.Flag("saml.force.post.binding");

    private static LogoutAddress? Own(Client client, ServerAddresses server, SamlBinding binding) => ProviderAddresses.Own(client, server, Prefix + binding switch
    {
        SamlBinding.Post => "post",
        SamlBinding.Soap => "soap",
        _ => "redirect",
    }) is { } address ? new(address, binding) : null;

    private static LogoutAddress? Usual(Client client, ServerAddresses server, SamlBinding binding) => ProviderAddresses.Usual(client, server) is { } address ? new(address, binding) : null;
}
