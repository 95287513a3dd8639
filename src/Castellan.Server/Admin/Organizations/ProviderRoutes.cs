using System.Text;
using Castellan.Core.Authorization.Administration;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Organizations;

/// <summary>The identity providers that belong to an organization; each belongs to one at most.</summary>
internal static class ProviderRoutes
{
    private const string Settings = "kc.org.";
    private const string DomainSetting = Settings + "domain";
    private const string AnyDomain = "ANY";

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("organizations/{id}/identity-providers", OrganizationRoutes.View, OrganizationRoutes.With(ListAsync)),
        AdminRoute.Post("organizations/{id}/identity-providers", OrganizationRoutes.Manage, OrganizationRoutes.With(AddAsync)),
        AdminRoute.Get("organizations/{id}/identity-providers/{alias}", OrganizationRoutes.View, OrganizationRoutes.With(ShowAsync)),
        AdminRoute.Delete("organizations/{id}/identity-providers/{alias}", OrganizationRoutes.Manage, OrganizationRoutes.With(RemoveAsync)),
    ];

    public static IEnumerable<IdentityProviderRepresentation> Of(Realm realm, OrganizationRepresentation organization) =>
        realm.Data.IdentityProviders.Where(p => p.OrganizationId == organization.Id).OrderBy(p => p.Alias, StringComparer.Ordinal);

    /// <summary>The provider, belonging to no organization.</summary>
    public static Change Released(IdentityProviderRepresentation provider)
    {
        var free = provider.Copy(AdminJson.Default.IdentityProviderRepresentation);
        free.OrganizationId = null;
        free.Config?.Remove(DomainSetting);
        return new PutPart(PartKind.IdentityProvider, free.InternalId!, free.Alias, free);
    }

    /// <summary>The organization's providers that were for a domain which it has no longer; they are for none now.</summary>
    public static IEnumerable<Change> OfLostDomains(Realm realm, OrganizationRepresentation organization)
    {
        foreach (var provider in Of(realm, organization))
        {
            if (provider.Config?.GetValueOrDefault(DomainSetting) is { Length: > 0 } domain && domain != AnyDomain && !Has(organization, domain))
            {
                var changed = provider.Copy(AdminJson.Default.IdentityProviderRepresentation);
                changed.Config!.Remove(DomainSetting);
                yield return new PutPart(PartKind.IdentityProvider, changed.InternalId!, changed.Alias, changed);
            }
        }
    }

    private static bool Has(OrganizationRepresentation organization, string domain) =>
        organization.Domains?.Exists(d => string.Equals(d.Name, domain, StringComparison.OrdinalIgnoreCase)) is true;

    /// <summary>Checks what a provider says of the organization that it belongs to; null when it may be stored.</summary>
    /// <param name="existing">The provider as it was; null for a new one.</param>
    public static async ValueTask<AdminAnswer?> RefuseAsync(AdminContext context, IdentityProviderRepresentation provider, IdentityProviderRepresentation? existing)
    {
        if (!MayBelong(context, provider, existing))
        {
            return AdminAnswer.Forbidden;
        }

        if (string.IsNullOrEmpty(provider.OrganizationId))
        {
            return null;
        }

        if (await context.Service<IOrganizationStore>().FindAsync(context.Realm.Id, provider.OrganizationId, context.Aborted) is not { } organization)
        {
            return AdminAnswer.Message(400, "Organization associated with broker does not exist");
        }

        return provider.Config?.GetValueOrDefault(DomainSetting) is { Length: > 0 } domain && domain != AnyDomain && !Has(organization, domain)
                ? AdminAnswer.Message(400, "Domain does not match any domain from the organization")
                : null;
    }

    /// <summary>Whoever manages providers neither gives one to an organization nor takes one from it, nor says who is sent there: that is for who manages the organization.</summary>
    private static bool MayBelong(AdminContext context, IdentityProviderRepresentation provider, IdentityProviderRepresentation? existing)
    {
        string[] owners = [existing?.OrganizationId ?? "", provider.OrganizationId ?? ""];
        return (owners[0] == owners[1] && SettingsOf(existing).SequenceEqual(SettingsOf(provider)))
            || owners.All(id => id.Length == 0 || context.Rights.Object(AdminObjects.Organizations, id, "manage"));
    }

    private static IEnumerable<KeyValuePair<string, string?>> SettingsOf(IdentityProviderRepresentation? provider) => (provider?.Config ?? [])
        .Where(c => c.Key.StartsWith(Settings, StringComparison.Ordinal) && !string.IsNullOrEmpty(c.Value)).OrderBy(c => c.Key, StringComparer.Ordinal);

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context, OrganizationRepresentation organization)
    {
        var shown = new List<IdentityProviderRepresentation>();
        foreach (var provider in Of(context.Realm, organization))
        {
            shown.Add(await IdentityProviders.IdentityProviderEdits.ShowAsync(context, provider));
        }

        return AdminAnswer.Json(shown, AdminJson.Default.ListIdentityProviderRepresentation);
    }

    private static async ValueTask<AdminAnswer> ShowAsync(AdminContext context, OrganizationRepresentation organization) =>
        Of(context.Realm, organization).FirstOrDefault(p => p.Alias == context.Route("alias")) is { } provider
            ? AdminAnswer.Json(await IdentityProviders.IdentityProviderEdits.ShowAsync(context, provider), AdminJson.Default.IdentityProviderRepresentation)
            : AdminAnswer.Message(404, "Identity provider not associated with the organization");

    /// <summary>The body is an alias or an id, with or without quotes.</summary>
    private static async ValueTask<AdminAnswer> AddAsync(AdminContext context, OrganizationRepresentation organization)
    {
        if (!(await context.ReadBytesAsync()).Ok(out var body, out var refusal))
        {
            return refusal;
        }

        if (IdentityProviders.IdentityProviderRoutes.Find(context.Realm, Encoding.UTF8.GetString(body).Trim().Trim('"')) is not { } provider)
        {
            return AdminAnswer.Message(400, "Identity provider not found with the given alias");
        }

        if (provider.OrganizationId is { } owner)
        {
            return owner == organization.Id
                ? AdminAnswer.Message(409, "Identity provider already associated to the organization")
                : AdminAnswer.Message(400, "Identity provider already associated with a different organization");
        }

        var taken = provider.Copy(AdminJson.Default.IdentityProviderRepresentation);
        taken.OrganizationId = organization.Id;
        await context.ApplyAsync(new PutPart(PartKind.IdentityProvider, taken.InternalId!, taken.Alias, taken));
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> RemoveAsync(AdminContext context, OrganizationRepresentation organization)
    {
        if (Of(context.Realm, organization).FirstOrDefault(p => p.Alias == context.Route("alias")) is not { } provider)
        {
            return AdminAnswer.Message(404, "Identity provider not found with the given alias");
        }

        await context.ApplyAsync(Released(provider));
        return AdminAnswer.NoContent;
    }
}
