using System.Text.RegularExpressions;
using Castellan.Core;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin.Clients;
using Castellan.Server.Admin.Roles;

namespace Castellan.Server.Admin.ClientScopes;

/// <summary>Client scopes, under their name of today and that of old.</summary>
internal static partial class ClientScopeRoutes
{
    private static readonly AdminAnswer s_unknown = AdminAnswer.NotFound("Could not find client scope");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        .. Under("client-scopes"),
        .. Under("client-templates"),
        .. ProtocolMapperRoutes.OfScopes(),
        .. MappingRoutes.Under("client-scopes/{scope}/scope-mappings", Permission.ViewClients, Permission.ManageClients, context =>
            new(context.Realm.FindScopeById(context.Route("scope")) is { } scope ? new MappingOwner(RoleOwner.ClientScope, scope.Id, scope.RoleIds, scope.RoleIds) : s_unknown)),
    ];

    private static IEnumerable<AdminRoute> Under(string path)
    {
        yield return AdminRoute.Get(path, Permission.ViewClientScopes, c => new(AdminAnswer.Json([.. c.Realm.Scopes.Select(Show)], AdminJson.Default.ListClientScopeRepresentation)));
        yield return AdminRoute.Post(path, Permission.ManageClients, CreateAsync, noCache: true);
        yield return AdminRoute.Get(path + "/{scope}", Permission.ViewClients, One((_, scope) => new(AdminAnswer.Json(Show(scope), AdminJson.Default.ClientScopeRepresentation))));
        yield return AdminRoute.Put(path + "/{scope}", Permission.ManageClients, One(UpdateAsync));
        yield return AdminRoute.Delete(path + "/{scope}", Permission.ManageClients, One(DeleteAsync), noCache: true);
    }

    private static AdminHandler One(Func<AdminContext, ClientScope, ValueTask<AdminAnswer>> then) => context =>
        context.Realm.FindScopeById(context.Route("scope")) is { } scope ? then(context, scope) : new(s_unknown);

    private static ClientScopeRepresentation Show(ClientScope scope) => new()
    {
        Id = scope.Id,
        Name = scope.Name,
        Description = scope.Representation.Description,
        Protocol = scope.Representation.Protocol,
        Attributes = scope.Representation.Attributes?.Where(a => a.Value is not null).ToDictionary(StringComparer.Ordinal) ?? [],
        ProtocolMappers = scope.Representation.ProtocolMappers is { Count: > 0 } mappers ? mappers : null,
    };

    private static async ValueTask<AdminAnswer> CreateAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminJson.Default.ClientScopeRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (Refuse(context, given, null) is { } bad)
        {
            return bad;
        }

        var sent = AdminEvents.Text(given, AdminJson.Default.ClientScopeRepresentation);
        given.Id = string.IsNullOrEmpty(given.Id) ? Ids.New() : given.Id;
        given.Attributes = given.Attributes?.Where(a => !string.IsNullOrEmpty(a.Value)).ToDictionary(StringComparer.Ordinal) ?? [];
        foreach (var mapper in given.ProtocolMappers ?? [])
        {
            ProtocolMapperRoutes.CompleteNew(mapper);
        }

        await context.ApplyAsync(new PutPart(PartKind.ClientScope, given.Id, given.Name, given) { IsNew = true });
        await context.RecordAsync("CREATE", "CLIENT_SCOPE", $"client-scopes/{given.Id}", sent);
        return AdminAnswer.Created(context.AddressBelow(given.Id));
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, ClientScope scope)
    {
        if (!(await context.ReadAsync(AdminJson.Default.ClientScopeRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        given.Name ??= scope.Name;
        if (Refuse(context, given, scope) is { } bad)
        {
            return bad;
        }

        var changed = scope.Representation.Copy(AdminJson.Default.ClientScopeRepresentation);
        changed.Name = given.Name;
        changed.Description = given.Description ?? changed.Description;
        changed.Protocol = given.Protocol ?? changed.Protocol;
        foreach (var (name, value) in given.Attributes ?? [])
        {
            (changed.Attributes ??= []).Remove(name);
            if (!string.IsNullOrEmpty(value))
            {
                changed.Attributes[name] = value;
            }
        }

        var renamed = changed.Name == scope.Name ? [] : await RenameAsync(context, scope.Name, changed.Name);
        await context.ApplyAsync([new PutPart(PartKind.ClientScope, scope.Id, changed.Name, changed), .. renamed]);
        await context.RecordAsync("UPDATE", "CLIENT_SCOPE", $"client-scopes/{scope.Id}", given, AdminJson.Default.ClientScopeRepresentation);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, ClientScope scope)
    {
        if (context.Realm.Scopes.Count == 1)
        {
            return AdminAnswer.Message(403, "You are not allowed to delete all the client scopes.");
        }

        await context.ApplyAsync([.. await RenameAsync(context, scope.Name, null), new DeletePart(PartKind.ClientScope, scope.Id)]);
        await context.RecordAsync("DELETE", "CLIENT_SCOPE", $"client-scopes/{scope.Id}");
        return AdminAnswer.NoContent;
    }

    private static AdminAnswer? Refuse(AdminContext context, ClientScopeRepresentation given, ClientScope? existing)
    {
        if (given.Name is null || !Name().IsMatch(given.Name))
        {
            return AdminAnswer.Message(400, $"Unexpected name \"{given.Name}\" for ClientScope");
        }

        if (existing is null && given.Protocol is not ("openid-connect" or "saml"))
        {
            return AdminAnswer.Message(400, "Unexpected protocol");
        }

        if (Dynamic(given) is { } dynamic)
        {
            return AdminAnswer.Message(400, dynamic);
        }

        return (context.Realm.FindScope(given.Name) is { } other && other.Id != existing?.Id) || (existing is null && ProtocolMapperRoutes.HaveTwins(given.ProtocolMappers))
            ? AdminAnswer.Message(409, $"Client Scope {given.Name} already exists")
            : null;
    }

    /// <summary>Scopes with a parameter are a feature of Keycloak that is off unless one asks for it, and that is not ours.</summary>
    private static string? Dynamic(ClientScopeRepresentation given)
    {
        const string Switch = "is.dynamic.scope", Pattern = "dynamic.scope.regexp";
        return given.Attributes?.GetValueOrDefault(Pattern) is { Length: > 0 } pattern ? Unexpected(pattern, Pattern)
            : bool.TryParse(given.Attributes?.GetValueOrDefault(Switch), out var on) && on ? Unexpected("true", Switch)
            : null;

        static string Unexpected(string value, string attribute) => $"Unexpected value \"{value}\" for attribute {attribute} in ClientScope";
    }

    /// <summary>Realm and clients know their scopes by name, so a new name (null: none any more) must reach each of them.</summary>
    private static async ValueTask<List<Change>> RenameAsync(AdminContext context, string from, string? to)
    {
        var changes = new List<Change>();
        var settings = context.Realm.Settings;
        if (settings.DefaultDefaultClientScopes?.Contains(from) is true || settings.DefaultOptionalClientScopes?.Contains(from) is true)
        {
            settings = settings.Copy(AdminJson.Default.RealmRepresentation);
            Replace(settings.DefaultDefaultClientScopes);
            Replace(settings.DefaultOptionalClientScopes);
            changes.Add(new PutRealm(settings));
        }

        foreach (var (client, _) in await context.Store.ListClientsAsync(context.Realm.Id, new ClientQuery(), ct: context.Aborted))
        {
            if (client.DefaultClientScopes?.Contains(from) is true || client.OptionalClientScopes?.Contains(from) is true)
            {
                var changed = client.Copy(AdminJson.Default.ClientRepresentation);
                Replace(changed.DefaultClientScopes);
                Replace(changed.OptionalClientScopes);
                changes.Add(new PutClient(changed));
            }
        }

        return changes;

        void Replace(List<string>? names)
        {
            if (names?.IndexOf(from) is >= 0 and var at)
            {
                names.RemoveAt(at);
                if (to is not null)
                {
                    names.Insert(at, to);
                }
            }
        }
    }

    /// <summary>What a scope may hold (RFC 6749 §3.3): visible characters without quote and backslash.</summary>
    [GeneratedRegex("^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$")]
    private static partial Regex Name();
}
