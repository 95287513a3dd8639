namespace Castellan.Core.Saml.Requests.Checks;

/// <summary>The client signed the message, where it has to. Of one that does not, any signature passes: there is no key to check it by.</summary>
public sealed class SignatureCheck(ProviderKeys keys) : ISamlCheck
{
    public async ValueTask<SamlRefusal?> CheckAsync(SamlRequest request, CancellationToken ct) =>
        await keys.AcceptAsync(request.Client, request.Received, ct) ? null : new SamlRefusal("invalid_signature", "invalidRequesterMessage");
}
