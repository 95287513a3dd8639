using System.Buffers;
using System.Text.Json;
using Castellan.Core.Authorization.Requesting;
using Castellan.Core.Clients;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Events;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Protocol.Errors;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Oidc;

/// <summary>Token introspection (RFC 7662).</summary>
internal sealed class IntrospectionEndpoint(ServerUrls urls, IClientAuthentication authentication, AccessTokens tokens, TokenIssuer issuer, ISessions sessions, IEvents events, OrganizationMemberships memberships, Features features)
{
    // UMA 2.0 Federated Authorization §5: what the token permits, and nothing of its person.
    private const string RequestingParty = "requesting_party_token";

    private static readonly byte[] s_inactive = "{\"active\":false}"u8.ToArray();

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var endpoint = ActivatorUtilities.CreateInstance<IntrospectionEndpoint>(endpoints.ServiceProvider);
        endpoints.MapOidc(OidcRoutes.Protocol + "/token/introspect", "POST", endpoint.PostAsync);
    }

    private async Task PostAsync(HttpContext http, Realm realm)
    {
        var ct = http.RequestAborted;
        var address = urls.Issuer(http, realm);
        if (OidcRoutes.CheckRealm(http, realm, address) is { } closed)
        {
            await OAuthResults.ErrorAsync(http, realm, closed);
            return;
        }

        if (await RequestForm.ReadAsync(http) is not { } form)
        {
            await OAuthResults.ErrorAsync(http, realm, new("invalid_request", "The request is not a form, or too long"));
            return;
        }

        var happened = OidcRoutes.Event(http, EventTypes.IntrospectToken);
        if (!(await authentication.AuthenticateAsync(OidcRoutes.Proof(http, realm, form, urls, happened, ClientEndpoint.Introspection), ct)).Ok(out var client, out var error))
        {
            await events.RecordAsync(realm, happened, ct);
            await OAuthResults.ErrorAsync(http, realm, error.Code == "unauthorized_client" ? new("invalid_client", "Client authentication failed.", 401) : error);
            return;
        }

        if (client.Client.IsPublic)
        {
            await RefuseAsync(http, realm, happened, new("invalid_request", "Client not allowed.", 403), ct);
            return;
        }

        if (form.Repeated() is not null)
        {
            await RefuseAsync(http, realm, happened, new("invalid_request", "duplicated parameter"), ct);
            return;
        }

        if (form["token"] is not { } text)
        {
            await RefuseAsync(http, realm, happened, new("invalid_request", "Token not provided."), ct);
            return;
        }

        var hint = form["token_type_hint"];
        if (hint is not (null or "access_token" or "refresh_token" or RequestingParty) || (hint == RequestingParty && !features.Has("authorization")))
        {
            await RefuseAsync(http, realm, happened, new("invalid_request", $"Unsupported token type [{hint}]."), ct);
            return;
        }

        if (await FindAsync(realm, client.Client, text, hint, address, happened, ct) is not { } valid
            || (hint == RequestingParty ? OfRequestingParty(valid.Token) : await AnswerAsync(http, realm, client.Client, valid, ct)) is not { } answer)
        {
            if (happened.Error is null)
            {
                happened.With("reason", "Access token JWT check failed").Failed("invalid_token");
            }

            await events.RecordAsync(realm, happened, ct);
            await OAuthResults.JsonAsync(http, realm, s_inactive);
            return;
        }

        await events.RecordAsync(realm, happened, ct);
        await OAuthResults.JsonAsync(http, realm, answer);
    }

    /// <summary>The token, if it counts and is this client's business; what is against it stands in the event.</summary>
    private async ValueTask<ValidToken?> FindAsync(Realm realm, Client client, string text, string? hint, string address, LoginEvent happened, CancellationToken ct)
    {
        if (OwnToken.Read(realm, text, address) is not { } token || !IsFor(client, token, hint))
        {
            return null;
        }

        happened.With("token_id", token.Id).With("token_type", token.Type).With("token_issued_for", token.AuthorizedParty);
        var (valid, refused) = await tokens.JudgeAsync(realm, token, ct);
        if (refused is not null)
        {
            Note(happened, token, refused);
            return null;
        }

        happened.UserId = valid!.User.Id;
        happened.SessionId = token.SessionId;
        if (await MayBeUsedAsync(realm, valid, ct))
        {
            return valid;
        }

        happened.With("reason", $"Realm revoke refresh token, token type is {token.Type} and token is not eligible for introspection").Failed("invalid_token");
        return null;
    }

    /// <summary>A refresh token is only for its own client, which says that it is one; any other for the clients in its audience.</summary>
    private static bool IsFor(Client client, OwnToken token, string? hint) =>
        token.IsRefreshToken ? hint == "refresh_token" && token.AuthorizedParty == client.ClientId
        : hint == RequestingParty ? token is { IsAccessToken: true, Authorization.ValueKind: JsonValueKind.Object } && IsForAny(client, token.Audience)
        : token.IsLightweight || IsForAny(client, token.Audience);

    private static bool IsForAny(Client client, object? audience) => client.Flag("allow.token.introspection.without.audience.check")
        || (audience is string one ? one == client.ClientId : audience is IEnumerable<string> several && several.Contains(client.ClientId));

    /// <summary>Why the token does not count, in Keycloak's words.</summary>
    private static void Note(LoginEvent happened, OwnToken token, RefusedToken refused)
    {
        var party = token.AuthorizedParty;
        if (refused.Fault is TokenFault.Unknown)
        {
            return;
        }

        if (refused.Fault is TokenFault.NoSession or TokenFault.BeforeSession or TokenFault.NoUser or TokenFault.UserStale or TokenFault.UserDisabled or TokenFault.NotOffline)
        {
            (happened.SessionId, happened.UserId) = (token.SessionId, refused.User?.Id);
        }

        var ofUser = token.SessionId is { } session ? $"Could not find valid user from user session {session}" : null;
        var (error, reason) = refused.Fault switch
        {
            TokenFault.NoClient => ("client_not_found", $"Could not find client for {party}"),
            TokenFault.ClientDisabled => ("client_disabled", $"Client with clientId {party} is disabled"),
            TokenFault.NoSession => ("user_session_not_found", $"Introspection access token for {party} client: user_session_not_found"),
            TokenFault.BeforeSession => ("invalid_token", $"Introspection access token for {party} client: invalid_token"),
            TokenFault.NoUser => ("user_not_found", ofUser ?? $"Introspection access token for {party} client: user_not_found"),
            TokenFault.UserStale or TokenFault.UserDisabled => ("user_disabled", ofUser ?? $"Introspection access token for {party} client: user_disabled"),
            TokenFault.NotOffline => ("session_expired", "Offline session invalid because offline access not granted anymore"),
            _ => ("invalid_token", $"Introspection access token for {party} client: JWT check failed"),
        };
        happened.With("reason", reason).Failed(error);
    }

    /// <summary>Under rotation a refresh token that was used up is none (RFC 9700 §4.14.2). To ask is no use of it.</summary>
    private async ValueTask<bool> MayBeUsedAsync(Realm realm, ValidToken valid, CancellationToken ct)
    {
        if (valid.Token is not { IsRefreshToken: true, Id: { } id } || realm.Settings.RevokeRefreshToken != true)
        {
            return true;
        }

        var chain = valid.Token.ReuseId ?? id;
        var isOld = valid.Token.IssuedAt < valid.ClientSession.LastAccess / 1000;
        return RefreshChain.After(await sessions.FindChainAsync(valid.ClientSession, chain, ct), chain, id, "", realm.Settings.RefreshTokenMaxReuse ?? 0, isOld) is not null;
    }

    /// <summary>
    /// What there is to say of the token; null when it is not this client's business after all: the audience of a lightweight token is what its mappers say
    /// now, since it carries none.
    /// </summary>
    private async ValueTask<byte[]?> AnswerAsync(HttpContext http, Realm realm, Client client, ValidToken valid, CancellationToken ct)
    {
        var token = valid.Token;
        // RFC 9701 in Keycloak's form: the answer stays JSON and carries the token as one of its members.
        var withJwt = client.Flag("client.introspection.response.allow.jwt.claim.enabled") && http.Request.Headers.Accept == "application/jwt";
        if (!withJwt && token.Answers.Find(TokenAnswerKind.Introspection, valid, client) is { } known)
        {
            return known;
        }

        var grant = await memberships.CompleteAsync(valid.ToGrant(realm), ct);
        var claims = issuer.Introspection(grant, token);
        if (token.IsLightweight && !IsForAny(client, claims["aud"]))
        {
            return null;
        }

        var answer = Write(valid, claims, withJwt ? await issuer.SignAsync(grant, claims, ct) : null);
        if (!withJwt && !grant.Scopes.NamesOrganizations)
        {
            token.Answers.Keep(TokenAnswerKind.Introspection, valid, client, answer);
        }

        return answer;
    }

    /// <summary>What a requesting party token permits.</summary>
    private static byte[] OfRequestingParty(OwnToken token)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(body, JsonAnswers.Plain))
        {
            var claims = new Claims();
            claims.Set("active", true);
            claims.Set("permissions", GrantedPermissions.Introspected(token.Authorization));
            claims.Set("exp", token.Expires);
            claims.Set("nbf", token.NotBefore);
            claims.Set("iat", token.IssuedAt);
            claims.Set("aud", token.Audience is [var only] ? only : token.Audience);
            claims.Set("jti", token.Id);
            claims.Set("acr", token.Acr);
            claims.Set("typ", token.Type);
            claims.WriteTo(json);
        }

        return body.WrittenSpan.ToArray();
    }

    private static byte[] Write(ValidToken valid, Claims claims, string? jwt)
    {
        claims.Set("client_id", claims["azp"]);
        claims.Set("username", claims["username"] ?? claims["preferred_username"] as string ?? valid.User.Username);
        if (valid.Session.Notes.GetValueOrDefault("IMPERSONATOR_USERNAME") is { } actor)
        {
            var act = new Claims();
            act.Set("sub", actor);
            claims.Set("act", act);
        }

        claims.Set("token_type", valid.Token.Type);
        claims.Set("active", true);
        claims.Set("jwt", jwt);
        var body = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(body, JsonAnswers.Plain))
        {
            claims.WriteTo(json);
        }

        return body.WrittenSpan.ToArray();
    }

    private async Task RefuseAsync(HttpContext http, Realm realm, LoginEvent happened, ProtocolError error, CancellationToken ct)
    {
        await events.RecordAsync(realm, happened.With("detail", error.Description).Failed(error.Code), ct);
        await OAuthResults.ErrorAsync(http, realm, error);
    }
}
