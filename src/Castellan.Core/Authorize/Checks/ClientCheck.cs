using Castellan.Core.Clients;

namespace Castellan.Core.Authorize.Checks;

/// <summary>The client exists, is enabled, speaks OpenID Connect and may sign people in.</summary>
public sealed class ClientCheck(IClients clients) : IAuthorizeCheck
{
    public async ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct)
    {
        if (request["client_id"] is not { } id)
        {
            return AuthorizeRefusal.Page("invalid_request", AuthorizeRefusal.InvalidRequest);
        }

        if (id.Length > 255 || await clients.FindAsync(request.Realm, id, ct) is not { } client)
        {
            return AuthorizeRefusal.Page("client_not_found", "clientNotFoundMessage");
        }

        request.Client = client;
        return !client.Enabled ? AuthorizeRefusal.Page("client_disabled", "clientDisabledMessage")
            : client.IsBearerOnly ? AuthorizeRefusal.PageWithStatus(403, "not_allowed", "bearerOnlyMessage")
            : client.Protocol != "openid-connect" ? AuthorizeRefusal.Page("invalid_client", "Wrong client protocol.")
            : null;
    }
}
