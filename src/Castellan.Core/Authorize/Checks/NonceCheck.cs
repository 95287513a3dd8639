namespace Castellan.Core.Authorize.Checks;

/// <summary>An ID token that goes through the browser must be bound to the request by a nonce (OIDC Core §3.2.2.1).</summary>
public sealed class NonceCheck : IAuthorizeCheck
{
    public ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct) =>
        new(request.ResponseType.HasFlag(ResponseType.IdToken) && request["nonce"] is null
            ? AuthorizeRefusal.Redirect("invalid_request", "Missing parameter: nonce")
            : null);
}
