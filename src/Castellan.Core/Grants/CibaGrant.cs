using System.Globalization;
using Castellan.Core.Ciba;
using Castellan.Core.Codes;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Grants;

/// <summary>A client that asks whether the person on the other device has decided (OpenID CIBA Core 1.0 §10.1). Their session begins with the tokens, not before.</summary>
public sealed class CibaGrant(CibaRequests requests, IUserStore users, IRealms realms, BruteForceGuard guard, TimeProvider time) : IGrant
{
    private const string FurtherNote = "ciba_backchannel_request_param_", AnsweredNote = "ciba_callback_response_param_";

    public string Type => CibaPolicy.GrantType;

    public string EventType => EventTypes.AuthreqidToToken;

    public async ValueTask<Result<GrantOutcome>> AuthorizeAsync(TokenRequest request, CancellationToken ct)
    {
        var realm = request.Realm;
        if (!request.Client.MayUseCiba())
        {
            return request.RefuseSaying("not_allowed", "invalid_grant", CibaPolicy.NotAllowed);
        }

        if (request.Form["auth_req_id"] is not { } id)
        {
            return request.RefuseSaying("invalid_code", "invalid_request", "Missing parameter: auth_req_id");
        }

        if (!CibaRequests.IsAuthReqId(id))
        {
            return request.RefuseUnrecorded("invalid_grant", "Invalid Auth Req ID");
        }

        var key = CibaRequests.KeyOf(id);
        if (await requests.FindAsync(realm.Id, key, ct) is not { } asked)
        {
            return NotValid(request);
        }

        if (asked.ClientId != request.Client.Id)
        {
            return request.RefuseSaying("invalid_oauth2_device_code", "invalid_grant", "unauthorized client");
        }

        if (requests.IsOver(asked))
        {
            return request.RefuseUnrecorded("expired_token", "authentication timed out");
        }

        if (!await requests.TryPollAsync(realm.Id, key, asked, ct))
        {
            return request.RefuseUnrecorded("slow_down", "too early to access");
        }

        if (asked.Decision != DeviceDecision.Approved)
        {
            return asked.Decision == DeviceDecision.Denied
                ? request.RefuseUnrecorded("access_denied", "not authorized")
                : request.RefuseUnrecorded("authorization_pending", "The authorization request is still pending as the end-user hasn't yet been authenticated.");
        }

        // Taken before anything else is checked: of several polls one gets here, and a request that failed once cannot be tried again.
        return await requests.TakeAsync(realm.Id, key, ct) is { Decision: DeviceDecision.Approved } approved ? await RedeemAsync(request, approved, ct) : NotValid(request);
    }

    private async ValueTask<Result<GrantOutcome>> RedeemAsync(TokenRequest request, CibaRequest approved, CancellationToken ct)
    {
        var (realm, client) = (request.Realm, request.Client);
        if (await users.FindAsync(realm.Id, approved.UserId, ct) is not { } user)
        {
            return request.Refuse("username_missing", "invalid_grant", "Could not identify user");
        }

        request.Event.UserId = user.Id;
        if (Revocation.Concerns(approved.Created, client, user))
        {
            return NotValid(request);
        }

        if (!user.Enabled || await guard.IsLockedAsync(realm, user.Id, ct))
        {
            return request.Refuse(user.Enabled ? "user_temporarily_disabled" : "user_disabled", "invalid_grant", "User disabled");
        }

        if (user.Representation.RequiredActions is { Count: > 0 })
        {
            return request.RefuseSaying("resolve_required_actions", "invalid_grant", "Account is not fully set up");
        }

        var scopes = Scopes.Restore(client, approved.Scope);
        var session = Begin(request, approved, user);
        request.Event.SessionId = session.Id;
        request.Event.With("code_id", session.Id).With("username", user.Username).With("consent", "consent_granted");
        await Consents.KeepAsync(users, realms, user, scopes, time.GetUtcNow().ToUnixTimeMilliseconds(), ct);
        return new GrantOutcome(
            new Grant
            {
                Realm = realm, Client = client, User = user, Session = session, ClientSession = session.Clients[0], Scopes = scopes, Issuer = request.Issuer, GrantCode = "ci",
            },
            TokenKinds.Access | TokenKinds.Id | TokenKinds.Refresh)
        { IsNewSession = true };
    }

    private UserSession Begin(TokenRequest request, CibaRequest approved, User user)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var notes = new Dictionary<string, string> { [LoginNotes.AuthTime] = (now / 1000).ToString(CultureInfo.InvariantCulture) };
        Device.Keep(notes, request.UserAgent);
        var session = AccessTokens.Transient(request.Realm, request.Client, user, now, notes);
        var ofClient = new Dictionary<string, string> { ["iss"] = request.Issuer, ["scope"] = approved.Scope };
        Keep(FurtherNote, approved.Further);
        Keep(AnsweredNote, approved.Answered);
        return session with { IpAddress = request.IpAddress, Clients = [session.Clients[0] with { Notes = ofClient }] };

        void Keep(string prefix, Dictionary<string, string>? said)
        {
            foreach (var (name, value) in said ?? [])
            {
                ofClient[prefix + name] = value;
            }
        }
    }

    private static ProtocolError NotValid(TokenRequest request) => request.RefuseUnrecorded("invalid_grant", "Invalid auth_req_id");
}
