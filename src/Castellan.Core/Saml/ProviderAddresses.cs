using Castellan.Core.Authorize;
using Castellan.Core.Clients;

namespace Castellan.Core.Saml;

/// <summary>Addresses of a service provider, in full.</summary>
internal static class ProviderAddresses
{
    /// <summary>The one that an attribute holds; null when it has none there, or none that people or messages may be sent to.</summary>
    public static string? Own(Client client, ServerAddresses server, string attribute) => Fit(client, server, client.Attribute(attribute));

    /// <summary>The one that stands in for each that is missing.</summary>
    public static string? Usual(Client client, ServerAddresses server) => Fit(client, server, client.Representation.AdminUrl);

    private static string? Fit(Client client, ServerAddresses server, string? address) =>
        address is { Length: > 0 } && server.Absolute(client, address) is var full && RedirectUris.IsHarmless(full) ? full : null;
}
