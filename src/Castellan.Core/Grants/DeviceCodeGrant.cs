using Castellan.Core.Clients;
using Castellan.Core.Codes;
using Castellan.Core.Events;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Grants;

/// <summary>A device that asks whether its person has approved, until they have (RFC 8628 §3.4).</summary>
public sealed class DeviceCodeGrant(DeviceAuthorizations devices, ISessions sessions, IUserStore users, BruteForceGuard guard, TimeProvider time) : IGrant
{
    /// <summary>The value of <c>grant_type</c>.</summary>
    public const string GrantType = "urn:ietf:params:oauth:grant-type:device_code";

    public string Type => GrantType;

    public string EventType => EventTypes.OAuth2DeviceCodeToToken;

    public async ValueTask<Result<GrantOutcome>> AuthorizeAsync(TokenRequest request, CancellationToken ct)
    {
        var realm = request.Realm;
        if (!request.Client.MayUseDevices())
        {
            return request.RefuseSaying("not_allowed", "invalid_grant", "Client not allowed OAuth 2.0 Device Authorization Grant");
        }

        if (request.Form["device_code"] is not { } code)
        {
            return request.RefuseSaying("invalid_oauth2_device_code", "invalid_request", "Missing parameter: device_code");
        }

        var key = DeviceAuthorizations.KeyOf(code);
        if (await devices.FindAsync(realm.Id, key, ct) is not { } asked)
        {
            return NotValid(request);
        }

        if (time.GetUtcNow().ToUnixTimeMilliseconds() >= asked.Expires)
        {
            return request.Refuse("expired_oauth2_device_code", "expired_token", "Device code is expired");
        }

        if (asked.ClientId != request.Client.Id)
        {
            return request.RefuseSaying("invalid_oauth2_device_code", "invalid_grant", "unauthorized client");
        }

        if (!await devices.TryPollAsync(realm.Id, key, asked, ct))
        {
            return request.Refuse("slow_down", "slow_down", "Slow down");
        }

        if (asked.Decision != DeviceDecision.Approved)
        {
            return asked.Decision == DeviceDecision.Denied
                ? request.RefuseSaying("access_denied", "access_denied", "The end user denied the authorization request")
                : request.RefuseUnrecorded("authorization_pending", "The authorization request is still pending");
        }

        // Taken before anything else is checked: of two devices with the code one gets here, and one that failed once cannot be tried again.
        return await devices.TakeAsync(realm.Id, key, ct) is { } approved ? await RedeemAsync(request, approved, ct) : NotValid(request);
    }

    private async ValueTask<Result<GrantOutcome>> RedeemAsync(TokenRequest request, DeviceAuthorization approved, CancellationToken ct)
    {
        var (realm, client) = (request.Realm, request.Client);
        request.Event.SessionId = approved.UserSessionId;
        request.Event.With("code_id", approved.UserSessionId);
        if (await users.FindAsync(realm.Id, approved.UserId!, ct) is not { } user)
        {
            return request.Refuse("user_not_found", "invalid_grant", "User not found");
        }

        request.Event.UserId = user.Id;
        // Somebody who was signed in when they were locked out may still have approved: the browser was not asked for a password.
        if (!user.Enabled || await guard.IsLockedAsync(realm, user.Id, ct))
        {
            return request.Refuse(user.Enabled ? "user_temporarily_disabled" : "user_disabled", "invalid_grant", "User disabled");
        }

        if (await sessions.FindAsync(realm.Id, approved.UserSessionId!, offline: false, ct) is not { } session || session.UserId != user.Id
            || session.Client(client.Id) is not { } part)
        {
            return request.Refuse("user_session_not_found", "invalid_grant", "Session not active");
        }

        var approval = new Approval("dg", approved.Scope, approved.Nonce, approved.CodeChallenge, approved.CodeChallengeMethod, approved.Notes, approved.Approved);
        return await Redemption.RedeemAsync(request, approval, users, user, session, part, time.GetUtcNow().ToUnixTimeMilliseconds(), ct);
    }

    private static ProtocolError NotValid(TokenRequest request) => request.Refuse("invalid_oauth2_device_code", "invalid_grant", "Device code not valid");
}
