using Castellan.Core.Authorize.Checks;
using Castellan.Core.Clients;
using Castellan.Core.Organizations;
using Castellan.Core.Outbound;

namespace Castellan.Core.Authorize;

/// <summary>One thing that an authorization request must fulfil.</summary>
public interface IAuthorizeCheck
{
    /// <summary>Null when fulfilled.</summary>
    ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct);
}

/// <summary>The checks of an authorization request, in their order. A check may rely on what those above it made sure of.</summary>
public sealed class AuthorizePipeline(IClients clients, RequestObjects objects, OrganizationMemberships memberships, IFetch fetch, TimeProvider time)
{
    private readonly IAuthorizeCheck[] _checks =
    [
        new ClientCheck(clients),        // the client exists, is enabled, may sign people in       → page
        objects,                         // RFC 9101, RFC 9126: the parameters that count           → page
        new PolicyCheck(early: true, fetch, time), // the realm's policies let the client ask at all           → page
        new WellFormedCheck(),           // lengths, numbers                                        → page
        new RedirectUriCheck(),          // the redirect URI is one of the client's                 → page
        new ResponseTypeCheck(),         // a response type and mode that exist and fit together    → redirect from here on
        new FlowCheck(),                 // the client may use that flow
        new PushedRequestCheck(),        // RFC 9126 §5, where the client must push
        new ConflictCheck(),             // what stands in the request object and beside it
        new AuthorizationDetailsCheck(), // RFC 9396 §5
        new ScopeCheck(),                // scopes that the client may ask for
        new OrganizationCheck(memberships), // organizations that there are
        new NonceCheck(),                // OIDC Core §3.2.2.1
        new PkceCheck(),                 // RFC 7636
        new PolicyCheck(early: false, fetch, time), // what the realm's policies demand beyond that
    ];

    public async ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct)
    {
        foreach (var check in _checks)
        {
            if (await check.CheckAsync(request, ct) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }
}
