using Castellan.Core.Brokering.Saml;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Server.Login;
using Castellan.Server.Saml;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Brokering;

/// <summary>Sends messages to providers through the browser.</summary>
internal static class SamlDepartures
{
    /// <param name="parameter">What the message is called there.</param>
    /// <param name="client">The client whose page it is, if it is one's.</param>
    public static Task SendAsync(this SamlDeparture message, string parameter, HttpContext http, LoginHttp login, Realm realm, Client? client, string? cache = null) =>
        new SamlDelivery(realm, client, parameter, message.Message, message.Address, message.Binding, message.RelayState.Length == 0 ? null : message.RelayState, message.Signer).SendAsync(login, http, cache);
}
