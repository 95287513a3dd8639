using Castellan.Core.Realms;

namespace Castellan.Core.Clients;

/// <summary>Where this server is reached: what the addresses of clients are relative to that name no host of their own, as the consoles' do.</summary>
/// <param name="Frontend">The base for people, without a slash at the end; <c>${authBaseUrl}</c> stands for it.</param>
/// <param name="Admin">The base of the administration, without a slash at the end; <c>${authAdminUrl}</c> stands for it.</param>
public readonly record struct ServerAddresses(string Frontend, string Admin)
{
    /// <summary>An address of a client in full: one that begins with a slash lies below the client's root, or else at this server's origin.</summary>
    public string Absolute(Client client, string address) => address.StartsWith('/') ? Root(client) + address : address;

    /// <summary>The realm's issuer.</summary>
    public string Issuer(Realm realm) => $"{Frontend}/realms/{Uri.EscapeDataString(realm.Name)}";

    private string Root(Client client) => client.Representation.RootUrl switch
    {
        null or "" => Uri.TryCreate(Frontend, UriKind.Absolute, out var uri) ? uri.GetLeftPart(UriPartial.Authority) : Frontend,
        "${authBaseUrl}" => Frontend,
        "${authAdminUrl}" => Admin,
        var own => own.TrimEnd('/'),
    };
}
