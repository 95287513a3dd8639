using Castellan.Core.Clients;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Protocol.Errors;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Oidc;

/// <summary>Token revocation (RFC 7009). A revoked refresh token takes its client out of the session; the last client ends it.</summary>
internal sealed class RevocationEndpoint(ServerUrls urls, IClientAuthentication authentication, AccessTokens tokens, ISessions sessions, ExchangedParts exchanged, IEvents events)
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var endpoint = ActivatorUtilities.CreateInstance<RevocationEndpoint>(endpoints.ServiceProvider);
        endpoints.MapOidc(OidcRoutes.Protocol + "/revoke", "POST", endpoint.PostAsync);
    }

    private async Task PostAsync(HttpContext http, Realm realm)
    {
        var ct = http.RequestAborted;
        var address = urls.Issuer(http, realm);
        if (OidcRoutes.CheckRealm(http, realm, address) is { } closed)
        {
            Cors.AllowAny(http);
            await OAuthResults.ErrorAsync(http, realm, closed);
            return;
        }

        if (await RequestForm.ReadAsync(http) is not { } form)
        {
            await OAuthResults.ErrorAsync(http, realm, new("invalid_request", "The request is not a form, or too long"));
            return;
        }

        var happened = OidcRoutes.Event(http, EventTypes.RevokeGrant);
        if (!(await authentication.AuthenticateAsync(OidcRoutes.Proof(http, realm, form, urls, happened, ClientEndpoint.Revocation), ct)).Ok(out var client, out var error))
        {
            Cors.AllowAny(http);
            await events.RecordAsync(realm, happened, ct);
            await OAuthResults.ErrorAsync(http, realm, error);
            return;
        }

        if (!Cors.AllowClient(http, client.Client))
        {
            await JsonAnswers.ErrorAsync(http, StatusCodes.Status403Forbidden, "Invalid origin", realm);
            return;
        }

        if (client.Client.IsBearerOnly)
        {
            await OAuthResults.ErrorAsync(http, realm, new("invalid_client", "Bearer-only not allowed"));
            return;
        }

        if (form.Repeated() is not null)
        {
            await OAuthResults.ErrorAsync(http, realm, new("invalid_request", "duplicated parameter"));
            return;
        }

        if (form["token"] is not { } text)
        {
            await RefuseSayingAsync(http, realm, happened, "invalid_request", new("invalid_request", "Token not provided"), ct);
            return;
        }

        if (OwnToken.Read(realm, text, address) is not { } token)
        {
            // §2.2: not the client's fault, so the status is 200; Keycloak says why in the body.
            await RefuseAsync(http, realm, happened, "invalid_token", new("invalid_token", "Invalid token", 200), ct);
            return;
        }

        if (!token.IsAccessToken && !token.IsRefreshToken)
        {
            await RefuseSayingAsync(http, realm, happened, "invalid_token_type", new("unsupported_token_type", "Unsupported token type"), ct);
            return;
        }

        if (token.AuthorizedParty != client.Client.ClientId)
        {
            await RefuseSayingAsync(http, realm, happened, "invalid_request", new("invalid_request", "Unmatching clients"), ct);
            return;
        }

        if (!await tokens.HasSessionAsync(realm, client.Client, token, ct))
        {
            await RefuseAsync(http, realm, happened, "user_session_not_found", new("invalid_token", "Invalid token", 200), ct);
            return;
        }

        if (token.IsAccessToken)
        {
            happened.UserId = token.Subject;
            await tokens.RevokeAsync(realm, token, ct);
            if (token.SessionId is { } from && await sessions.FindAsync(realm.Id, from, token.IsOffline == true, ct) is { } session)
            {
                // The token may name its person otherwise, or not at all.
                happened.UserId = session.UserId;
                await exchanged.EndAsync(realm, session, client.Client.ClientId, happened, ct);
            }

            await events.RecordAsync(realm, happened.With("token_id", token.Id), ct);
        }
        else if (token.SessionId is { } sid)
        {
            await EndAsync(realm, client.Client, token, sid, happened, ct);
        }

        await OAuthResults.EmptyAsync(http, realm, StatusCodes.Status200OK);
    }

    private async ValueTask EndAsync(Realm realm, Client client, OwnToken token, string sid, LoginEvent happened, CancellationToken ct)
    {
        happened.SessionId = sid;
        // The online session goes with the offline one, so that the access tokens of both end (RFC 7009 §2.1).
        foreach (var offline in token.Type == "Offline" ? (bool[])[true, false] : [false])
        {
            if (await sessions.FindAsync(realm.Id, sid, offline, ct) is { } session)
            {
                happened.UserId = session.UserId;
                await exchanged.EndAsync(realm, session, client.ClientId, happened, ct);
                await sessions.DetachAsync(realm.Id, sid, client.Id, offline, ct);
                if (await sessions.FindAsync(realm.Id, sid, offline, ct) is { Clients.Count: 0 })
                {
                    await sessions.DeleteAsync(realm.Id, sid, offline, ct);
                }
            }
        }

        await events.RecordAsync(
            realm, happened.With("refresh_token_id", token.Id).With("refresh_token_type", token.Type).With("revoked_client", client.ClientId), ct);
    }

    /// <summary>A refusal with the description as the event's reason.</summary>
    private Task RefuseSayingAsync(HttpContext http, Realm realm, LoginEvent happened, string eventError, ProtocolError error, CancellationToken ct) =>
        RefuseAsync(http, realm, happened.With("reason", error.Description), eventError, error, ct);

    private async Task RefuseAsync(HttpContext http, Realm realm, LoginEvent happened, string eventError, ProtocolError error, CancellationToken ct)
    {
        await events.RecordAsync(realm, happened.Failed(eventError), ct);
        await OAuthResults.ErrorAsync(http, realm, error);
    }
}
