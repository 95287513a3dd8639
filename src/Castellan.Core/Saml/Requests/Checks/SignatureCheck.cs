namespace Castellan.Core.Saml.Requests.Checks;

/// <summary>The client signed the message, where it has to. Of one that does not, any signature passes: there is no key to check it by.</summary>
public sealed class SignatureCheck(TimeProvider time) : ISamlCheck
{
    public ValueTask<SamlRefusal?> CheckAsync(SamlRequest request, CancellationToken ct) =>
        new(ProviderKeys.Accept(request.Client, request.Received, time) ? null : new SamlRefusal("invalid_signature", "invalidRequesterMessage"));
}
