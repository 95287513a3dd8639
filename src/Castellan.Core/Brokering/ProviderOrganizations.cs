using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Core.Brokering;

/// <summary>The organizations that identity providers belong to.</summary>
public sealed class ProviderOrganizations(IOrganizationStore store, IUserStore users)
{
    private const string Domain = "kc.org.domain";
    private const int MaxLabels = 6;
    private const string AnyDomain = "ANY";

    /// <summary>The provider's organization, while it is enabled.</summary>
    public async ValueTask<OrganizationRepresentation?> FindAsync(Realm realm, IdentityProvider provider, CancellationToken ct = default) =>
        realm.Settings.OrganizationsEnabled == true && provider.OrganizationId is { } id && await store.FindAsync(realm.Id, id, ct) is { Enabled: not false } organization ? organization : null;

    public async ValueTask<bool> IsMemberAsync(Realm realm, OrganizationRepresentation organization, string userId, CancellationToken ct = default) =>
        await store.FindMemberAsync(realm.Id, organization.Id!, userId, ct) is not null;

    /// <summary>Whether nobody comes by the provider because its organization is disabled, or the realm has none any more.</summary>
    public async ValueTask<bool> IsClosedAsync(Realm realm, IdentityProvider provider, CancellationToken ct = default) =>
        provider.OrganizationId is not null && await FindAsync(realm, provider, ct) is null;

    /// <summary>Those of the providers that are not closed, in their order.</summary>
    public async ValueTask<List<IdentityProvider>> OpenAsync(Realm realm, IEnumerable<IdentityProvider> providers, CancellationToken ct = default)
    {
        var open = new List<IdentityProvider>();
        foreach (var provider in providers)
        {
            if (!await IsClosedAsync(realm, provider, ct))
            {
                open.Add(provider);
            }
        }

        return open;
    }

    /// <summary>
    /// Whether an address is of none of the domains that a provider is for, so that nobody joins its organization by that address. A provider for no domain
    /// in particular is for every address.
    /// </summary>
    public async ValueTask<bool> IsOutsideAsync(Realm realm, IdentityProvider provider, string? email, CancellationToken ct = default) =>
        await FindAsync(realm, provider, ct) is { Domains: { Count: > 0 } domains } && provider.Setting(Domain) is { } domain
        && !(domain == AnyDomain ? domains.Exists(d => HasDomain(email, d.Name)) : HasDomain(email, domain));

    /// <summary>
    /// Whether somebody may not have an address: an organization that manages them has providers for domains of its own, and it is of none of these.
    /// </summary>
    public async ValueTask<bool> IsForeignAsync(Realm realm, User user, string email, CancellationToken ct = default)
    {
        if (realm.Settings.OrganizationsEnabled != true || IdentityProviders.Of(realm).All.All(p => p.OrganizationId is null))
        {
            return false;
        }

        var linked = (await users.FederatedIdentitiesAsync(realm.Id, user.Id, ct)).Select(l => l.IdentityProvider).ToHashSet(StringComparer.Ordinal);

        var wanted = new List<string>();
        foreach (var organization in await OfMemberAsync(realm, user.Id, ct))
        {
            if (await store.FindMemberAsync(realm.Id, organization.Id!, user.Id, ct) is { Managed: true })
            {
                foreach (var domain in IdentityProviders.Of(realm).All.Where(p => p.OrganizationId == organization.Id && linked.Contains(p.Alias)).Select(p => p.Setting(Domain)).OfType<string>())
                {
                    wanted.AddRange(domain == AnyDomain ? (organization.Domains ?? []).Select(d => d.Name!) : [domain]);
                }
            }
        }

        return wanted.Count > 0 && !wanted.Exists(d => HasDomain(email, d));
    }

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
        ProvidersOf(realm, organization).Find(p => p.Flag("kc.org.broker.redirect.mode.email-matches") && p.Setting(Domain) is { } domain
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
