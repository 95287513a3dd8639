using System.Text.Json;
using Castellan.Core.Outbound;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Brokering;

/// <summary>Believes a provider's tokens, or does not (OIDC Core §3.1.3.7).</summary>
/// <param name="cluster">Null where clusters are not to be believed.</param>
public sealed class UpstreamIdTokens(RemoteKeys remote, TimeProvider time, ClusterKeys? cluster = null)
{
    /// <summary>The claims of an ID token that is meant for us and answers our request.</summary>
    /// <param name="nonce">What the request sent; null when it sent none.</param>
    public async ValueTask<Result<JsonElement>> ReadAsync(IdentityProvider provider, string token, string? nonce, CancellationToken ct = default)
    {
        if (Jws.TryParse(token, out var jws) != JoseFault.None)
        {
            return UpstreamRefusals.Upstream("The ID token is no signed JWT.");
        }

        if (provider.ChecksSignature && await FaultAsync(provider, jws!, ct) is { } fault)
        {
            return UpstreamRefusals.Upstream($"The ID token's signature does not hold: {fault}.");
        }

        using var claims = jws!.Claims();
        return claims is null ? UpstreamRefusals.Upstream("The ID token has no claims.")
            : Problem(provider, claims, nonce) is { } problem ? UpstreamRefusals.Upstream($"The ID token {problem}.")
            : claims.Root.Clone();
    }

    /// <summary>The claims of an access token that is a JWT of the provider; null for any other. It came with the ID token, and is believed as that is. It adds to what is known, and proves nothing.</summary>
    public async ValueTask<JsonElement?> ReadAccessTokenAsync(IdentityProvider provider, string? token, CancellationToken ct = default)
    {
        if (token is null || Jws.TryParse(token, out var jws) != JoseFault.None || (provider.ChecksSignature && await FaultAsync(provider, jws!, ct) is not null))
        {
            return null;
        }

        using var claims = jws!.Claims();
        return claims is not null && IsOfIssuer(provider, claims) ? claims.Root.Clone() : null;
    }

    /// <summary>What is wrong with a signature; null for nothing.</summary>
    public async ValueTask<string?> FaultAsync(IdentityProvider provider, Jws jws, CancellationToken ct)
    {
        if (await KeysAsync(provider, jws.Header.Kid, ct) is not { } keys)
        {
            return "there are no keys";
        }

        return keys.Verify(jws) is var fault && fault == JoseFault.None ? null : fault.ToString();
    }

    private async ValueTask<VerificationKeys?> KeysAsync(IdentityProvider provider, string? kid, CancellationToken ct)
    {
        if (provider.IsCluster)
        {
            return cluster is not null && provider.Setting("issuer") is { } issuer ? await cluster.FindAsync(provider.Id, issuer, kid, ct) : null;
        }

        if (provider.JwksUrl is { } address)
        {
            return await remote.VerificationAsync(provider.Id, address, kid, ct);
        }

        if (provider.Setting("publicKeySignatureVerifier") is not { } pem || !KeyFiles.TryReadPublicKey(pem, out var key))
        {
            return null;
        }

        // A key in the settings checks whatever name a signature gives, unless the settings name it too.
        return new VerificationKeys([new VerificationKey(key, provider.Setting("publicKeySignatureVerifierKeyId") ?? kid, SignatureAlgorithm.Asymmetric)]);
    }

    private string? Problem(IdentityProvider provider, JwtClaims claims, string? nonce)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return !IsOfIssuer(provider, claims) ? "is of another issuer"
            : !claims.HasAudience(provider.ClientId!) ? "is for somebody else"
            : claims.Text("azp") is { } party ? party == provider.ClientId ? Times(provider, claims, now) ?? Answers(claims, nonce) : "was issued to somebody else"
            : claims.Texts("aud") is not { Count: 1 } ? "is for several and does not say who it was issued to"
            : Times(provider, claims, now) ?? Answers(claims, nonce);
    }

    private static string? Times(IdentityProvider provider, JwtClaims claims, long now) =>
        claims.Seconds("exp") is not { } exp || exp + provider.ClockSkew <= now ? "has expired"
        : claims.Seconds("nbf") is { } from && from > now + provider.ClockSkew ? "is not valid yet"
        : null;

    private static string? Answers(JwtClaims claims, string? nonce) =>
        claims.Text("sub") is not { Length: > 0 } ? "names nobody"
        : nonce is not null && (claims.Text("nonce") is not { } given || !Secret.Equal(given, nonce)) ? "answers another request"
        : null;

    private static bool IsOfIssuer(IdentityProvider provider, JwtClaims claims) => provider.Issuers is not { Count: > 0 } issuers || (claims.Text("iss") is { } issuer && issuers.Contains(issuer));
}
