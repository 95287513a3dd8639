using System.Text.Json;
using Castellan.Core;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.IdentityProviders;

/// <summary>Identity providers of a realm.</summary>
internal static class IdentityProviderRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("identity-provider/instances", Permission.ViewIdentityProviders, ListAsync),
        AdminRoute.Post("identity-provider/instances", Permission.ManageIdentityProviders, CreateAsync),
        AdminRoute.Get("identity-provider/instances/{alias}", Permission.ViewIdentityProviders, One(async (context, provider) => AdminAnswer.Json(await IdentityProviderEdits.ShowAsync(context, provider), AdminJson.Default.IdentityProviderRepresentation))),
        AdminRoute.Put("identity-provider/instances/{alias}", Permission.ManageIdentityProviders, One(UpdateAsync), noCache: true),
        AdminRoute.Delete("identity-provider/instances/{alias}", Permission.ManageIdentityProviders, One(DeleteAsync), noCache: true),
        AdminRoute.Get("identity-provider/instances/{alias}/management/permissions", Permission.ViewIdentityProviders, One((_, _) => new(AdminAnswer.NotEnabled))),
        AdminRoute.Put("identity-provider/instances/{alias}/management/permissions", Permission.ManageIdentityProviders, One((_, _) => new(AdminAnswer.NotEnabled))),
        AdminRoute.Get("identity-provider/providers/{kind}", Permission.ViewIdentityProviders, Kind),
        .. ProviderImport.All,
        .. ProviderCertificate.All,
        .. IdentityProviderMapperRoutes.All,
    ];

    /// <summary>A handler for the provider that the path names by its internal id or its alias.</summary>
    public static AdminHandler One(Func<AdminContext, IdentityProviderRepresentation, ValueTask<AdminAnswer>> then) => context =>
        Find(context.Realm, context.Route("alias")) is { } provider ? then(context, provider) : new(AdminAnswer.NotFoundHere);

    /// <summary>The provider with this internal id, or else with this alias.</summary>
    public static IdentityProviderRepresentation? Find(Realm realm, string name) =>
        realm.Data.IdentityProviders.FirstOrDefault(p => p.InternalId == name) ?? realm.Data.IdentityProviders.FirstOrDefault(p => p.Alias == name);

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context)
    {
        var found = context.Realm.Data.IdentityProviders.Where(p => Matches(p, context.Query("search")));
        if (context.Flag("realmOnly"))
        {
            found = found.Where(p => p.OrganizationId is null);
        }

        if (context.Query("type") is { Length: > 0 } type && type != "ANY")
        {
            found = found.Where(p => ProviderKind.Find(p.ProviderId)?.Types.Contains(type) ?? false);
        }
        else if (context.Query("capability") == "USER_LINKING")
        {
            // Whatever says who a person is, be it for a sign-in, an exchange or a grant.
            found = found.Where(p => ProviderKind.Find(p.ProviderId)?.Types.Any(t => t is "USER_AUTHENTICATION" or "EXCHANGE_EXTERNAL_TOKEN" or "JWT_AUTHORIZATION_GRANT") ?? false);
        }

        var shown = new List<IdentityProviderRepresentation>();
        foreach (var provider in context.Page(found.OrderBy(p => p.Alias, StringComparer.Ordinal), otherwise: 100))
        {
            shown.Add(await IdentityProviderEdits.ShowAsync(context, provider, context.Brief(otherwise: false)));
        }

        return AdminAnswer.Json(shown, AdminJson.Default.ListIdentityProviderRepresentation);
    }

    /// <summary>Quotes ask for the whole alias, a star stands for anything, else the beginning counts.</summary>
    private static bool Matches(IdentityProviderRepresentation provider, string? search)
    {
        if (string.IsNullOrWhiteSpace(search))
        {
            return true;
        }

        var (alias, text) = (provider.Alias ?? "", search.Trim());
        return text is ['"', .., '"'] ? alias.Equals(text[1..^1], StringComparison.OrdinalIgnoreCase)
            : text.Contains('*', StringComparison.Ordinal) ? System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(text + (text.EndsWith('*') ? "" : "*"), alias, ignoreCase: true)
            : alias.StartsWith(text, StringComparison.OrdinalIgnoreCase);
    }

    private static async ValueTask<AdminAnswer> CreateAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminJson.Default.IdentityProviderRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (await RefuseAsync(context, given, null) is { } bad)
        {
            return bad;
        }

        if (context.Realm.Data.IdentityProviders.Any(p => p.Alias == given.Alias))
        {
            return AdminAnswer.Message(409, $"Identity Provider {given.Alias} already exists");
        }

        var provider = IdentityProviderEdits.Document(given, null);
        provider.InternalId = string.IsNullOrEmpty(given.InternalId) ? Ids.New() : given.InternalId;
        await context.ApplyAsync(Put(provider) with { IsNew = true });
        await context.RecordAsync("CREATE", "IDENTITY_PROVIDER", $"identity-provider/instances/{provider.Alias}", IdentityProviderEdits.Masked(provider), AdminJson.Default.IdentityProviderRepresentation);
        return AdminAnswer.Created(context.AddressBelow(provider.Alias!));
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, IdentityProviderRepresentation existing)
    {
        if (!(await context.ReadAsync(AdminJson.Default.IdentityProviderRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        given.Alias ??= existing.Alias;
        if (given.Alias != existing.Alias)
        {
            return AdminAnswer.Message(400, "Identity Provider alias cannot be changed");
        }

        // The kind is fixed at creation.
        given.ProviderId = existing.ProviderId;
        if (await RefuseAsync(context, given, existing) is { } bad)
        {
            return bad;
        }

        var provider = IdentityProviderEdits.Document(given, existing);
        provider.InternalId = existing.InternalId;
        await context.ApplyAsync(Put(provider));
        await context.RecordAsync("UPDATE", "IDENTITY_PROVIDER", $"identity-provider/instances/{provider.Alias}", IdentityProviderEdits.Masked(given), AdminJson.Default.IdentityProviderRepresentation);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, IdentityProviderRepresentation provider)
    {
        var mappers = context.Realm.Data.IdentityProviderMappers.Where(m => m.IdentityProviderAlias == provider.Alias);
        await context.ApplyAsync([.. mappers.Select(m => new DeletePart(PartKind.IdentityProviderMapper, m.Id!)), new DeletePart(PartKind.IdentityProvider, provider.InternalId!)]);
        await context.RecordAsync("DELETE", "IDENTITY_PROVIDER", $"identity-provider/instances/{provider.Alias}");
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer?> RefuseAsync(AdminContext context, IdentityProviderRepresentation given, IdentityProviderRepresentation? existing) =>
        IdentityProviderEdits.Refuse(context.Realm, given) ?? await Organizations.ProviderRoutes.RefuseAsync(context, given, existing);

    private static ValueTask<AdminAnswer> Kind(AdminContext context) => new(ProviderKind.Find(context.Route("kind")) is { } kind
        ? AdminAnswer.Json(new ProviderKindRepresentation { Id = kind.Id, Name = kind.Name, ConfigProperties = Properties(kind.Id) }, AdminApiJson.Default.ProviderKindRepresentation)
        : AdminAnswer.Error(400, "HTTP 400 Bad Request"));

    /// <summary>What services of the public can be told beyond what every provider can.</summary>
    private static List<JsonElement> Properties(string kind) =>
        ServerInfo.Providers.Find("org.keycloak.broker.social.SocialIdentityProvider", kind) is { } entry && entry.TryGetProperty("properties", out var properties) ? [.. properties.EnumerateArray()] : [];

    private static PutPart Put(IdentityProviderRepresentation provider) => new(PartKind.IdentityProvider, provider.InternalId!, provider.Alias, provider);
}

/// <summary>A kind of identity provider as it is shown.</summary>
internal sealed class ProviderKindRepresentation
{
    public string? Id { get; set; }

    public string? Name { get; set; }

    public string HelpText { get; set; } = "";

    public List<JsonElement> ConfigProperties { get; set; } = [];

    public List<JsonElement> ConfigMetadata { get; set; } = [];
}
