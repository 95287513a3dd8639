using Castellan.Core.Clients;
using Castellan.Core.Saml.Requests.Checks;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Requests;

/// <summary>One thing that a request of a service provider must fulfil.</summary>
public interface ISamlCheck
{
    /// <summary>Null when fulfilled.</summary>
    ValueTask<SamlRefusal?> CheckAsync(SamlRequest request, CancellationToken ct);
}

/// <summary>The checks of requests by SAML, in their order. A check may rely on what those above it made sure of.</summary>
public sealed class SamlRequestPipeline(IClients clients, ProviderKeys keys)
{
    private readonly ISamlCheck[] _ofAll =
    [
        new ProviderCheck(clients), // the issuer is a client that is enabled and may sign people in
        new SignatureCheck(keys),   // it signed the message, where it must
        new DestinationCheck(),     // the message was meant for this realm
        new PolicyCheck(),          // the realm's client policies let it pass
    ];

    private readonly ISamlCheck[] _ofSignIns =
    [
        new ConsumerCheck(),        // the answer goes to an address of the client
        new NameIdFormatCheck(),    // names of that kind exist
    ];

    public async ValueTask<SamlRefusal?> CheckAsync(SamlRequest request, CancellationToken ct)
    {
        foreach (var check in request.Message is AuthnRequest ? [.. _ofAll, .. _ofSignIns] : _ofAll)
        {
            if (await check.CheckAsync(request, ct) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }
}
