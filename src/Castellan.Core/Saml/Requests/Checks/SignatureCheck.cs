namespace Castellan.Core.Saml.Requests.Checks;

/// <summary>The client signed the message, where it has to. Of one that does not, any signature passes: there is no key to check it by.</summary>
public sealed class SignatureCheck : ISamlCheck
{
    public ValueTask<SamlRefusal?> CheckAsync(SamlRequest request, CancellationToken ct) =>
        new(!ProviderKeys.MustSign(request.Client) || request.Received.IsSignedBy(ProviderKeys.Of(request.Client)) ? null : new SamlRefusal("invalid_signature", "invalidRequesterMessage"));
}
