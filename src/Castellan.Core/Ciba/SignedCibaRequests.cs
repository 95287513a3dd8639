using Castellan.Core.Authorize;
using Castellan.Core.Clients;
using Castellan.Core.Outbound;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Ciba;

/// <summary>
/// Signed authentication requests (§7.1.1), by value or from an address that the client registered. What such a request says of its own times, issuer and
/// audience must be so; that it says them at all is for a client policy to demand.
/// </summary>
public sealed class SignedCibaRequests(ClientKeys keys, IFetch fetch, TimeProvider time)
{
    // Clocks differ: how far ahead a client's may be. What has expired has expired.
    private const long Skew = 15;

    /// <summary>What the signed request holds, to be disposed of; null where none was sent.</summary>
    /// <param name="issuer">The realm's issuer, whom the request is for.</param>
    public async ValueTask<(JwtClaims? Claims, ProtocolError? Error)> ReadAsync(Client client, Form form, string issuer, ServerAddresses server, CancellationToken ct = default)
    {
        var (value, address) = (form["request"], form["request_uri"]);
        if (value is not null && address is not null)
        {
            return Refuse("Illegal to use both 'request' and 'request_uri' parameters together");
        }

        if (address is not null)
        {
            if (!RedirectUris.IsRequestUri(client, server, address))
            {
                return Refuse("Specified 'request_uri' not allowed for this client.");
            }

            if ((value = await RequestObjects.FetchAsync(fetch, address, ct)) is null)
            {
                return Refuse("The document of 'request_uri' could not be fetched");
            }
        }

        return value is null ? (null, null) : await CheckAsync(client, value, issuer, ct);
    }

    private async ValueTask<(JwtClaims?, ProtocolError?)> CheckAsync(Client client, string text, string issuer, CancellationToken ct)
    {
        if (Jwe.LooksLikeOne(text))
        {
            return Refuse("Encrypted request object is not allowed");
        }

        if (Jws.TryParse(text, out var jws, allowUnsecured: true, allowUnknown: true) != JoseFault.None || jws is null)
        {
            return Refuse("Failed to build JWS");
        }

        if (jws.Header.Alg == "none")
        {
            return Refuse("None signed algorithm is not allowed");
        }

        // §7.1.1: asymmetric ones alone.
        if (jws.Algorithm is not { IsSymmetric: false } algorithm)
        {
            return Refuse(jws.Algorithm is null ? $"Not found provider for the algorithm {jws.Header.Alg}" : "Signed algorithm is not allowed");
        }

        if (client.CibaSigningAlgorithm() != algorithm.Name)
        {
            return Refuse("Client requested algorithm not registered in advance or request signed with different algorithm other than client requested algorithm");
        }

        if (await keys.VerificationAsync(client, jws.Header.Kid, ct) is not { } known || known.Verify(jws) != JoseFault.None || jws.Claims() is not { } claims)
        {
            return Refuse("Failed to verify signature");
        }

        if (Wrong(claims, client, issuer) is { } wrong)
        {
            claims.Dispose();
            return Refuse(wrong);
        }

        return (claims, null);
    }

    private string? Wrong(JwtClaims claims, Client client, string issuer)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return claims.Has("exp") && !(claims.Seconds("exp") > now) ? "Request Expired"
            : claims.Has("nbf") && !(claims.Seconds("nbf") <= now + Skew) ? "Request not yet being processed"
            : claims.Has("iss") && claims.Text("iss") != client.ClientId ? "Invalid parameter in the 'request' object: iss"
            : claims.Has("aud") && !IsForUs(claims, issuer) ? "Invalid parameter in the 'request' object: aud"
            : null;
    }

    private static bool IsForUs(JwtClaims claims, string issuer) =>
        claims.HasAudience(issuer) || claims.HasAudience(issuer + "/protocol/openid-connect/ext/ciba/auth") || claims.HasAudience(issuer + "/protocol/openid-connect/token");

    private static (JwtClaims?, ProtocolError?) Refuse(string description) => (null, new("invalid_request", description));
}
