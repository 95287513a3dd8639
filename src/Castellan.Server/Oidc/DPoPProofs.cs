using System.Security.Cryptography;
using System.Text;
using Castellan.Core.Clients;
using Castellan.Core.Codes;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Oidc;

/// <summary>The thumbprint of a key that was proved; null when nothing had to be.</summary>
internal readonly record struct ProvedKey(string? Value);

/// <summary>Proofs of possession (RFC 9449 §4.3), at the token endpoint and wherever a bound token is used.</summary>
internal sealed class DPoPProofs(IOneUse oneUse, TimeProvider time)
{
    private const long Life = 10;
    private const long Skew = 15;
    private const int MaxLength = 16 * 1024;

    /// <summary>The key that the tokens are to be bound to. A proof of any client is honoured; some clients must bring one.</summary>
    public async ValueTask<Result<ProvedKey>> CheckAtTokenEndpointAsync(HttpContext http, Realm realm, Client client, string url, CancellationToken ct)
    {
        if (http.Request.Headers["DPoP"] is not { Count: > 0 })
        {
            return client.BindsToKeys ? Refuse("DPoP proof is missing") : new ProvedKey(null);
        }

        return await CheckAsync(http, realm, url, null, ct);
    }

    /// <summary>The key that a pushed request is to be bound to (§10.1), if the client brings a proof with it.</summary>
    public async ValueTask<Result<ProvedKey>> CheckAtPushAsync(HttpContext http, Realm realm, string url, CancellationToken ct) =>
        http.Request.Headers["DPoP"] is { Count: > 0 } ? await CheckAsync(http, realm, url, null, ct) : new ProvedKey(null);

    /// <summary>Checks the request's proof; <paramref name="token"/> is the access token that it must speak of.</summary>
    public async ValueTask<Result<ProvedKey>> CheckAsync(HttpContext http, Realm realm, string url, string? token, CancellationToken ct)
    {
        if (http.Request.Headers["DPoP"] is [] or [null or ""])
        {
            return Refuse("DPoP proof is missing");
        }

        if (http.Request.Headers["DPoP"] is not [{ Length: <= MaxLength } proof] || Jws.TryParse(proof, out var jws, allowUnknown: true) != JoseFault.None)
        {
            return Refuse("DPoP header verification failure");
        }

        var header = jws!.Header;
        if (header.Typ != "dpop+jwt")
        {
            return Refuse($"Invalid or missing type in DPoP header: {header.Typ ?? "null"}");
        }

        if (jws.Algorithm is not { IsSymmetric: false } algorithm)
        {
            return Refuse($"Unsupported DPoP algorithm: {header.Alg}");
        }

        if (header.Jwk is not { } element || !Jwk.TryParse(element, out var jwk))
        {
            return Refuse("No JWK in DPoP header");
        }

        if (jwk.Kty != "oct" && jwk.HasPrivate)
        {
            return Refuse("Private key material must not be present in DPoP JWK");
        }

        if (jwk.Kty == "oct" || JoseKey.FromJwk(jwk) is not { } key || jwk.Thumbprint() is not { } thumbprint)
        {
            return Refuse("No public key in DPoP header");
        }

        if (!key.Fits(algorithm))
        {
            return Refuse($"Key with algorithm {algorithm} and type {jwk.Kty} is incorrect for provider algorithm {algorithm}");
        }

        if (!key.Verify(algorithm, jws.SigningInput.Span, jws.Signature.Span))
        {
            return Refuse("DPoP verification failure: Invalid token signature");
        }

        using var claims = jws.Claims();
        if (claims?.Text("jti") is not { Length: <= 1024 } id || claims.Seconds("iat") is not { } issued || claims.Text("htm") is not { } method
            || claims.Text("htu") is not { } address || string.IsNullOrWhiteSpace(id) || string.IsNullOrWhiteSpace(method) || string.IsNullOrWhiteSpace(address))
        {
            return Refuse("DPoP mandatory claims are missing");
        }

        if (!IsSame(address, url))
        {
            return Refuse("DPoP HTTP URL mismatch");
        }

        if (method != http.Request.Method)
        {
            return Refuse("DPoP HTTP method mismatch");
        }

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (issued > now + Skew || issued < now - Life - Skew)
        {
            return Refuse("DPoP proof is not active");
        }

        if (token is not null && claims.Text("ath") != StrictBase64Url.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(token))))
        {
            return Refuse("DPoP proof access token hash verification has failed");
        }

        // §11.1: remembered for as long as it could be used again.
        var until = (issued + Life + Skew + Skew) * 1000;
        return await oneUse.TryAddAsync(realm.Id, OneUseKinds.DPoPProof, $"{thumbprint}\n{id}", until, ct)
            ? new ProvedKey(thumbprint)
            : Refuse("DPoP proof has already been used");
    }

    /// <summary>§4.3 (9): without query and fragment.</summary>
    private static bool IsSame(string claimed, string url) =>
        Uri.TryCreate(claimed, UriKind.Absolute, out var a) && Uri.TryCreate(url, UriKind.Absolute, out var b)
        && string.Equals(a.GetLeftPart(UriPartial.Path), b.GetLeftPart(UriPartial.Path), StringComparison.Ordinal);

    private static ProtocolError Refuse(string description) => new("invalid_request", description);
}
