using Castellan.Core.Clients;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Logout;

/// <summary>Where a message about the end of a session goes, and how.</summary>
public sealed record LogoutAddress(string Address, SamlBinding Binding)
{
    private const string Prefix = "saml_single_logout_service_url_";

    /// <summary>For the answer to a request that the provider sent through the browser; null when it has no such address.</summary>
    public static LogoutAddress? ForAnswer(Client client, ServerAddresses server, SamlBinding cameBy) =>
        ForcesPost(client) && Own(client, server, SamlBinding.Post) is { } post ? post : Own(client, server, cameBy) ?? Usual(client, server, cameBy);

    /// <summary>For a request through the browser; null when the provider has no such address.</summary>
    /// <param name="signedInBy">The binding by which it heard of the sign-in.</param>
    public static LogoutAddress? ForRequest(Client client, ServerAddresses server, SamlBinding signedInBy)
    {
        var (post, redirect) = (Own(client, server, SamlBinding.Post), Own(client, server, SamlBinding.Redirect));
        var binding = (post is not null && (ForcesPost(client) || signedInBy == SamlBinding.Post)) || (redirect is null && (post is not null || ForcesPost(client))) ? SamlBinding.Post : SamlBinding.Redirect;
        return (binding == SamlBinding.Post ? post : redirect) ?? Usual(client, server, binding);
    }

    /// <summary>For a request from server to server: by SOAP, or else as a form that no browser sends; null when the provider has no such address.</summary>
    public static LogoutAddress? Behind(Client client, ServerAddresses server) =>
        Own(client, server, SamlBinding.Soap) ?? Own(client, server, SamlBinding.Post) ?? Usual(client, server, SamlBinding.Post);

    private static bool ForcesPost(Client client) => client.Flag("saml.force.post.binding");

    private static LogoutAddress? Own(Client client, ServerAddresses server, SamlBinding binding) => ProviderAddresses.Own(client, server, Prefix + binding switch
    {
        SamlBinding.Post => "post",
        SamlBinding.Soap => "soap",
        _ => "redirect",
    }) is { } address ? new(address, binding) : null;

    private static LogoutAddress? Usual(Client client, ServerAddresses server, SamlBinding binding) => ProviderAddresses.Usual(client, server) is { } address ? new(address, binding) : null;
}
