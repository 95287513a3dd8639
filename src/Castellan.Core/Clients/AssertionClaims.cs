using Castellan.Core.Codes;
using Castellan.Core.Realms;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Clients;

/// <summary>What is demanded of the claims of an assertion, whether it stands for a client or for a person (RFC 7523 §3).</summary>
/// <param name="IsAudience">Whether an audience is us.</param>
/// <param name="Life">For how many seconds it counts at most.</param>
/// <param name="Ahead">How many seconds its clock may be ahead of ours.</param>
/// <param name="Behind">For how many seconds it counts behind its end.</param>
/// <param name="Kind">What its id is remembered as.</param>
/// <param name="UsedBy">Whose ids are used once; null where an assertion may come again.</param>
internal sealed record AssertionRules(Func<string, bool> IsAudience, long Life, long Ahead, long Behind, string Kind, string? UsedBy);

/// <summary>Checks the claims of assertions, and that each is used once.</summary>
internal sealed class AssertionClaims(IOneUse oneUse, TimeProvider time)
{
    /// <summary>What is wrong with them, in Keycloak's words; null for nothing.</summary>
    public async ValueTask<string?> CheckAsync(Realm realm, JwtClaims claims, AssertionRules rules, CancellationToken ct)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var audiences = claims.Texts("aud");
        if (audiences is not { Count: > 0 } || !audiences.Any(rules.IsAudience))
        {
            return "Invalid token audience";
        }

        if (audiences.Count > 1)
        {
            return "Multiple audiences not allowed";
        }

        var (issued, expires) = (claims.Seconds("iat"), claims.Seconds("exp"));
        if (expires is not { } end)
        {
            return "Token exp claim is required";
        }

        if (end <= now - rules.Behind || claims.Seconds("nbf") > now + rules.Ahead)
        {
            return "Token is not active";
        }

        if (issued is not { } at)
        {
            if (end > now + rules.Life)
            {
                return "Token expiration is too far in the future and iat claim not present in token";
            }
        }
        else if (at > now + rules.Ahead)
        {
            return "Token was issued in the future";
        }
        else if (at + rules.Life < now)
        {
            return "Token was issued too far in the past to be used now";
        }

        if (rules.UsedBy is not { } owner)
        {
            return null;
        }

        if (claims.Text("jti") is not { Length: > 0 } id)
        {
            return "Token jti claim is required";
        }

        // RFC 7523 §3 (7): remembered for as long as it could be used again. An end far away does not count where its beginning bounds it.
        var until = (issued + rules.Life is { } last ? Math.Min(end, last) : end) + rules.Behind + 1;
        return await oneUse.TryAddAsync(realm.Id, rules.Kind, $"{owner}\n{id}", until * 1000, ct) ? null : "Token reuse detected";
    }
}
