using Castellan.Core.Brokering;
using Castellan.Core.Codes;
using Castellan.Core.Events;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Grants;

/// <summary>
/// An assertion of an identity provider about somebody who is linked to it (RFC 7523 §2.1). Client and provider must both be set up for it. Each claim that
/// the check rests on must be there: an assertion without an audience, an end or an id is refused, not taken for one that counts everywhere, always or again.
/// </summary>
public sealed class JwtAuthorizationGrant(UpstreamIdTokens idTokens, IUserStore users, IOneUse used, TimeProvider time) : IGrant
{
    private const string Kind = "jwt-grant";
    private const int DefaultMaxSeconds = 300;

    public string Type => "urn:ietf:params:oauth:grant-type:jwt-bearer";

    public string EventType => EventTypes.JwtAuthorizationGrant;

    public async ValueTask<Result<GrantOutcome>> AuthorizeAsync(TokenRequest request, CancellationToken ct)
    {
        var (realm, client) = (request.Realm, request.Client);
        if (client.IsPublic || !client.Flag("oauth2.jwt.authorization.grant.enabled"))
        {
            return Refuse(request, "not_allowed", "JWT Authorization Grant is not supported for the requested client");
        }

        if (request.Form.Value("assertion") is not { } text || Jws.TryParse(text, out var jws) != JoseFault.None)
        {
            return Refuse(request, "invalid_request", "The provided assertion is not a valid JWT");
        }

        using var claims = jws!.Claims();
        if (claims?.Text("iss") is not { Length: > 0 } issuer || claims.Text("sub") is not { Length: > 0 } subject)
        {
            return Refuse(request, "invalid_request", "The provided assertion is not a valid JWT");
        }

        var allowed = client.Attribute("oauth2.jwt.authorization.grant.idp")?.Split(["##", ","], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (IdentityProviders.Of(realm).All.FirstOrDefault(p => p.Enabled && p.GrantsByAssertion && p.Issuers.Contains(issuer) && allowed.Contains(p.Alias)) is not { } provider)
        {
            return Refuse(request, "invalid_request", "No Identity Provider for provided issuer");
        }

        request.Event.With("identity_provider", provider.Alias);
        if (await idTokens.FaultAsync(provider, jws, ct) is not null)
        {
            return Refuse(request, "invalid_signature", "Invalid signature");
        }

        if (!claims.HasAudience(request.Issuer) && !claims.HasAudience($"{request.Issuer}/protocol/openid-connect/token"))
        {
            return Refuse(request, "invalid_token", "Invalid token audience");
        }

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var most = int.TryParse(provider.Setting("jwtAuthorizationGrantMaxAllowedAssertionExpiration"), out var set) && set > 0 ? set : DefaultMaxSeconds;
        if (claims.Seconds("exp") is not { } exp || exp + provider.ClockSkew <= now || (claims.Seconds("nbf") is { } from && from > now + provider.ClockSkew)
            || claims.Seconds("iat") is not { } issued || issued > now + provider.ClockSkew)
        {
            return Refuse(request, "invalid_token", "Token is not active");
        }

        if (exp > now + most + provider.ClockSkew)
        {
            return Refuse(request, "invalid_token", "Token expiration is too far in the future");
        }

        if (claims.Text("jti") is not { Length: > 0 and <= 255 } id)
        {
            return Refuse(request, "invalid_token", "Token jti claim is required");
        }

        if (!await used.TryAddAsync(realm.Id, Kind, $"{provider.Alias} {id}", (exp + provider.ClockSkew + 1) * 1000, ct) && !provider.Flag("jwtAuthorizationGrantAssertionReuseAllowed"))
        {
            return Refuse(request, "invalid_token", "Token reuse detected");
        }

        if (await users.FindByFederatedIdentityAsync(realm.Id, provider.Alias, subject, ct) is not { } user)
        {
            return Refuse(request, "user_not_found", "User not found");
        }

        request.Event.UserId = user.Id;
        request.Event.With("username", user.Username);
        if (!user.Enabled)
        {
            return Refuse(request, "user_disabled", "User is not enabled");
        }

        if (!request.Scopes().Ok(out var scopes, out var error))
        {
            return error;
        }

        var session = AccessTokens.Transient(realm, client, user, time.GetUtcNow().ToUnixTimeMilliseconds()) with { IpAddress = request.IpAddress };
        return new GrantOutcome(
            new Grant
            {
                Realm = realm, Client = client, User = user, Session = session, ClientSession = session.Clients[0], Kind = SessionKind.Transient, Scopes = scopes,
                Issuer = request.Issuer, GrantCode = "ag",
            },
            TokenKinds.Access);
    }

    private static ProtocolError Refuse(TokenRequest request, string eventError, string description)
    {
        request.Event.With("reason", description);
        return request.Refuse(eventError, "invalid_grant", description);
    }
}
