using Castellan.Core.Events;
using Castellan.Core.Realms;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Saml;

/// <summary>Sign-ins that no service provider asked for: they begin at an address of the realm (SAML profiles §4.1.5).</summary>
internal sealed class StartAtRealm(NamedClients clients, SamlEndpoint endpoint, SamlSignOn signOn)
{
    public async Task HandleAsync(HttpContext http, Realm realm)
    {
        if (await endpoint.ClosedAsync(http, realm))
        {
            return;
        }

        var (begun, refusal) = await clients.FindAsync(http, realm, (string)http.Request.RouteValues["name"]!);
        if (begun is null)
        {
            await endpoint.RefuseAsync(http, realm, EventTypes.Login, refusal!);
            return;
        }

        // An empty one is one too: it says that there is to be none.
        await signOn.BeginHereAsync(http, realm, http.Request.Query["RelayState"] is [{ Length: <= SamlParameters.MaxRelayState } given, ..] ? begun with { RelayState = given } : begun);
    }
}
