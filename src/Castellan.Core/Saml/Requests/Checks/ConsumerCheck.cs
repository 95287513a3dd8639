using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Requests.Checks;

/// <summary>The answer goes to an address of the client: what it says about a person is for nobody else.</summary>
public sealed class ConsumerCheck : ISamlCheck
{
    public ValueTask<SamlRefusal?> CheckAsync(SamlRequest request, CancellationToken ct)
    {
        request.Consumer = Consumer.Find(request.Client, request.Server, (AuthnRequest)request.Message, request.Received.Binding);
        return new(request.Consumer is null ? new SamlRefusal("invalid_redirect_uri", "invalidRedirectUriMessage") : null);
    }
}
