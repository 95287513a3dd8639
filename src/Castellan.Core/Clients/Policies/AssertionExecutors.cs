using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Clients.Policies;

/// <summary>Clients sign their assertions by one of the algorithms that FAPI allows.</summary>
internal sealed class SignedJwtAlgorithmExecutor() : PolicyExecutor("secure-signature-algorithm-signed-jwt")
{
    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings)
    {
        var assertion = occasion["client_assertion"];
        return string.IsNullOrWhiteSpace(assertion) && !settings.Flag("require-client-assertion") ? null
            : Jws.TryParse(assertion ?? "", out var token) != JoseFault.None ? Request("not allowed input format.")
            : SignatureAlgorithmExecutor.Allowed.Contains(token!.Header.Alg) ? null : Request("not allowed signature algorithm.");
    }
}

/// <summary>Clients address their assertions to the issuer and to nobody else.</summary>
internal sealed class ClientAssertionExecutor() : PolicyExecutor("secure-client-authentication-assertion")
{
    private const string Jwt = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings)
    {
        if (occasion.Requester.IsPublic || occasion["client_assertion_type"] != Jwt || occasion["client_assertion"] is not { } assertion)
        {
            return null;
        }

        using var claims = Jws.TryParse(assertion, out var token) == JoseFault.None ? JwtClaims.TryParse(token!.Payload) : null;
        return claims is null ? Request("invalid client assertion")
            : claims.Texts("aud") is [var audience] && audience == occasion.Issuer ? null : Request("invalid audience in client assertion");
    }
}

/// <summary>A client keeps the token by which it changes itself.</summary>
internal sealed class RegistrationTokenExecutor() : PolicyExecutor("registration-access-token-rotation-disabled")
{
    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        occasion.KeepsRegistrationToken = true;
        return null;
    }
}
