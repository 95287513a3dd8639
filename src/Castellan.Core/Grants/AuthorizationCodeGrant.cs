using Castellan.Core.Codes;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Grants;

/// <summary>A code of the authorization endpoint (RFC 6749 §4.1.3, RFC 7636 §4.5).</summary>
public sealed class AuthorizationCodeGrant(ICodes codes, ISessions sessions, IUserStore users, TimeProvider time) : IGrant
{
    public string Type => "authorization_code";

    public string EventType => EventTypes.CodeToToken;

    public async ValueTask<Result<GrantOutcome>> AuthorizeAsync(TokenRequest request, CancellationToken ct)
    {
        if (request.Form["code"] is not { } text)
        {
            return request.RefuseSaying("invalid_code", "invalid_request", "Missing parameter: code");
        }

        // §4.1.3: taken before anything else is checked, so a code that failed once cannot be tried again.
        if (await codes.TakeAsync(request.Realm.Id, text, ct) is not { } code)
        {
            await EndReplayedAsync(request, text, ct);
            return request.Refuse("invalid_code", "invalid_grant", "Code not valid");
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        request.Event.SessionId = code.UserSessionId;
        request.Event.With("code_id", code.UserSessionId);
        if (now >= code.Expires)
        {
            return request.Refuse("invalid_code", "invalid_grant", "Code not valid");
        }

        var client = request.Client;
        if (await sessions.FindAsync(request.Realm.Id, code.UserSessionId, offline: false, ct) is not { } session)
        {
            return request.Refuse("invalid_code", "invalid_grant", "Code not valid");
        }

        if (session.Client(code.ClientId) is not { } part)
        {
            return request.Refuse("user_session_not_found", "invalid_grant", "User session not found");
        }

        if (await users.FindAsync(request.Realm.Id, session.UserId, ct) is not { } user || user.Id != code.UserId)
        {
            return request.Refuse("user_not_found", "invalid_grant", "User not found");
        }

        request.Event.UserId = user.Id;
        if (!user.Enabled)
        {
            return request.Refuse("user_disabled", "invalid_grant", "User disabled");
        }

        // §4.1.3: whoever named an address must name it again.
        if (code.RedirectUri is { } saved && saved != request.Form["redirect_uri"])
        {
            request.Event.With(
                "reason",
                "Parameter 'redirect_uri' did not match originally saved redirect URI used in initial OIDC request. "
                + $"Saved redirectUri: {saved}, redirectUri parameter: {request.Form["redirect_uri"] ?? "null"}");
            return request.Refuse("invalid_redirect_uri", "invalid_grant", "Incorrect redirect_uri");
        }

        if (code.ClientId != client.Id)
        {
            return request.RefuseSaying("invalid_client", "invalid_grant", "Auth error: Found different client_id in clientSession");
        }

        if (client.Representation.StandardFlowEnabled != true)
        {
            return request.RefuseSaying("not_allowed", "invalid_grant", "Client not allowed to exchange code");
        }

        var approval = new Approval("ac", code.Scope, code.Nonce, code.CodeChallenge, code.CodeChallengeMethod, code.Notes, code.Given);
        if (!(await Redemption.RedeemAsync(request, approval, users, user, session, part, now, ct)).Ok(out var outcome, out var error))
        {
            return error;
        }

        if (code.DPoPJkt is { } jkt && jkt != request.DPoPThumbprint)
        {
            return request.RefuseSaying(
                "invalid_request", "invalid_request", request.DPoPThumbprint is null ? "DPoP Proof missing" : "DPoP Proof public key thumbprint does not match dpop_jkt");
        }

        return outcome;
    }

    /// <summary>RFC 6749 §4.1.2: a code that comes twice was stolen once. What it gave the first time ends; the code itself names the session.</summary>
    private async ValueTask EndReplayedAsync(TokenRequest request, string text, CancellationToken ct)
    {
        if (text.Split('.', 3) is not [_, { Length: <= 64 } session, var client])
        {
            return;
        }

        request.Event.SessionId = session;
        request.Event.With("code_id", session);
        if (client == request.Client.Id)
        {
            if (!await sessions.DetachAsync(request.Realm.Id, session, client, offline: false, ct))
            {
                await sessions.DetachAsync(request.Realm.Id, session, client, offline: true, ct);
            }
        }
    }
}
