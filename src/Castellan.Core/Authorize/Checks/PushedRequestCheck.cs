namespace Castellan.Core.Authorize.Checks;

/// <summary>A client that must push its requests (RFC 9126 §6) did.</summary>
public sealed class PushedRequestCheck : IAuthorizeCheck
{
    public ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct) =>
        new(request.Client.Flag("require.pushed.authorization.requests") && !request.Pushed && !request.IsResumed
            ? AuthorizeRefusal.Redirect("invalid_request", "Pushed Authorization Request is only allowed.")
            : null);
}
