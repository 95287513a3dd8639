using System.Text.RegularExpressions;
using Castellan.Core;
using Castellan.Core.Authorization.Administration;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Import;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Organizations;

/// <summary>The organizations of a realm. On a realm that has them switched off every route says so.</summary>
internal static partial class OrganizationRoutes
{
    private const int UsualPage = 10;

    /// <summary>Those who may only search are shown no organization in a list; the count counts for them too.</summary>
    internal static readonly Permission Query = Permission.Any("query-organizations", "view-organizations", "manage-organizations", "manage-realm");

    internal static readonly Permission View = Permission.Any("view-organizations", "manage-organizations", "manage-realm");
    internal static readonly Permission Manage = Permission.Any("manage-organizations", "manage-realm");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("organizations", Query, On(ListAsync)),
        AdminRoute.Post("organizations", Manage, On(CreateAsync)),
        AdminRoute.Get("organizations/count", Query, On(CountAsync)),
        AdminRoute.Get("organizations/{id}", View, With(Show)),
        AdminRoute.Put("organizations/{id}", Manage, With(UpdateAsync)),
        AdminRoute.Delete("organizations/{id}", Manage, With(DeleteAsync)),
        .. MemberRoutes.All,
        .. ProviderRoutes.All,
        .. GroupRoutes.All,
        .. InvitationRoutes.All,
    ];

    /// <summary>A handler that runs only where organizations are switched on.</summary>
    internal static AdminHandler On(AdminHandler handler) => context => context.Realm.Settings.OrganizationsEnabled == true
        ? handler(context)
        : new(AdminAnswer.Message(404, "Organizations not enabled for this realm."));

    /// <summary>A handler that has the organization of the path.</summary>
    internal static AdminHandler With(Func<AdminContext, OrganizationRepresentation, ValueTask<AdminAnswer>> handler) => On(async context =>
        await context.Service<IOrganizationStore>().FindAsync(context.Realm.Id, context.Route("id"), context.Aborted) is { } organization
            ? await handler(context, organization)
            : AdminAnswer.Message(404, "Organization not found."));

    internal static OrganizationRepresentation Shown(OrganizationRepresentation stored, bool brief) => new()
    {
        Id = stored.Id, Name = stored.Name, Alias = stored.Alias, Enabled = stored.Enabled ?? true, Description = stored.Description,
        RedirectUrl = stored.RedirectUrl, Attributes = brief ? null : stored.Attributes ?? [], Domains = stored.Domains is { Count: > 0 } domains ? domains : null,
    };

    /// <summary>A search by attributes is one by nothing else.</summary>
    private static OrganizationQuery Asked(AdminContext context)
    {
        var (shown, search) = (context.Rights.Shown(AdminObjects.Organizations), context.Query("search"));
        return context.Query("q") is { } query && !string.IsNullOrWhiteSpace(query) ? new(Attributes: AttributeQuery.Parse(query), Only: shown)
            : new(string.IsNullOrWhiteSpace(search) ? null : search, context.Flag("exact"), Only: shown);
    }

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context)
    {
        if (!context.Rights.ListsAny(AdminObjects.Organizations))
        {
            return AdminAnswer.Json([], AdminJson.Default.ListOrganizationRepresentation);
        }

        var found = await context.Service<IOrganizationStore>().ListAsync(context.Realm.Id, Asked(context), context.First, context.Max(UsualPage), context.Aborted);
        var brief = context.Brief(otherwise: true);
        return AdminAnswer.Json([.. found.Select(o => Shown(o, brief))], AdminJson.Default.ListOrganizationRepresentation);
    }

    private static async ValueTask<AdminAnswer> CountAsync(AdminContext context) =>
        AdminAnswer.Json(await context.Service<IOrganizationStore>().CountAsync(context.Realm.Id, Asked(context), context.Aborted), OrganizationJson.Default.Int32);

    private static ValueTask<AdminAnswer> Show(AdminContext context, OrganizationRepresentation organization) =>
        new(AdminAnswer.Json(Shown(organization, brief: false), AdminJson.Default.OrganizationRepresentation));

    private static async ValueTask<AdminAnswer> CreateAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminJson.Default.OrganizationRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        given.Id = Ids.New();
        var alias = given.Alias;
        if (await RefuseAsync(context, given, stored: null) is { } refused)
        {
            return refused;
        }

        await context.ApplyAsync(new PutOrganization(given));
        given.Alias = alias;
        await context.RecordAsync("CREATE", "ORGANIZATION", $"organizations/{given.Id}", given, AdminJson.Default.OrganizationRepresentation);
        return AdminAnswer.Created(context.AddressBelow(given.Id));
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, OrganizationRepresentation stored)
    {
        if (!(await context.ReadAsync(AdminJson.Default.OrganizationRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given.Alias != stored.Alias)
        {
            return AdminAnswer.Message(400, "Cannot change the alias");
        }

        given.Id = stored.Id;
        if (await RefuseAsync(context, given, stored) is { } refused)
        {
            return refused;
        }

        var sent = given.Copy(AdminJson.Default.OrganizationRepresentation);
        given.Attributes ??= stored.Attributes;
        given.IdentityProviders = stored.IdentityProviders;
        await context.ApplyAsync([new PutOrganization(given), .. ProviderRoutes.OfLostDomains(context.Realm, given)]);
        await context.RecordAsync("UPDATE", "ORGANIZATION", $"organizations/{given.Id}", sent, AdminJson.Default.OrganizationRepresentation);
        return AdminAnswer.NoContent;
    }

    /// <summary>Deletes it with the people whom it manages; its providers stay, and belong to nobody.</summary>
    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, OrganizationRepresentation organization)
    {
        var managed = await context.Service<IOrganizationStore>().MembersAsync(context.Realm.Id, organization.Id!, new MemberQuery(Managed: true), 0, -1, context.Aborted);
        await context.ApplyAsync(
        [
            .. managed.Select(m => (Change)new DeleteUser(m.User.Id)),
            .. ProviderRoutes.Of(context.Realm, organization).Select(ProviderRoutes.Released),
            new DeleteOrganization(organization.Id!),
        ]);
        await context.RecordAsync("DELETE", "ORGANIZATION", $"organizations/{organization.Id}");
        return AdminAnswer.NoContent;
    }

    /// <summary>Checks what is given, and completes it; null when it may be stored.</summary>
    private static async ValueTask<AdminAnswer?> RefuseAsync(AdminContext context, OrganizationRepresentation given, OrganizationRepresentation? stored)
    {
        if (stored is null && given.Alias is { Length: > 0 } named && Unfit(named) is { } reserved)
        {
            return AdminAnswer.Error(400, reserved);
        }

        if (string.IsNullOrWhiteSpace(given.Name))
        {
            return AdminAnswer.Message(400, "Name can not be null");
        }

        var store = context.Service<IOrganizationStore>();
        if (await store.FindByNameAsync(context.Realm.Id, given.Name, context.Aborted) is { } taken && taken.Id != stored?.Id)
        {
            return AdminAnswer.Message(409, "A organization with the same name already exists.");
        }

        if (string.IsNullOrEmpty(given.Alias))
        {
            if (Unfit(given.Name) is { } unfit)
            {
                return AdminAnswer.Message(400, $"Name cannot be used as alias: {unfit}");
            }

            given.Alias = given.Name;
        }

        if (await store.FindByAliasAsync(context.Realm.Id, given.Alias, context.Aborted) is { } other && other.Id != stored?.Id)
        {
            return AdminAnswer.Message(409, "A organization with the same alias already exists");
        }

        if (given.RedirectUrl is { Length: > 0 } url && !(Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            return AdminAnswer.Message(400, "Organization redirect URL is not valid.");
        }

        given.Enabled ??= true;
        return await RefuseDomainsAsync(context, given, stored);
    }

    /// <summary>Why an organization may not have an alias; null when it may.</summary>
    private static string? Unfit(string alias) => ReservedCharacters.HasBlank(alias) ? ReservedCharacters.NoBlank : Refusals.OfCharacters(alias, "")?.Code;

    private static async ValueTask<AdminAnswer?> RefuseDomainsAsync(AdminContext context, OrganizationRepresentation given, OrganizationRepresentation? stored)
    {
        var domains = new List<OrganizationDomainRepresentation>();
        foreach (var domain in given.Domains ?? [])
        {
            if (string.IsNullOrWhiteSpace(domain.Name))
            {
                return AdminAnswer.Message(400, "Domain name cannot be empty");
            }

            var name = domain.Name.ToLowerInvariant();
            if (!Domain().IsMatch(name))
            {
                return AdminAnswer.Message(400, $"Invalid domain format: {name}");
            }

            if (await context.Service<IOrganizationStore>().FindByDomainAsync(context.Realm.Id, name, context.Aborted) is { } owner && owner.Id != stored?.Id)
            {
                return AdminAnswer.Message(400, $"Domain {name} is already linked to organization {owner.Name} in realm {context.Realm.Name}");
            }

            if (domains.TrueForAll(d => d.Name != name))
            {
                domains.Add(new() { Name = name, Verified = domain.Verified ?? false });
            }
        }

        given.Domains = domains;
        return null;
    }

    [GeneratedRegex(@"^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Domain();
}
