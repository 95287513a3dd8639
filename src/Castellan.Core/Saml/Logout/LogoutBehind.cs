using Castellan.Core.Clients;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Saml.Responses;
using Castellan.Core.Sessions;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Logout;

/// <summary>Tells providers of the end of a session from server to server. What they answer, or whether, changes nothing.</summary>
public sealed class LogoutBehind(IFetch fetch, TimeProvider time)
{
    /// <summary>Whether a client hears in this way.</summary>
    public static bool Hears(Client client) => client.Protocol == Login.Protocols.SignInProtocols.Saml && !(client.Representation.FrontchannelLogout ?? false);

    /// <param name="issuer">The realm's address.</param>
    public async ValueTask TellAsync(Realm realm, Client client, ClientSession part, string issuer, CancellationToken ct)
    {
        // No browser is there, so addresses that name no host are taken from where the realm is.
        var frontend = issuer[..issuer.LastIndexOf("/realms/", StringComparison.Ordinal)];
        var server = new ServerAddresses(frontend, frontend);
        if (LogoutAddress.Behind(client, server) is not { } to || !RealmSigner.TryFind(realm, client, out var signer))
        {
            return;
        }

        var root = SamlPart.Of(part).Request(SamlResponses.NewId(), issuer, to.Address, time.GetUtcNow()).Write().DocumentElement!;
        signer?.Sign(root);
        await fetch.SendAsync(to.Binding == SamlBinding.Soap
            ? new(to.Address, Accept: "text/xml", Body: new("text/xml;charset=UTF-8", SoapEnvelope.Around(root))) { Headers = [new("SOAPAction", SoapEnvelope.Action)] }
            : new(to.Address, Accept: "*/*", Body: new("application/x-www-form-urlencoded;charset=UTF-8", Form(root.ToBytes()))), ct);
    }

    // The second parameter is what old providers know such a request by.
    private static byte[] Form(byte[] message) =>
        System.Text.Encoding.ASCII.GetBytes($"{RedirectBinding.Request}={Uri.EscapeDataString(Convert.ToBase64String(message))}&BACK_CHANNEL_LOGOUT=BACK_CHANNEL_LOGOUT");
}
