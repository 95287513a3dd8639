using Castellan.Core.Clients.Policies;

namespace Castellan.Core.Authorize.Checks;

/// <summary>What the realm's policies demand of the client's request.</summary>
/// <param name="early">Whether it runs before the redirect URI is known, so that a refusal is a page.</param>
public sealed class PolicyCheck(bool early) : IAuthorizeCheck
{
    public ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct) =>
        new(ClientPolicies.Of(request.Realm).Authorize(new AuthorizationOccasion(request, early)) is not { } refusal ? null
            : early ? AuthorizeRefusal.Page(refusal.Code, refusal.Description ?? refusal.Code)
            : new AuthorizeRefusal(refusal) { BeginsSignIn = true });
}
