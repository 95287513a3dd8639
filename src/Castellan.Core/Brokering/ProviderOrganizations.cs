using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Brokering;

/// <summary>The organizations that identity providers belong to.</summary>
public sealed class ProviderOrganizations(IOrganizationStore store)
{
    /// <summary>The provider's organization, while it is enabled.</summary>
    public async ValueTask<OrganizationRepresentation?> FindAsync(Realm realm, IdentityProvider provider, CancellationToken ct = default) =>
        realm.Settings.OrganizationsEnabled == true && provider.OrganizationId is { } id && await store.FindAsync(realm.Id, id, ct) is { Enabled: not false } organization ? organization : null;

    public async ValueTask<bool> IsMemberAsync(Realm realm, OrganizationRepresentation organization, string userId, CancellationToken ct = default) =>
        await store.FindMemberAsync(realm.Id, organization.Id!, userId, ct) is not null;

    /// <summary>Whether an address is of none of the domains of the provider's organization, so that nobody joins it by that address.</summary>
    public async ValueTask<bool> IsOutsideAsync(Realm realm, IdentityProvider provider, string? email, CancellationToken ct = default) =>
        await FindAsync(realm, provider, ct) is { Domains: { Count: > 0 } domains } && !domains.Exists(d => HasDomain(email, d.Name));

    /// <summary>Whether an address is of a domain, or of one below a domain that is written <c>*.domain</c>.</summary>
    public static bool HasDomain(string? email, string? domain)
    {
        var at = email?.LastIndexOf('@') ?? -1;
        if (at < 0 || domain is not { Length: > 0 })
        {
            return false;
        }

        var host = email![(at + 1)..];
        return domain.StartsWith("*.", StringComparison.Ordinal)
            ? host.Equals(domain[2..], StringComparison.OrdinalIgnoreCase) || host.EndsWith(domain[1..], StringComparison.OrdinalIgnoreCase)
            : host.Equals(domain, StringComparison.OrdinalIgnoreCase);
    }
}
