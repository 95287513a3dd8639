using Castellan.Core.Authorization.Evaluation;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Authorization;

/// <summary>The roles that a token names itself.</summary>
public static class TokenRoles
{
    /// <summary>Whether a token, which was checked before, names a role of a client.</summary>
    public static bool Has(string token, string clientId, string role)
    {
        using var claims = Jws.TryParse(token, out var jws) == JoseFault.None ? jws!.Claims() : null;
        return claims is not null && PolicyContext.HasRole(claims.Root, clientId, role);
    }
}
