using System.Text.Json;
using Castellan.Core;
using Castellan.Core.Clients;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Server.Admin.ServerInfo;
using Castellan.Server.Admin.UserFederation;

namespace Castellan.Server.Admin.Components;

/// <summary>Components: key providers, user federation, policies of registration, the user profile.</summary>
internal static class ComponentRoutes
{
    private static readonly AdminAnswer s_unknown = AdminAnswer.NotFound("Could not find component");
    private static readonly AdminAnswer s_noProvider = AdminAnswer.Error(400, "Invalid provider type or no such provider");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("components", Permission.ViewRealm, List),
        AdminRoute.Post("components", Permission.ManageRealm, CreateAsync),
        AdminRoute.Get("components/{component}", Permission.ViewRealm, One((_, component) => new(AdminAnswer.Json(ComponentViews.Show(component), AdminJson.Default.ComponentRepresentation)))),
        AdminRoute.Put("components/{component}", Permission.ManageRealm, One(UpdateAsync)),
        AdminRoute.Delete("components/{component}", Permission.ManageRealm, One(DeleteAsync)),
        AdminRoute.Get("components/{component}/sub-component-types", Permission.ViewRealm, context => Find(context.Realm, context.Route("component")) is { } parent ? SubTypes(context, parent) : new(AdminAnswer.NotFound("Could not find parent component"))),
    ];

    private static AdminHandler One(Func<AdminContext, ComponentRepresentation, ValueTask<AdminAnswer>> then) => context =>
        context.Realm.Data.Components.FirstOrDefault(c => c.Id == context.Route("component")) is { } component ? then(context, component) : new(s_unknown);

    private static ValueTask<AdminAnswer> List(AdminContext context)
    {
        var (type, parent, name) = (context.Query("type"), context.Query("parent"), context.Query("name"));
        if (type is not null)
        {
            // Who asks for a kind alone asks for those of the realm, and not for parts of others of them, such as mappers of a federation.
            parent ??= context.Realm.Id;
        }

        var found = context.Realm.Data.Components.Where(c => c.ProviderType != InitialAccess.ProviderType &&
            (type is null || c.ProviderType == type) && (parent is null || c.ParentId == parent) && (name is null || c.Name == name));
        return new(AdminAnswer.Json([.. found.Select(ComponentViews.Show)], AdminJson.Default.ListComponentRepresentation));
    }

    private static async ValueTask<AdminAnswer> CreateAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminJson.Default.ComponentRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var sent = AdminEvents.Text(ComponentViews.Stripped(given), AdminJson.Default.ComponentRepresentation);
        // Ids of people who live elsewhere contain the federation's, so it is short.
        given.Id = !string.IsNullOrEmpty(given.Id) ? given.Id : given.ProviderType == ComponentViews.UserStorage ? Secret.Base64Url(16) : Ids.New();
        given.ParentId ??= context.Realm.Id;
        given.Config = (given.Config ?? []).Select(c => KeyValuePair.Create(c.Key, (c.Value ?? []).FindAll(v => !string.IsNullOrWhiteSpace(v))))
            .Where(c => c.Value.Count > 0).ToDictionary(StringComparer.Ordinal);
        if (await CheckAsync(context, given) is { } bad)
        {
            return bad;
        }

        var parts = new List<ComponentRepresentation> { given };
        if (IsLdap(given))
        {
            LdapProvider.Complete(given);
            parts.AddRange(LdapProvider.Mappers(given));
        }
        else if (given.ProviderType == LdapProvider.MapperType)
        {
            LdapMapperRules.Complete(given, Find(context.Realm, given.ParentId));
        }

        await context.ApplyAsync(parts.Select(part => Put(part) with { IsNew = true }));
        await context.RecordAsync("CREATE", "COMPONENT", $"components/{given.Id}", sent);
        return AdminAnswer.Created(context.AddressBelow(given.Id));
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, ComponentRepresentation component)
    {
        if (!(await context.ReadAsync(AdminJson.Default.ComponentRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var changed = ComponentViews.Update(component, given);
        if (await CheckAsync(context, changed) is { } bad)
        {
            return bad;
        }

        var parts = new List<ComponentRepresentation> { changed };
        if (IsLdap(changed))
        {
            parts.AddRange(LdapMapperRules.Followers(context.Realm, changed));
            if (LdapProvider.RenamedBy(component, changed, context.Realm.Data.Components) is { } renamed)
            {
                parts.Add(renamed);
            }
        }
        else if (changed.ProviderType == LdapProvider.MapperType)
        {
            LdapMapperRules.Complete(changed, Find(context.Realm, changed.ParentId));
        }

        await context.ApplyAsync(parts.Select(Put));
        await context.RecordAsync("UPDATE", "COMPONENT", $"components/{component.Id}", ComponentViews.Stripped(given), AdminJson.Default.ComponentRepresentation);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, ComponentRepresentation component)
    {
        await context.ApplyAsync(WithParts(context.Realm, component.Id!).Select(id => new DeletePart(PartKind.Component, id)));
        await context.RecordAsync("DELETE", "COMPONENT", $"components/{component.Id}");
        return AdminAnswer.NoContent;
    }

    private static ValueTask<AdminAnswer> SubTypes(AdminContext context, ComponentRepresentation component)
    {
        if (context.Query("type") is not { Length: > 0 } type)
        {
            return new(AdminAnswer.Error(400, "must specify a subtype"));
        }

        List<JsonElement> kinds = IsLdap(component) && type == LdapProvider.MapperType ? LdapMapperKinds.Of(component) : [.. Providers.OfType(type)];
        return new(AdminAnswer.Json(kinds, AdminApiJson.Default.ListJsonElement));
    }

    /// <summary>A component is checked by its kind; a key provider also makes the key that it lacks.</summary>
    private static async ValueTask<AdminAnswer?> CheckAsync(AdminContext context, ComponentRepresentation component)
    {
        if (Providers.Find(component.ProviderType ?? "", component.ProviderId) is null || (IsLdap(component) && LdapProvider.HasUnknownMode(component)))
        {
            return s_noProvider;
        }

        if (IsLdap(component) && LdapProvider.Refuse(component) is { } wrong)
        {
            return AdminAnswer.Message(400, wrong);
        }

        if (component.ProviderType == LdapProvider.MapperType)
        {
            return await LdapMapperRules.RefuseAsync(context, component, Find(context.Realm, component.ParentId)) is { } bad ? AdminAnswer.Message(400, bad)
                : LdapMapperRules.HasUnknownMembership(component) ? s_noProvider
                : null;
        }

        if (component.ProviderType == DefaultComponents.RegistrationPolicy)
        {
            return RegistrationPolicyRules.Refuse(context.Realm, component) is { } unfit ? AdminAnswer.Message(400, unfit) : null;
        }

        if (component.ProviderType != KeyProviders.ProviderType)
        {
            return null;
        }

        var now = DateTimeOffset.FromUnixTimeMilliseconds(context.Now);
        return KeyProviders.Prepare(component, context.Realm.Name, now) is { } problem ? AdminAnswer.Message(400, problem)
            : IsOutOfTime(component, now) ? AdminAnswer.Message(400, "Certificate is not valid")
            : null;
    }

    /// <summary>A realm file may bring keys whose time is over, for what they signed; nobody uploads one.</summary>
    private static bool IsOutOfTime(ComponentRepresentation component, DateTimeOffset now) => component.ProviderId is "rsa" or "rsa-enc"
        && KeyProviders.Find(component.ProviderId)!.Read(component)?.Certificate is { } certificate && (now < certificate.NotBefore || now > certificate.NotAfter);

    private static ComponentRepresentation? Find(Realm realm, string? id) => realm.Data.Components.FirstOrDefault(c => c.Id == id);

    private static bool IsLdap(ComponentRepresentation component) => component is { ProviderType: ComponentViews.UserStorage, ProviderId: LdapProvider.Id };

    private static PutPart Put(ComponentRepresentation component) => new PutPart(PartKind.Component, component.Id!, component.Name, component);

    private static IEnumerable<string> WithParts(Realm realm, string id) =>
        realm.Data.Components.Where(c => c.ParentId == id && c.Id != id).SelectMany(c => WithParts(realm, c.Id!)).Append(id);
}
