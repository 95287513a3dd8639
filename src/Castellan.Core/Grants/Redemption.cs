using Castellan.Core.Login;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Grants;

/// <summary>What somebody approved in a browser, and what their client asked for then.</summary>
/// <param name="GrantCode">How token ids say where they come from.</param>
/// <param name="Notes">Notes of the client's part of the session as they were then.</param>
/// <param name="At">When, in milliseconds; null where an older version did not write it down.</param>
internal sealed record Approval(
    string GrantCode, string? Scope, string? Nonce, string? CodeChallenge, string? CodeChallengeMethod, IReadOnlyDictionary<string, string>? Notes, long? At);

/// <summary>The end of every grant that turns such an approval into tokens: the session must live on, nobody have revoked what was before, the client hold the secret of its request, and the person's consent stand.</summary>
internal static class Redemption
{
    public static async ValueTask<Result<GrantOutcome>> RedeemAsync(
        TokenRequest request, Approval approval, IUserStore users, User user, UserSession session, ClientSession part, long now, CancellationToken ct)
    {
        if (!SessionLifetimes.IsAlive(request.Realm, request.Client, session, part, now) || Revocation.Concerns(approval.At / 1000, request.Client, user))
        {
            return request.RefuseSaying("user_session_not_found", "invalid_grant", "Session not active");
        }

        if (CodeVerifier.Check(approval.CodeChallenge, approval.CodeChallengeMethod, request.Form["code_verifier"]) is { } wrong)
        {
            request.Event.With("reason", wrong.Reason);
            return request.Refuse(wrong.Event, "invalid_grant", wrong.Description);
        }

        var scopes = Scopes.Restore(request.Client, approval.Scope);
        if (!await Consents.StandAsync(users, user, scopes, ct))
        {
            return request.RefuseWithoutConsent("not_allowed");
        }

        var notes = new Dictionary<string, string>(part.Notes);
        foreach (var (name, value) in approval.Notes ?? new Dictionary<string, string>())
        {
            notes[name] = value;
        }

        return new GrantOutcome(
            new Grant
            {
                Realm = request.Realm,
                Client = request.Client,
                User = user,
                Session = session,
                ClientSession = part with { Notes = notes },
                Scopes = scopes,
                Issuer = request.Issuer,
                GrantCode = approval.GrantCode,
                Nonce = approval.Nonce,
            },
            TokenKinds.Access | TokenKinds.Id | TokenKinds.Refresh);
    }
}
