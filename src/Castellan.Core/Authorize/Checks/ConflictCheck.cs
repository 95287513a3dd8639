namespace Castellan.Core.Authorize.Checks;

/// <summary>
/// A response type that stands inside the request object and beside it is the same (OIDC Core §6.1), and nothing is there twice (RFC 6749 §3.1):
/// two readers could take different ones.
/// </summary>
public sealed class ConflictCheck : IAuthorizeCheck
{
    public ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct) =>
        new(request.Conflict is { } conflict ? AuthorizeRefusal.Redirect("invalid_request", conflict) with { TellsReason = false } : null);
}
