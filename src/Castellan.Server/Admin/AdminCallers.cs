using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Protocol.Jose;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Admin;

/// <summary>
/// The bearers of access tokens. The realm that a token names as its issuer checks it; what the bearer may do is looked up from the user, since the
/// consoles' tokens carry no roles.
/// </summary>
internal sealed class AdminCallers(IRealms realms, AccessTokens tokens, ServerUrls urls) : IAdminCallers
{
    private const string RealmsPath = "/realms/";

    public async ValueTask<AdminCaller?> FindAsync(HttpContext http, string token, CancellationToken ct)
    {
        if (IssuingRealm(token) is not { } name || await realms.FindAsync(name, ct) is not { } realm)
        {
            return null;
        }

        var check = await tokens.CheckAsync(realm, token, urls.Issuer(http, realm), ct);
        if (!check.Ok(out var valid, out _) || !valid.IsForBearers)
        {
            return null;
        }

        var session = valid.Kind == SessionKind.Transient ? null : valid.Session.Id;
        return new AdminCaller(realm, valid.User, valid.Client, session, CallerRoles.Of(realm, valid.User, valid.Client))
        {
            Scope = valid.Token.Scope, Within = valid.Token.IsExchanged ? valid.Token.Audience : null,
        };
    }

    /// <summary>The last segment of the issuer that an unchecked token claims: only whom to ask, nothing more.</summary>
    private static string? IssuingRealm(string token)
    {
        var start = token.IndexOf('.') + 1;
        var end = start > 0 ? token.IndexOf('.', start) : -1;
        if (end < 0 || token.Length > Jws.DefaultMaxLength)
        {
            return null;
        }

        try
        {
            using var claims = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.AsSpan(start, end - start)));
            return claims.RootElement.ValueKind == JsonValueKind.Object
                && claims.RootElement.TryGetProperty("iss", out var iss) && iss.ValueKind == JsonValueKind.String && iss.GetString() is { } issuer
                && issuer.LastIndexOf(RealmsPath, StringComparison.Ordinal) is >= 0 and var at
                    ? Uri.UnescapeDataString(issuer[(at + RealmsPath.Length)..])
                    : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }
}
