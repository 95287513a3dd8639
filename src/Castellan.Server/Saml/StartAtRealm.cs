using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Saml.Requests;
using Castellan.Core.Saml.Requests.Checks;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Saml;

/// <summary>Sign-ins that no service provider asked for: they begin at an address of the realm (SAML profiles §4.1.5).</summary>
internal sealed class StartAtRealm(LoginHttp login, SamlEndpoint endpoint, SamlSignOn signOn, IConfigurationStore store)
{
    private const string NameAttribute = "saml_idp_initiated_sso_url_name";

    public async Task HandleAsync(HttpContext http, Realm realm)
    {
        if (await endpoint.ClosedAsync(http, realm))
        {
            return;
        }

        var name = (string)http.Request.RouteValues["name"]!;
        var (server, client) = (login.Urls.Addresses(http, realm), await FindAsync(realm, name, http.RequestAborted));
        var consumer = client is null ? null : Consumer.Unasked(client, server);
        SamlRefusal? refusal = client is null ? new("client_not_found", "clientNotFoundMessage")
            : !client.Enabled ? new("client_disabled", "clientDisabledMessage")
            : ProviderCheck.Refuse(client) ?? (consumer is null ? new("invalid_redirect_uri", "invalidRedirectUriMessage") : null);
        if (refusal is not null)
        {
            await endpoint.RefuseAsync(http, realm, EventTypes.Login, refusal);
            return;
        }

        // An empty one is one too: it says that there is to be none.
        var relayState = http.Request.Query["RelayState"] is [{ Length: <= SamlParameters.MaxRelayState } given, ..] ? given : client!.Attribute("saml_idp_initiated_sso_relay_state");
        await signOn.BeginHereAsync(http, realm, client!, consumer!, name, string.IsNullOrWhiteSpace(relayState) ? null : relayState);
    }

    private async ValueTask<Client?> FindAsync(Realm realm, string name, CancellationToken ct) =>
        name.Length <= 255 && await store.ListClientsAsync(realm.Id, new(Attributes: new Dictionary<string, string> { [NameAttribute] = name }), 0, 1, ct) is [var found]
            ? await login.Services.Clients.FindByIdAsync(realm, found.Representation.Id!, ct)
            : null;
}
