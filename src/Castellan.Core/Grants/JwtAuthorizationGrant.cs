using Castellan.Core.Brokering;
using Castellan.Core.Clients;
using Castellan.Core.Codes;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Grants;

/// <summary>
/// An assertion of an identity provider about somebody who is linked to it (RFC 7523 §2.1). Client and provider must both be set up for it. Each claim that
/// the check rests on must be there: an assertion without an audience, an end or an id is refused, not taken for one that counts everywhere, always or again.
/// Nobody is there to be asked: whoever could not sign in through the provider now gets nothing, nor does a client that asks for consent and has none. What
/// somebody has to do at their next sign-in (required actions) waits for that: it is about their password, address or device here, on none of which an assertion rests.
/// </summary>
public sealed class JwtAuthorizationGrant(UpstreamIdTokens idTokens, ProviderOrganizations organizations, IUserStore users, BruteForceGuard guard, IOneUse used, TimeProvider time) : IGrant
{
    /// <summary>The value of <c>grant_type</c>.</summary>
    public const string GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private const string Kind = "jwt-grant";
    private const int DefaultMaxSeconds = 300;
    private const string Google = "google";

    // An ID token of Google's counts for an hour, and is no assertion that was made for this.
    private const int GoogleMaxSeconds = 3600;

    private readonly AssertionClaims _claims = new(used, time);

    public string Type => GrantType;

    public string EventType => EventTypes.JwtAuthorizationGrant;

    public async ValueTask<Result<GrantOutcome>> AuthorizeAsync(TokenRequest request, CancellationToken ct)
    {
        var (realm, client) = (request.Realm, request.Client);
        if (request.Form["assertion"] is not { } text)
        {
            return Refuse(request, "invalid_request", "Missing parameter:assertion");
        }

        using var claims = Jws.TryParse(text, out var jws) == JoseFault.None ? jws!.Claims() : null;
        if (claims is null)
        {
            return Refuse(request, "invalid_request", "The provided assertion is not a valid JWT");
        }

        request.Event.With("identity_provider_issuer", claims.Text("iss")).With("identity_provider_user_id", claims.Text("sub"));
        if (client.IsPublic)
        {
            return Refuse(request, "invalid_request", "Public client not allowed to use authorization grant");
        }

        if (!client.Flag("oauth2.jwt.authorization.grant.enabled"))
        {
            return Refuse(request, "invalid_request", "JWT Authorization Grant is not supported for the requested client");
        }

        if (claims.Text("iss") is not { Length: > 0 } issuer)
        {
            return Refuse(request, "invalid_request", "Missing claim: iss");
        }

        if (claims.Text("sub") is not { Length: > 0 } subject)
        {
            return Refuse(request, "invalid_request", "Missing claim: sub");
        }

        var providers = await organizations.OpenAsync(realm, IdentityProviders.Of(realm).All.Where(p => p.Enabled && p.GrantsByAssertion && p.Issuers.Contains(issuer)), ct);
        if (providers.Count == 0)
        {
            return Refuse(request, "invalid_request", "No Identity Provider for provided issuer");
        }

        var allowed = client.Attribute("oauth2.jwt.authorization.grant.idp")?.Split(["##", ","], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (providers.Find(p => allowed.Contains(p.Alias)) is not { } provider)
        {
            return Refuse(request, "invalid_request", "Identity Provider is not allowed for the client");
        }

        request.Event.With("identity_provider", provider.Alias);
        if (provider.Setting("jwtAuthorizationGrantAssertionSignatureAlg") is { } algorithm && jws!.Header.Alg != algorithm)
        {
            return Refuse(request, "invalid_request", "Invalid signature algorithm");
        }

        if (await idTokens.FaultAsync(provider, jws!, ct) is not null)
        {
            return Refuse(request, "invalid_request", "Invalid signature");
        }

        // A provider that gives its tokens to its own clients only names us as that.
        string[] us = provider.ClientId is { } clientId && (provider.Kind == Google || provider.Flag("allowClientIdAsAudience"))
            ? [clientId] : [request.Issuer, $"{request.Issuer}/protocol/openid-connect/token"];
        var most = int.TryParse(provider.Setting("jwtAuthorizationGrantMaxAllowedAssertionExpiration"), out var set) && set > 0 ? set : provider.Kind == Google ? GoogleMaxSeconds : DefaultMaxSeconds;
        var usedBy = provider.Flag("jwtAuthorizationGrantAssertionReuseAllowed") ? null : provider.Alias;
        if (await _claims.CheckAsync(realm, claims, new(us.Contains, most, provider.ClockSkew, provider.ClockSkew, Kind, usedBy), ct) is { } wrong)
        {
            return Refuse(request, "invalid_request", wrong);
        }

        if (await users.FindByFederatedIdentityAsync(realm.Id, provider.Alias, subject, ct) is not { } user)
        {
            return Refuse(request, "invalid_request", "User not found");
        }

        request.Event.UserId = user.Id;
        request.Event.With("username", user.Username);
        if (!user.Enabled || await guard.IsLockedAsync(realm, user.Id, ct))
        {
            return Refuse(request, user.Enabled ? "user_temporarily_disabled" : "user_disabled", "User is not enabled");
        }

        if (!request.Scopes().Ok(out var scopes, out var error))
        {
            return error;
        }

        if (!await Consents.StandAsync(users, user, scopes.For(GrantedRoles.Of(realm, user)), ct))
        {
            return request.RefuseWithoutConsent("consent_denied");
        }

        var session = AccessTokens.Transient(realm, client, user, time.GetUtcNow().ToUnixTimeMilliseconds()) with { IpAddress = request.IpAddress };
        return new GrantOutcome(
            new Grant
            {
                Realm = realm, Client = client, User = user, Session = session, ClientSession = session.Clients[0], Kind = SessionKind.Transient, Scopes = scopes,
                Issuer = request.Issuer, GrantCode = "ag",
                AccessUntil = provider.Flag("jwtAuthorizationGrantLimitAccessTokenExp") ? claims.Seconds("exp") : null,
            },
            TokenKinds.Access | TokenKinds.Id);
    }

    private static ProtocolError Refuse(TokenRequest request, string eventError, string description) => request.RefuseSaying(eventError, "invalid_grant", description);
}
