using Castellan.Core.Clients;
using Castellan.Core.Login.Protocols;

namespace Castellan.Core.Saml.Requests.Checks;

/// <summary>The issuer is a client of the realm that is enabled, speaks SAML and may sign people in.</summary>
public sealed class ProviderCheck(IClients clients) : ISamlCheck
{
    public async ValueTask<SamlRefusal?> CheckAsync(SamlRequest request, CancellationToken ct)
    {
        if (request.Message.Issuer is not { Length: <= 255 } issuer || await clients.FindAsync(request.Realm, issuer, ct) is not { } client)
        {
            return new("client_not_found", SamlRefusal.InvalidRequest, "Cannot_match_source_hash");
        }

        request.Client = client;
        return Refuse(client);
    }

    /// <summary>Why nobody may sign in for the client.</summary>
    public static SamlRefusal? Refuse(Client client) =>
        !client.Enabled ? new("client_disabled", "loginRequesterNotEnabledMessage")
        : client.IsBearerOnly ? new("not_allowed", "bearerOnlyMessage")
        : !(client.Representation.StandardFlowEnabled ?? true) ? new("not_allowed", "standardFlowDisabledMessage")
        : client.Protocol != SignInProtocols.Saml ? new("invalid_client", "Wrong client protocol.")
        : null;
}
