using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Clients.Policies;

/// <summary>Clients sign their assertions by one of the algorithms that FAPI allows.</summary>
internal sealed class SignedJwtAlgorithmExecutor() : PolicyExecutor("secure-signature-algorithm-signed-jwt")
{
    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings) => Check(occasion.Requester, occasion["client_assertion"], settings);

    public override ProtocolError? Prove(ProofOccasion occasion, PolicySettings settings) => Check(occasion.Prover, occasion["client_assertion"], settings);

    private static ProtocolError? Check(Client client, string? assertion, PolicySettings settings)
    {
        var demanded = settings.Flag("require-client-assertion");
        // Of a client that proves itself otherwise nobody reads the assertion: whatever its header says, nobody signed it.
        return demanded && client.Representation.ClientAuthenticatorType is not ("client-jwt" or "client-secret-jwt" or "federated-jwt") ? Request("not allowed input format.")
            : string.IsNullOrWhiteSpace(assertion) && !demanded ? null
            : Jws.TryParse(assertion ?? "", out var token) != JoseFault.None ? Request("not allowed input format.")
            : SignatureAlgorithmExecutor.Allowed.Contains(token!.Header.Alg) ? null : Request("not allowed signature algorithm.");
    }
}

/// <summary>Clients address their assertions to the issuer and to nobody else.</summary>
internal sealed class ClientAssertionExecutor() : PolicyExecutor("secure-client-authentication-assertion")
{
    private const string Jwt = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings) =>
        Check(occasion.Requester, occasion["client_assertion_type"], occasion["client_assertion"], occasion.Issuer);

    public override ProtocolError? Prove(ProofOccasion occasion, PolicySettings settings) =>
        Check(occasion.Prover, occasion["client_assertion_type"], occasion["client_assertion"], occasion.Issuer);

    private static ProtocolError? Check(Client client, string? type, string? assertion, string issuer)
    {
        if (client.IsPublic || type != Jwt || assertion is null)
        {
            return null;
        }

        using var claims = Jws.TryParse(assertion, out var token) == JoseFault.None ? JwtClaims.TryParse(token!.Payload) : null;
        return claims is null ? Request("invalid client assertion")
            : claims.Texts("aud") is [var audience] && audience == issuer ? null : Request("invalid audience in client assertion");
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
