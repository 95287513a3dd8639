using Castellan.Core.Organizations;

namespace Castellan.Core.Authorize.Checks;

/// <summary>Every organization that the scope names is one of the realm's.</summary>
public sealed class OrganizationCheck(OrganizationMemberships memberships) : IAuthorizeCheck
{
    public async ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct) =>
        await memberships.AreKnownAsync(request.Client, request["scope"], ct) ? null : AuthorizeRefusal.Redirect("invalid_scope", $"Invalid scopes: {request["scope"]}");
}
