using Castellan.Core.Grants;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Clients.Policies;

/// <summary>The tokens that a client brings to have them changed for others: the assertion of RFC 7523 §2.1, the subject token of RFC 8693.</summary>
internal static class ForeignTokens
{
    private const string AccessToken = "urn:ietf:params:oauth:token-type:access_token";

    /// <summary>Whether the request brings one.</summary>
    public static bool Has(TokenOccasion occasion) => occasion.GrantType is TokenExchangeGrant.GrantType or JwtAuthorizationGrant.GrantType;

    /// <summary>Its claims, not verified yet: that is the grant's work, which comes after.</summary>
    public static Result<JwtClaims> Read(TokenOccasion occasion)
    {
        if (occasion.GrantType == TokenExchangeGrant.GrantType && occasion["subject_token_type"] != AccessToken)
        {
            return new ProtocolError("invalid_request", "Parameter 'subject_token' should be access_token for the executor");
        }

        return Jws.TryParse(occasion[occasion.GrantType == TokenExchangeGrant.GrantType ? "subject_token" : "assertion"] ?? "", out var token) == JoseFault.None
            && JwtClaims.TryParse(token!.Payload) is { } claims ? claims : new ProtocolError("invalid_request", "JWT is not valid");
    }
}
