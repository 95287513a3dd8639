using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Saml.Requests;
using Castellan.Core.Saml.Requests.Checks;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Saml;

/// <summary>A sign-in that no service provider asked for (SAML profiles §4.1.5): for whom, where the answer goes, and what goes along.</summary>
/// <param name="Name">The client's word for such sign-ins.</param>
internal sealed record UnaskedSignIn(Client Client, Consumer Consumer, string Name, string? RelayState);

/// <summary>Clients by the word that stands for them in addresses where sign-ins begin that no service provider asked for.</summary>
internal sealed class NamedClients(LoginHttp login, IConfigurationStore store)
{
    private const string NameAttribute = "saml_idp_initiated_sso_url_name";

    /// <summary>The sign-in, or why there is none.</summary>
    public async ValueTask<(UnaskedSignIn? Begun, SamlRefusal? Refusal)> FindAsync(HttpContext http, Realm realm, string name)
    {
        var (server, client) = (login.Urls.Addresses(http, realm), await ClientAsync(realm, name, http.RequestAborted));
        var consumer = client is null ? null : Consumer.Unasked(client, server);
        SamlRefusal? refusal = client is null ? new("client_not_found", "clientNotFoundMessage")
            : !client.Enabled ? new("client_disabled", "clientDisabledMessage")
            : ProviderCheck.Refuse(client) ?? (consumer is null ? new("invalid_redirect_uri", "invalidRedirectUriMessage") : null);
        return refusal is null ? (new(client!, consumer!, name, client!.Attribute("saml_idp_initiated_sso_relay_state")), null) : (null, refusal);
    }

    private async ValueTask<Client?> ClientAsync(Realm realm, string name, CancellationToken ct) =>
        name.Length <= 255 && await store.ListClientsAsync(realm.Id, new(Attributes: new Dictionary<string, string> { [NameAttribute] = name }), 0, 1, ct) is [var found]
            ? await login.Services.Clients.FindByIdAsync(realm, found.Representation.Id!, ct)
            : null;
}
