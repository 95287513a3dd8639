using System.Text.Json;
using Castellan.Core.Codes;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Brokering;

/// <summary>Which of a provider's sessions ended: one, or all of an account. Both with the provider's alias before them, as sessions here remember it.</summary>
public sealed record EndedUpstream(string? SessionId, string? UserId, bool Offline);

/// <summary>Believes a logout token, or does not (OpenID Connect Back-Channel Logout 1.0 §2.6).</summary>
public sealed class UpstreamLogoutTokens(UpstreamIdTokens idTokens, IOneUse used, TimeProvider time)
{
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";
    private const string Kind = "broker-logout-token";
    private const int MaxAge = 600;

    /// <summary>What ended, by every provider of the realm that the token can be of; null for a token that is none, or counted before.</summary>
    public async ValueTask<List<EndedUpstream>?> ReadAsync(Realm realm, string text, CancellationToken ct = default)
    {
        if (RealmDecryption.Open(realm, text) is not { } signed || Jws.TryParse(signed, out var jws) != JoseFault.None || jws is null)
        {
            return null;
        }

        using var claims = jws.Claims();
        if (claims is null || !IsLogout(claims, time.GetUtcNow().ToUnixTimeSeconds(), out var life) || claims.Text("iss") is not { } issuer || claims.Text("jti") is not { Length: > 0 and <= 255 } id)
        {
            return null;
        }

        var ended = new List<EndedUpstream>();
        foreach (var provider in IdentityProviders.Of(realm).All.Where(p => p is { Enabled: true, HasIdToken: true } && p.Issuers.Contains(issuer) && p.ClientId is { } client && claims.HasAudience(client)))
        {
            // It comes from anywhere: here a signature is always wanted, whatever the provider's settings say of ID tokens.
            if (await idTokens.FaultAsync(provider, jws, ct) is null)
            {
                string? Of(string name) => claims.Text(name) is { Length: > 0 } value ? $"{provider.Alias}.{value}" : null;
                ended.Add(new EndedUpstream(Of("sid"), Of("sub"), ClaimReader.Find(claims.Root.GetProperty("events").GetProperty(Event), "revoke_offline_access") is { ValueKind: JsonValueKind.True }));
            }
        }

        return ended.Count > 0 && await used.TryAddAsync(realm.Id, Kind, $"{issuer} {id}", (life + MaxAge) * 1000, ct) ? ended : null;
    }

    private static bool IsLogout(JwtClaims claims, long now, out long life)
    {
        var issued = claims.Seconds("iat");
        life = claims.Seconds("exp") ?? issued + MaxAge ?? 0;
        return issued is { } at && at <= now + 60 && life > now && life <= now + (24 * 3600)
            && !claims.Has("nonce") && (claims.Text("sub") is { Length: > 0 } || claims.Text("sid") is { Length: > 0 })
            && claims.Root.TryGetProperty("events", out var events) && events.ValueKind == JsonValueKind.Object
            && events.TryGetProperty(Event, out var member) && member.ValueKind == JsonValueKind.Object;
    }
}
