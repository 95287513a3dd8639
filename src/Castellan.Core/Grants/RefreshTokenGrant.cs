using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Organizations;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Grants;

/// <summary>A refresh token (RFC 6749 §6), with rotation and the detection of reuse where the realm wants it (RFC 9700 §4.14.2).</summary>
public sealed class RefreshTokenGrant(ISessions sessions, ExchangedParts exchanged, IUserStore users, IClients clients, TimeProvider time) : IGrant
{
    public string Type => "refresh_token";

    public string EventType => EventTypes.RefreshToken;

    public async ValueTask<Result<GrantOutcome>> AuthorizeAsync(TokenRequest request, CancellationToken ct)
    {
        if (request.Form["refresh_token"] is not { } text)
        {
            return request.RefuseUnrecorded("invalid_request", "No refresh token");
        }

        // A scope that the client may ask for but was not granted is left out below; one that it may never ask for is a mistake.
        if (!request.Scopes().Ok(out _, out var unknown))
        {
            return unknown;
        }

        var realm = request.Realm;
        var client = request.Client;
        if (OwnToken.ReadOnce(realm, text, request.Issuer) is not { IsRefreshToken: true, SessionId: not null, Id: not null } token)
        {
            return Invalid(request, "Invalid refresh token");
        }

        var now = time.GetUtcNow();
        if (token.IsBefore(realm.Settings.NotBefore))
        {
            return Invalid(request, "Stale token");
        }

        if (!token.IsActive(now.ToUnixTimeSeconds()))
        {
            return Invalid(request, "Token is not active");
        }

        if (token.AuthorizedParty != client.ClientId)
        {
            return Invalid(request, "Invalid refresh token. Token client and authorized client don't match");
        }

        // RFC 8705 §4: bound to a certificate where the client is, and to the one that it was given with in any case.
        if ((client.BindsToCertificates || token.X5tS256 is not null) && (token.X5tS256 is null || token.X5tS256 != request.CertificateThumbprint))
        {
            return request.RefuseSaying(
                "not_allowed", "unauthorized_client", "Client certificate missing, or its thumbprint and one in the refresh token did NOT match", 401);
        }

        if (token.Jkt is { } jkt && jkt != request.DPoPThumbprint)
        {
            return Invalid(request, request.DPoPThumbprint is null ? "DPoP proof is missing" : "DPoP confirmation doesn't match DPoP proof");
        }

        // From here on it is known whose it is; its person is named when all of it is found to be in order.
        request.Event.SessionId = token.SessionId;
        request.Event.With("refresh_token_id", token.Id).With("refresh_token_type", token.Type).With("refresh_token_sub", token.Subject);
        var offline = token.Type == "Offline";
        var milliseconds = now.ToUnixTimeMilliseconds();
        if (await sessions.FindAsync(realm.Id, token.SessionId, offline, ct) is not { } session)
        {
            return Invalid(request, offline ? "Offline user session not found" : "Session not active");
        }

        if (!SessionLifetimes.IsAlive(realm, session, milliseconds))
        {
            return Invalid(request, offline ? "Offline session not active" : "Session not active");
        }

        if (await users.FindAsync(realm.Id, session.UserId, ct) is not { } user)
        {
            return Invalid(request, "Invalid refresh token");
        }

        if (!user.Enabled)
        {
            return Invalid(request, "User disabled");
        }

        if (token.IsBefore(session))
        {
            return Invalid(request, "Refresh token issued before the user session started");
        }

        if (session.Client(client.Id) is not { } part)
        {
            return Invalid(request, "Session doesn't have required client");
        }

        if (!SessionLifetimes.IsAlive(realm, client, session, part, milliseconds))
        {
            return Invalid(request, "Client session not active");
        }

        if (token.IsBefore(part))
        {
            return Invalid(request, "refresh token issued before the client session started");
        }

        if (token.IsBefore(client.Representation.NotBefore) || token.IsBefore(user.Representation.NotBefore))
        {
            return Invalid(request, "Stale token");
        }

        if (offline && !Scopes.MayBeOffline(client, GrantedRoles.Of(realm, user)))
        {
            return Invalid(request, "Offline session invalid because offline access not granted anymore");
        }

        // RFC 8693: what an exchange narrowed stays narrow, and nobody gets tokens for a client that was disabled since (CVE-2026-93999).
        if (token.RequestedAudience is { } audience
            && (await RequestedAudience.FindAsync(clients, realm, audience, ct)).FirstOrDefault(a => a.Client is not { Enabled: true }) is { Name: { } gone })
        {
            return Invalid(request, $"Requested audience not available: {gone}");
        }

        // §6: never more than was granted before; less is possible.
        var scope = Narrow(token.Scope, request.Form.Value("scope"));
        var scopes = Scopes.Restore(client, scope);
        var answered = offline && scope != token.Scope ? Scopes.Restore(client, token.Scope) : null;
        if (!await Consents.StandAsync(users, user, answered ?? scopes, ct))
        {
            return request.RefuseWithoutConsent("invalid_token");
        }

        var isOld = token.IssuedAt < part.LastAccess / 1000;
        part = part with { LastAccess = milliseconds };
        var next = Ids.New();
        string? chain = null;
        if (realm.Settings.RevokeRefreshToken == true)
        {
            chain = token.ReuseId ?? token.Id;
            if (!await sessions.RotateAsync(realm.Id, part, chain, read => RefreshChain.After(read, chain, token.Id, next, realm.Settings.RefreshTokenMaxReuse ?? 0, isOld), ct))
            {
                var isPast = isOld && (await sessions.FindChainAsync(part, chain, ct))?.IsPast(token.Id) is true;
                // Somebody has an old token. Whoever it is, the whole family ends.
                await exchanged.EndAsync(realm, session, client.ClientId, request.Event, ct);
                await sessions.DetachAsync(realm.Id, session.Id, client.Id, offline, ct);
                return Invalid(request, isPast ? "Stale token" : "Maximum allowed refresh token reuse exceeded");
            }
        }
        else if (!await sessions.AttachAsync(realm.Id, part, ct))
        {
            return Invalid(request, offline ? "Offline user session not found" : "Session not active");
        }

        request.Event.UserId = user.Id;
        request.Event.With("age_of_refresh_token", (now.ToUnixTimeSeconds() - (token.IssuedAt ?? 0)).ToString());
        return new GrantOutcome(
            new Grant
            {
                Realm = realm,
                Client = client,
                User = user,
                Session = session with { LastAccess = milliseconds },
                ClientSession = part,
                Kind = offline ? SessionKind.Offline : SessionKind.Online,
                Scopes = scopes,
                AnsweredScopes = answered,
                RefreshScope = scope == token.Scope && token.Authorization is null ? null : token.Scope,
                Issuer = request.Issuer,
                GrantCode = "rt",
                Nonce = token.Nonce,
                Audience = token.RequestedAudience,
                Authorization = token.Authorization,
            },
            TokenKinds.Access | TokenKinds.Id | TokenKinds.Refresh)
        { ReuseId = chain, RefreshTokenId = next };
    }

    private static string? Narrow(string? granted, string? wanted)
    {
        if (wanted is null)
        {
            return granted;
        }

        var names = Scopes.Split(wanted);
        var kept = Scopes.Split(granted).Where(names.Contains);

        // All organizations, or the one without a name, are more than one by name.
        var wide = Scopes.Split(granted).Any(s => s == OrganizationScope.Name || OrganizationScope.IsEvery(s));
        return string.Join(' ', wide ? kept.Union(names.Where(OrganizationScope.Asks)) : kept);
    }

    private static ProtocolError Invalid(TokenRequest request, string why) => request.RefuseSaying("invalid_token", "invalid_grant", why);
}
