using System.Globalization;
using Castellan.Core.Authorize;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Clients.Policies;

/// <summary>
/// Requests come as objects (RFC 9101) that say for whom they are and how long they count, and nothing beside them counts (FAPI 1.0 Advanced §5.2.2,
/// FAPI 2.0 Message Signing §5.3.1). A pushed object is looked at when it is pushed, as RFC 9126 §2.1 has it.
/// </summary>
internal sealed class RequestObjectExecutor() : PolicyExecutor("secure-request-object")
{
    private const long DefaultPeriod = 3600;
    private const long DefaultSkew = 15;

    public override ProtocolError? Authorize(AuthorizationOccasion occasion, PolicySettings settings)
    {
        if (occasion.IsEarly || occasion.Request is { IsResumed: true } or { Pushed: true, IsBeingPushed: false })
        {
            return null;
        }

        return occasion.Request.Object is not { } shown ? Request("Missing parameter: 'request' or 'request_uri'")
            : occasion["scope"] is null ? Request("Parameter 'scope' missing in the request parameters or in 'request' object")
            : Times(shown, settings, occasion.NowSeconds)
            ?? (shown.Audience is [] ? Missing("aud")
            : !shown.Audience.Contains(occasion.Request.Server.Issuer(occasion.Realm)) ? Object("Invalid parameter in the 'request' object: aud")
            : shown.DiffersFromOutside ? Request("Invalid parameter. Parameters in 'request' object not matching with request parameters")
            : settings.Flag("encryption-required") && !shown.IsEncrypted ? Object("Request object not encrypted")
            : null);
    }

    private static ProtocolError? Times(RequestObjectFacts shown, PolicySettings settings, long now)
    {
        var latest = now + Number(settings, "allowed-clock-skew", DefaultSkew);
        return shown.Expires is not { } expires ? Missing("exp")
            : now > expires ? Object("Request Expired")
            : (!settings.Flag("verify-nbf", otherwise: true) ? null : NotBefore(shown, expires, latest, Number(settings, "available-period", DefaultPeriod)))
            ?? (shown.Issued > latest ? Object("Request issued in the future") : null);
    }

    private static ProtocolError? NotBefore(RequestObjectFacts shown, long expires, long latest, long period) =>
        shown.NotBefore is not { } from ? Missing("nbf")
        : from > latest ? Object("Request not yet being processed")
        : expires - period > from ? Object("Request's available period is long")
        : null;

    private static long Number(PolicySettings settings, string name, long otherwise) =>
        long.TryParse(settings.Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var own) ? own : otherwise;

    private static ProtocolError Missing(string claim) => Object("Missing parameter in the 'request' object: " + claim);

    private static ProtocolError Object(string description) => new("invalid_request_object", description);
}
