using System.Text.Json;
using Castellan.Core;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin.ServerInfo;

namespace Castellan.Server.Admin.IdentityProviders;

/// <summary>A kind of mapper as forms need it.</summary>
internal sealed class MapperTypeRepresentation
{
    public string? Id { get; set; }

    public string? Name { get; set; }

    public string? Category { get; set; }

    public string? HelpText { get; set; }

    public JsonElement? Properties { get; set; }
}

/// <summary>The mappers of an identity provider.</summary>
internal static class IdentityProviderMapperRoutes
{
    private static readonly AdminAnswer s_unknown = AdminAnswer.NotFound("Model not found");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("identity-provider/instances/{alias}/mapper-types", Permission.ViewIdentityProviders, IdentityProviderRoutes.One(Types)),
        AdminRoute.Get("identity-provider/instances/{alias}/mappers", Permission.ViewIdentityProviders, IdentityProviderRoutes.One(List)),
        AdminRoute.Post("identity-provider/instances/{alias}/mappers", Permission.ManageIdentityProviders, IdentityProviderRoutes.One(CreateAsync)),
        AdminRoute.Get("identity-provider/instances/{alias}/mappers/{mapper}", Permission.ViewIdentityProviders, One((_, _, mapper) => new(AdminAnswer.Json(mapper, AdminJson.Default.IdentityProviderMapperRepresentation)))),
        AdminRoute.Put("identity-provider/instances/{alias}/mappers/{mapper}", Permission.ManageIdentityProviders, One(UpdateAsync), noCache: true),
        AdminRoute.Delete("identity-provider/instances/{alias}/mappers/{mapper}", Permission.ManageIdentityProviders, One(DeleteAsync), noCache: true),
    ];

    private static AdminHandler One(Func<AdminContext, IdentityProviderRepresentation, IdentityProviderMapperRepresentation, ValueTask<AdminAnswer>> then) =>
        IdentityProviderRoutes.One((context, provider) =>
            context.Realm.Data.IdentityProviderMappers.FirstOrDefault(m => m.Id == context.Route("mapper")) is { } mapper ? then(context, provider, mapper) : new(s_unknown));

    private static ValueTask<AdminAnswer> Types(AdminContext context, IdentityProviderRepresentation provider)
    {
        var kind = ProviderKind.Find(provider.ProviderId);
        var types = new Dictionary<string, MapperTypeRepresentation>(StringComparer.Ordinal);
        foreach (var mapper in MapperKind.All.Where(m => kind?.Takes(m) ?? false))
        {
            var entry = Providers.Find("org.keycloak.broker.provider.IdentityProviderMapper", mapper.Id);
            types[mapper.Id] = new()
            {
                Id = mapper.Id, Name = mapper.Name, Category = mapper.Category, HelpText = entry?.GetProperty("helpText").GetString(), Properties = entry?.GetProperty("properties"),
            };
        }

        return new(AdminAnswer.Json(types, AdminApiJson.Default.DictionaryStringMapperTypeRepresentation));
    }

    private static ValueTask<AdminAnswer> List(AdminContext context, IdentityProviderRepresentation provider) => new(AdminAnswer.Json(
        [.. context.Realm.Data.IdentityProviderMappers.Where(m => m.IdentityProviderAlias == provider.Alias)], AdminJson.Default.ListIdentityProviderMapperRepresentation));

    private static async ValueTask<AdminAnswer> CreateAsync(AdminContext context, IdentityProviderRepresentation provider)
    {
        if (!(await context.ReadAsync(AdminJson.Default.IdentityProviderMapperRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        given.IdentityProviderAlias ??= provider.Alias;
        if (given.Name is null || IsTaken(context, given, null))
        {
            return AdminAnswer.Message(400, $"Failed to add mapper '{given.Name}' to identity provider [{provider.ProviderId}].");
        }

        given.Id = string.IsNullOrEmpty(given.Id) ? Ids.New() : given.Id;
        given.Config = Filled(given.Config);
        await context.ApplyAsync(Put(given) with { IsNew = true });
        await RecordAsync(context, "CREATE", provider, given, given);
        return AdminAnswer.Created(context.AddressBelow(given.Id));
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, IdentityProviderRepresentation provider, IdentityProviderMapperRepresentation existing)
    {
        if (!(await context.ReadAsync(AdminJson.Default.IdentityProviderMapperRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        given.Id = existing.Id;
        given.Name ??= existing.Name;
        given.IdentityProviderAlias ??= existing.IdentityProviderAlias;
        given.IdentityProviderMapper ??= existing.IdentityProviderMapper;
        given.Config = Filled(given.Config);
        if (IsTaken(context, given, existing.Id))
        {
            return AdminAnswer.Message(400, $"Failed to update mapper '{given.Name}' to identity provider [{provider.ProviderId}].");
        }

        await context.ApplyAsync(Put(given));
        await RecordAsync(context, "UPDATE", provider, existing, given);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, IdentityProviderRepresentation provider, IdentityProviderMapperRepresentation mapper)
    {
        await context.ApplyAsync(new DeletePart(PartKind.IdentityProviderMapper, mapper.Id!));
        await RecordAsync(context, "DELETE", provider, mapper, null);
        return AdminAnswer.NoContent;
    }

    private static bool IsTaken(AdminContext context, IdentityProviderMapperRepresentation given, string? except) =>
        context.Realm.Data.IdentityProviderMappers.Any(m => m.IdentityProviderAlias == given.IdentityProviderAlias && m.Name == given.Name && m.Id != except);

    private static Dictionary<string, string?> Filled(Dictionary<string, string?>? config) => config?.Where(c => !string.IsNullOrEmpty(c.Value)).ToDictionary(StringComparer.Ordinal) ?? [];

    private static PutPart Put(IdentityProviderMapperRepresentation mapper) => new(PartKind.IdentityProviderMapper, mapper.Id!, null, mapper);

    private static ValueTask RecordAsync(AdminContext context, string operation, IdentityProviderRepresentation provider, IdentityProviderMapperRepresentation mapper, IdentityProviderMapperRepresentation? given) =>
        context.RecordAsync(
            operation, "IDENTITY_PROVIDER_MAPPER", $"identity-provider/instances/{provider.Alias}/mappers/{mapper.Id}",
            given is null ? null : AdminEvents.Text(given, AdminJson.Default.IdentityProviderMapperRepresentation));
}
