using System.Globalization;
using Castellan.Core.Ciba;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Clients.Policies;

/// <summary>A person can tell by a message which of several requests is theirs.</summary>
internal sealed class CibaSessionExecutor() : PolicyExecutor("secure-ciba-session")
{
    public override ProtocolError? Backchannel(BackchannelOccasion occasion, PolicySettings settings) =>
        occasion.Asked["binding_message"] is null ? Request("Missing parameter: binding_message") : null;
}

/// <summary>Requests are signed, and say whose they are, for whom and how long (FAPI-CIBA §5.2.2).</summary>
internal sealed class CibaSignedRequestExecutor() : PolicyExecutor("secure-ciba-signed-authn-req")
{
    private const long DefaultPeriod = 3600;
    private const string InRequest = "Missing parameter in the signed authentication request: ", InObject = "Missing parameter in the 'request' object: ";

    public override ProtocolError? Backchannel(BackchannelOccasion occasion, PolicySettings settings)
    {
        if (occasion.Signed is not { } signed)
        {
            return Request("Missing parameter: 'request' or 'request_uri'");
        }

        var period = long.TryParse(settings.Text("available-period"), NumberStyles.None, CultureInfo.InvariantCulture, out var own) ? own : DefaultPeriod;
        return signed.Seconds("exp") is not { } exp ? Request(InRequest + "exp")
            : occasion.NowSeconds > exp ? Request("Request Expired")
            : signed.Seconds("nbf") is not { } nbf ? Request(InRequest + "nbf")
            : occasion.NowSeconds < nbf ? Request("Request not yet being processed")
            : exp - period > nbf ? Request("signed authentication request's available period is long")
            : !signed.Has("aud") ? Request(InObject + "aud")
            : !signed.HasAudience(occasion.Issuer) ? Request("Invalid parameter in the 'request' object: aud")
            : !signed.Has("iss") ? Request(InObject + "iss")
            : signed.Text("iss") != occasion.Requester.ClientId ? Request("Invalid parameter in the 'request' object: iss")
            : !signed.Has("iat") ? Request(InRequest + "iat")
            : !signed.Has("jti") ? Request(InRequest + "jti")
            : null;
    }
}

/// <summary>Requests are signed by one of the algorithms that FAPI allows.</summary>
internal sealed class CibaAlgorithmExecutor() : PolicyExecutor("secure-ciba-req-sig-algorithm")
{
    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        var attributes = occasion.Client.Attributes ??= [];
        if (attributes.GetValueOrDefault(CibaPolicy.SigningAlgorithm) is { Length: > 0 } chosen)
        {
            return SignatureAlgorithmExecutor.Allowed.Contains(chosen) ? null : Request("not allowed signature algorithm.");
        }

        attributes[CibaPolicy.SigningAlgorithm] = settings.Text("default-algorithm") is { } usual && SignatureAlgorithmExecutor.Allowed.Contains(usual) ? usual : SignatureAlgorithmExecutor.Allowed[0];
        return null;
    }
}
