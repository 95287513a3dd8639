using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Brokering;

/// <summary>The organizations that identity providers belong to.</summary>
public sealed class ProviderOrganizations(IOrganizationStore store)
{
    private const int MaxLabels = 6;
    private const string AnyDomain = "ANY";

    /// <summary>The provider's organization, while it is enabled.</summary>
    public async ValueTask<OrganizationRepresentation?> FindAsync(Realm realm, IdentityProvider provider, CancellationToken ct = default) =>
        realm.Settings.OrganizationsEnabled == true && provider.OrganizationId is { } id && await store.FindAsync(realm.Id, id, ct) is { Enabled: not false } organization ? organization : null;

    public async ValueTask<bool> IsMemberAsync(Realm realm, OrganizationRepresentation organization, string userId, CancellationToken ct = default) =>
        await store.FindMemberAsync(realm.Id, organization.Id!, userId, ct) is not null;

    /// <summary>Whether an address is of none of the domains of the provider's organization, so that nobody joins it by that address.</summary>
    public async ValueTask<bool> IsOutsideAsync(Realm realm, IdentityProvider provider, string? email, CancellationToken ct = default) =>
        await FindAsync(realm, provider, ct) is { Domains: { Count: > 0 } domains } && !domains.Exists(d => HasDomain(email, d.Name));

    /// <summary>Whether the realm has organizations that anybody could belong to.</summary>
    public async ValueTask<bool> AnyAsync(Realm realm, CancellationToken ct = default) =>
        realm.Settings.OrganizationsEnabled == true && await store.CountAsync(realm.Id, new OrganizationQuery(), ct) > 0;

    /// <summary>The enabled organizations that a person belongs to.</summary>
    public async ValueTask<List<OrganizationRepresentation>> OfMemberAsync(Realm realm, string userId, CancellationToken ct = default) =>
        (await store.OfMemberAsync(realm.Id, userId, ct)).FindAll(o => o.Enabled != false);

    public ValueTask<OrganizationRepresentation?> FindByAliasAsync(Realm realm, string alias, CancellationToken ct = default) => store.FindByAliasAsync(realm.Id, alias, ct);

    /// <summary>The enabled organization that an address belongs to, by the domain itself or one above it that is written <c>*.domain</c>.</summary>
    public async ValueTask<OrganizationRepresentation?> FindByEmailAsync(Realm realm, string email, CancellationToken ct = default)
    {
        var at = email.LastIndexOf('@');
        if (at <= 0 || at == email.Length - 1 || email.Length > 255)
        {
            return null;
        }

        var host = email[(at + 1)..].ToLowerInvariant();
        var labels = host.Split('.');
        foreach (var domain in Enumerable.Range(0, Math.Min(labels.Length, MaxLabels)).Select(i => $"*.{string.Join('.', labels[i..])}").Prepend(host))
        {
            if ((await store.ListAsync(realm.Id, new OrganizationQuery(domain, Exact: true), 0, MaxLabels, ct)).Find(o => o.Domains?.Exists(d => HasDomain(email, d.Name)) ?? false) is { } found)
            {
                return found.Enabled == false ? null : found;
            }
        }

        return null;
    }

    /// <summary>The providers of an organization that people may come by now.</summary>
    public static List<IdentityProvider> ProvidersOf(Realm realm, OrganizationRepresentation organization) =>
        [.. IdentityProviders.Of(realm).All.Where(p => p is { Enabled: true, CanSignIn: true, LinkOnly: false } && p.OrganizationId == organization.Id)];

    /// <summary>The provider that people with an address are led to without a question.</summary>
    public static IdentityProvider? Redirecting(Realm realm, OrganizationRepresentation organization, string? email) =>
        ProvidersOf(realm, organization).Find(p => p.Flag("kc.org.broker.redirect.mode.email-matches") && p.Setting("kc.org.domain") is { } domain
            && (domain == AnyDomain ? organization.Domains?.Exists(d => HasDomain(email, d.Name?.Replace("*.", "", StringComparison.Ordinal))) ?? false : HasDomain(email, domain)));

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
