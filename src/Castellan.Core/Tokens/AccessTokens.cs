using System.Collections.ObjectModel;
using Castellan.Core.Clients;
using Castellan.Core.Codes;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Tokens;

/// <summary>A token that counts here and now, with whom it speaks for.</summary>
/// <param name="Session">Made up for tokens that have no session.</param>
public sealed record ValidToken(OwnToken Token, Client Client, User User, UserSession Session, ClientSession ClientSession, SessionKind Kind)
{
    /// <summary>
    /// Whether to bring it is enough. What is bound to a key or a certificate proves nothing by being shown (RFC 9449 §7.1, RFC 8705 §3), and of a client
    /// that binds its tokens nobody takes one that is not.
    /// </summary>
    public bool IsForBearers => Token is { Confirmation: null, Type: not "DPoP" } && !Client.BindsToCertificates && !Client.BindsToKeys;

    /// <summary>The grant that the token stands for, to run the mappers again.</summary>
    public Grant ToGrant(Realm realm) => new()
    {
        Realm = realm,
        Client = Client,
        User = User,
        Session = Session,
        ClientSession = ClientSession,
        Kind = Kind,
        Scopes = Tokens.Scopes.Restore(Client, Token.Scope).For(GrantedRoles.Of(realm, User)),
        Issuer = Token.Issuer!,
        GrantCode = "na",
        Nonce = Token.Nonce,
        PassingClient = Token.PassingClient,
        Audience = Token.RequestedAudience,
    };
}

/// <summary>
/// Whether a token of a realm still counts: signed, in time, not revoked, and realm, client, user and session are there and enabled. Every endpoint that
/// takes a token asks here, so that none can forget one of these.
/// </summary>
public sealed class AccessTokens(IClients clients, IUserStore users, ISessions sessions, IOneUse oneUse, TimeProvider time)
{
    private static readonly ProtocolError s_invalid = new("invalid_token", "Token verification failed", 401);
    private static readonly ProtocolError s_clientDisabled = new("invalid_token", "Client disabled", 401);
    private static readonly ProtocolError s_userDisabled = new("invalid_token", "User disabled", 401);
    private static readonly ProtocolError s_noSession = new("invalid_token", "user_session_not_found", 401);
    private static readonly ProtocolError s_beforeSession = new("invalid_token", "invalid_token", 401);

    /// <summary>Checks an access token.</summary>
    public ValueTask<Result<ValidToken>> CheckAsync(Realm realm, string token, string issuer, CancellationToken ct = default) =>
        OwnToken.Read(realm, token, issuer) is { IsAccessToken: true } read ? CheckAsync(realm, read, ct) : new(s_invalid);

    /// <summary>Checks a token of any type that was read before.</summary>
    public async ValueTask<Result<ValidToken>> CheckAsync(Realm realm, OwnToken token, CancellationToken ct = default)
    {
        var judged = await JudgeAsync(realm, token, ct);
        return judged.Valid is { } valid ? valid : judged.Refused!.Error;
    }

    /// <summary>The same for whoever writes down what was against it: exactly one of both is there.</summary>
    public async ValueTask<(ValidToken? Valid, RefusedToken? Refused)> JudgeAsync(Realm realm, OwnToken token, CancellationToken ct = default)
    {
        var now = time.GetUtcNow();
        if (!realm.Enabled || token.AuthorizedParty is not { } party || token.Type == Ciba.ChannelTokens.Type)
        {
            return Refused(TokenFault.Unknown, s_invalid);
        }

        var client = await clients.FindAsync(realm, party, ct);
        if (!token.IsActive(now.ToUnixTimeSeconds()) || token.IsBefore(realm.Settings.NotBefore))
        {
            return Refused(token.IsActive(now.ToUnixTimeSeconds()) ? TokenFault.Stale : TokenFault.NotActive, s_invalid, client);
        }

        if (client is null)
        {
            return Refused(TokenFault.NoClient, s_invalid);
        }

        if (token.IsBefore(client.Representation.NotBefore))
        {
            return Refused(TokenFault.Stale, s_invalid, client);
        }

        if (token.Id is { } id && await IsRevokedAsync(realm, id, ct))
        {
            return Refused(TokenFault.Revoked, s_invalid, client);
        }

        if (!client.Enabled)
        {
            return Refused(TokenFault.ClientDisabled, s_clientDisabled, client);
        }

        UserSession? session = null;
        ClientSession? part = null;
        User? user;
        if (token.SessionId is { } sid)
        {
            (session, part, var isBefore) = await FindSessionAsync(realm, client, token, sid, now.ToUnixTimeMilliseconds(), ct);
            if (session is null || part is null)
            {
                return isBefore ? Refused(TokenFault.BeforeSession, s_beforeSession, client) : Refused(TokenFault.NoSession, s_noSession, client);
            }

            user = await users.FindAsync(realm.Id, session.UserId, ct);
        }
        else
        {
            // No session: a service account, named by the token or, without the scope `basic`, by its client.
            user = token.Subject is { } subject ? await users.FindAsync(realm.Id, subject, ct) : null;
            user ??= token.IsForAnother ? null : await users.FindServiceAccountAsync(realm.Id, client.Id, ct);
        }

        if (user is null || token.IsBefore(user.Representation.NotBefore))
        {
            return Refused(user is null ? TokenFault.NoUser : TokenFault.UserStale, s_invalid, client, user);
        }

        if (!user.Enabled)
        {
            return Refused(TokenFault.UserDisabled, s_userDisabled, client, user);
        }

        if (session is { Offline: true } && !MayStayOffline(realm, client, user, token))
        {
            return Refused(TokenFault.NotOffline, s_noSession, client, user);
        }

        session ??= Transient(realm, client, user, now.ToUnixTimeMilliseconds());
        part ??= session.Clients[0];
        var kind = token.SessionId is null ? SessionKind.Transient : session.Offline ? SessionKind.Offline : SessionKind.Online;
        return (new ValidToken(token, client, user, session, part, kind), null);
    }

