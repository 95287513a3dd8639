using Castellan.Core.Clients.Policies;

namespace Castellan.Core.Saml.Requests.Checks;

/// <summary>The request is one that the realm's client policies let pass.</summary>
public sealed class PolicyCheck : ISamlCheck
{
    public ValueTask<SamlRefusal?> CheckAsync(SamlRequest request, CancellationToken ct) => new(
        ClientPolicies.Of(request.Realm).Saml(new(request.Realm, request.Client, request.Message, request.Received.Binding)) is { } refusal
            ? new SamlRefusal(refusal.Code, SamlRefusal.InvalidRequest) { PolicyDetail = refusal.Description } : null);
}
