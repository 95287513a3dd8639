using Castellan.Core.Clients;

namespace Castellan.Core.Authorize.Checks;

/// <summary>The client exists, is enabled, speaks OpenID Connect and may sign people in.</summary>
public sealed class ClientCheck(IClients clients) : IAuthorizeCheck
{
    private const string WrongProtocol = "Wrong client protocol.";

    public async ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct)
    {
        if (request["client_id"] is not { } id)
        {
            return AuthorizeRefusal.PageWithReason("invalid_request", AuthorizeRefusal.InvalidRequest, "Parameter 'client_id' not present or present multiple times in the HTTP request parameters");
        }

        if (id.Length > 255 || await clients.FindAsync(request.Realm, id, ct) is not { } client)
        {
            return AuthorizeRefusal.Page("client_not_found", "clientNotFoundMessage");
        }

        request.Client = client;
        return !client.Enabled ? AuthorizeRefusal.Page("client_disabled", "clientDisabledMessage")
            : client.IsBearerOnly ? AuthorizeRefusal.PageWithStatus(403, "not_allowed", "bearerOnlyMessage")
            : client.Protocol != "openid-connect" ? AuthorizeRefusal.PageWithReason("invalid_client", WrongProtocol, WrongProtocol)
            : null;
    }
}
