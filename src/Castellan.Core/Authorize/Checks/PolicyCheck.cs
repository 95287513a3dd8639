using Castellan.Core.Clients.Policies;
using Castellan.Core.Outbound;

namespace Castellan.Core.Authorize.Checks;

/// <summary>What the realm's policies demand of the client's request.</summary>
/// <param name="early">Whether it runs before the redirect URI is known, so that a refusal is a page.</param>
public sealed class PolicyCheck(bool early, IFetch fetch, TimeProvider time) : IAuthorizeCheck
{
    public async ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct) =>
        await ClientPolicies.Of(request.Realm).AuthorizeAsync(new(request, early, time.GetUtcNow().ToUnixTimeSeconds()), fetch, ct) is not { } refusal ? null
            : early ? AuthorizeRefusal.Page(refusal.Code, refusal.Description ?? refusal.Code)
            : new AuthorizeRefusal(refusal) { BeginsSignIn = true };
}
