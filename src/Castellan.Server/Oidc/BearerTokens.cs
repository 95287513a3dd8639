using Castellan.Core.Clients;
using Castellan.Core.Grants;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Oidc;

/// <summary>Access tokens in the header <c>Authorization</c> (RFC 6750 §2.1), where the token itself is the caller's proof.</summary>
internal sealed class BearerTokens(AccessTokens tokens, IClients clients)
{
    /// <summary>Whether the request brings one.</summary>
    public static bool IsGiven(HttpContext http) => Bearer.Text(http) is not null;

    /// <summary>The token, if it counts and may be used without a proof of its own; else null. The pages of its client may read the answer in any case.</summary>
    public async ValueTask<BearerToken?> FindAsync(HttpContext http, Realm realm, string issuer, CancellationToken ct)
    {
        if (Bearer.Text(http) is not { } text)
        {
            return null;
        }

        if ((await tokens.CheckAsync(realm, text, issuer, ct)).Ok(out var valid, out _) && IsItsHolders(http, valid))
        {
            return new(valid, text);
        }

        if (OwnToken.Read(realm, text, issuer)?.AuthorizedParty is { } party && await clients.FindAsync(realm, party, ct) is { } client)
        {
            Cors.AllowClient(http, client);
        }

        return null;
    }

    /// <summary>A token that is bound to a key (RFC 9449) is no bearer token; one that is bound to a certificate comes with it (RFC 8705 §3).</summary>
    private static bool IsItsHolders(HttpContext http, ValidToken valid) =>
        valid.Token is { Jkt: null, Type: not "DPoP" } && !valid.Client.BindsToKeys && HasCertificate(http, valid);

    /// <summary>A token is bound to a certificate where its client binds them, and where it says so itself (RFC 8705 §3).</summary>
    public static bool HasCertificate(HttpContext http, ValidToken valid) =>
        valid.Token.X5tS256 is { } bound ? bound == OidcRoutes.CertificateThumbprint(http) : !valid.Client.BindsToCertificates;
}