    /// <summary>Whether the session that a token came from lives on, whatever else is to be said of the token; so it is where it came from none.</summary>
    public async ValueTask<bool> HasSessionAsync(Realm realm, Client client, OwnToken token, CancellationToken ct = default) =>
        token.SessionId is not { } sid || (await FindSessionAsync(realm, client, token, sid, time.GetUtcNow().ToUnixTimeMilliseconds(), ct)).Session is not null;

    /// <summary>Makes a token count no longer, for as long as it would have.</summary>
    public async ValueTask RevokeAsync(Realm realm, OwnToken token, CancellationToken ct = default)
    {
        if (token.Id is { } id)
        {
            var until = (token.Expires ?? time.GetUtcNow().AddYears(10).ToUnixTimeSeconds()) * 1000 + 1000;
            await oneUse.PutAsync(realm.Id, OneUseKinds.RevokedToken, id, "", until, ct);
        }
    }

    /// <summary>A session that exists for one request only, for a service account.</summary>
    public static UserSession Transient(Realm realm, Client client, User user, long now, IReadOnlyDictionary<string, string>? notes = null)
    {
        var id = Secret.Base64Url(18);
        return new()
        {
            Id = id,
            RealmId = realm.Id,
            UserId = user.Id,
            LoginUsername = user.Username,
            Started = now,
            LastAccess = now,
            Notes = notes ?? ReadOnlyDictionary<string, string>.Empty,
            Clients = [new ClientSession { SessionId = id, ClientId = client.Id, Started = now, LastAccess = now }],
        };
    }

    private static (ValidToken?, RefusedToken) Refused(TokenFault fault, ProtocolError error, Client? client = null, User? user = null) =>
        (null, new RefusedToken(fault, error, client, user));

    private async ValueTask<bool> IsRevokedAsync(Realm realm, string id, CancellationToken ct) =>
        await oneUse.FindAsync(realm.Id, OneUseKinds.RevokedToken, id, ct) is not null;

    private async ValueTask<(UserSession? Session, ClientSession? Part, bool IsBefore)> FindSessionAsync(
        Realm realm, Client client, OwnToken token, string sid, long now, CancellationToken ct)
    {
        // The online session and its offline twin have one id: a token ends with the one that it came from.
        var isBefore = false;
        for (var i = 0; i < 2; i++)
        {
            var offline = i == 1;
            if ((token.IsOffline ?? offline) == offline
                && await sessions.FindAsync(realm.Id, sid, offline, ct) is { } session
                && Part(realm, client, token, session, now) is { } part)
            {
                if (!token.IsBefore(session) && (token.PassingClient || !token.IsBefore(part)))
                {
                    return (session, part, false);
                }

                isBefore = true;
            }
        }

        return (null, null, isBefore);
    }

    private static ClientSession? Part(Realm realm, Client client, OwnToken token, UserSession session, long now) =>
        token.PassingClient ? SessionLifetimes.IsAlive(realm, session, now) ? session.NewClient(client.Id, now) : null
        : session.Client(client.Id) is { } part && SessionLifetimes.IsAlive(realm, client, session, part, now) ? part : null;

    /// <summary>An offline session that could not begin now, since its client or its user may not, counts no longer.</summary>
    private static bool MayStayOffline(Realm realm, Client client, User user, OwnToken token) =>
        token.PassingClient || Scopes.MayBeOffline(client, GrantedRoles.Of(realm, user));
}
