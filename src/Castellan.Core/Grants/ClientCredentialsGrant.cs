using Castellan.Core.Events;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Grants;

/// <summary>A client for itself (RFC 6749 §4.4), as its service account. No session is stored unless the client wants refresh tokens.</summary>
public sealed class ClientCredentialsGrant(IUserStore users, TimeProvider time) : IGrant
{
    public string Type => "client_credentials";

    public string EventType => EventTypes.ClientLogin;

    public string? RefreshSwitch => null;

    public async ValueTask<Result<GrantOutcome>> AuthorizeAsync(TokenRequest request, CancellationToken ct)
    {
        var client = request.Client;
        if (client.IsPublic)
        {
            return request.RefuseSaying("invalid_client", "unauthorized_client", "Public client not allowed to retrieve service account", 401);
        }

        if (client.Representation.ServiceAccountsEnabled != true)
        {
            return request.RefuseSaying("invalid_client", "unauthorized_client", "Client not enabled to retrieve service account", 401);
        }

        if (await users.FindServiceAccountAsync(request.Realm.Id, client.Id, ct) is not { } user)
        {
            return request.RefuseSaying("user_not_found", "invalid_request", "The associated service account for the client does not exist", 401);
        }

        request.Event.With("username", user.Username);
        request.Event.UserId = user.Id;
        if (!user.Enabled)
        {
            return request.RefuseSaying("user_disabled", "invalid_request", $"User '{user.Username}' disabled", 401);
        }

        if (!request.Scopes().Ok(out var scopes, out var error))
        {
            return error;
        }

        var stays = client.Flag("client_credentials.use_refresh_token");
        var address = request.IpAddress ?? "";
        var session = AccessTokens.Transient(request.Realm, client, user, time.GetUtcNow().ToUnixTimeMilliseconds(), new Dictionary<string, string>
        {
            ["client_id"] = client.ClientId,
            ["clientId"] = client.ClientId, // what mappers of older realms ask for
            ["clientHost"] = address,
            ["clientAddress"] = address,
        }) with
        { IpAddress = request.IpAddress };
        return new GrantOutcome(
            new Grant
            {
                Realm = request.Realm,
                Client = client,
                User = user,
                Session = session,
                ClientSession = session.Clients[0],
                Kind = stays ? SessionKind.Online : SessionKind.Transient,
                Scopes = scopes,
                Issuer = request.Issuer,
                GrantCode = "cc",
            },
            stays ? TokenKinds.Access | TokenKinds.Id | TokenKinds.Refresh : TokenKinds.Access | TokenKinds.Id)
        { IsNewSession = stays };
    }
}
