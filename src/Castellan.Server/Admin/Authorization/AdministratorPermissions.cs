using System.Text.Json.Nodes;
using Castellan.Core;
using Castellan.Core.Authorization;
using Castellan.Core.Authorization.Administration;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;

namespace Castellan.Server.Admin.Authorization;

/// <summary>
/// Permissions of administrators: each is about a type of objects, or about some of them, and about scopes of that type. An object that a permission
/// names has a resource that is named by its id.
/// </summary>
internal static class AdministratorPermissions
{
    /// <summary>Puts resources in place of the objects that a permission names, and adds to the contents those that are missing.</summary>
    /// <param name="before">The permission that is changed, which keeps its scopes and objects where none are named; null for a new one.</param>
    /// <returns>The changes that make them.</returns>
    public static async ValueTask<Read<List<Change>>> PrepareAsync(AuthorizedClient of, JsonObject given, ResourceServerContents contents, Policy? before)
    {
        if (given["resourceType"] is not JsonValue type || !AdminPermissionsModel.ResourceTypes.TryGetValue(type.ToString(), out var known)
            || (given["scopes"] is JsonArray { Count: > 0 } scopes ? scopes.Any(s => s is null || !known.Contains(contents.FindScope(s.ToString())?.Name ?? "")) : given["scopes"] is not null || before is null)
            || (given["decisionStrategy"] is JsonValue strategy && strategy.ToString() != "UNANIMOUS"))
        {
            return AuthorizedClient.NotForAdministrators;
        }

        var changes = new List<Change>();
        if (given["resources"] is null && before?.ResourceType == type.ToString())
        {
            return changes;
        }

        var ids = new JsonArray();
        foreach (var named in given["resources"] as JsonArray ?? [])
        {
            // The resource of an object stands for the object, and that of the type for all of them.
            var name = named is null ? null : (await of.FindResourceAsync(named.ToString()))?.Name ?? named.ToString();
            if (name is null || (name == type.ToString() ? name : await ObjectAsync(of, type.ToString(), name)) is not { } id)
            {
                return AuthorizedClient.NotForAdministrators;
            }

            if (await of.ResourceAsync(id) is not { } resource)
            {
                resource = new(
                    new() { Id = Ids.New(), Name = id, OwnerManagedAccess = false, Attributes = [], Uris = [] }, of.Client.Id,
                    [.. contents.Scopes.Where(s => known.Contains(s.Name)).Select(s => s.Id!)]);
                changes.Add(new PutProtectedResource(of.Client.Id, resource));
            }

            contents.Put(resource);
            ids.Add((JsonNode)JsonValue.Create(resource.Id));
        }

        // Without objects it is about the type itself.
        if (ids.Count == 0 && await of.ResourceAsync(type.ToString()) is { } whole)
        {
            ids.Add((JsonNode)JsonValue.Create(whole.Id));
        }

        given["resources"] = ids;
        return changes;
    }

    /// <summary>The changes that take away the resources of objects about which no permission is any more.</summary>
    /// <param name="before">The permission that is changed or goes.</param>
    /// <param name="kept">The ids of the resources that it is about afterwards.</param>
    public static async ValueTask<List<Change>> OrphansAsync(AuthorizedClient of, Policy before, IReadOnlyList<string> kept)
    {
        var changes = new List<Change>();
        if (!of.WasMadeForAdministrators)
        {
            return changes;
        }

        var others = (await of.PoliciesAsync()).Where(p => p.Id != before.Id).SelectMany(p => p.ResourceIds).Concat(kept).ToHashSet(StringComparer.Ordinal);
        foreach (var id in before.ResourceIds.Where(id => !others.Contains(id)))
        {
            if (await of.FindResourceAsync(id) is { } resource && !AdminPermissionsModel.ResourceTypes.ContainsKey(resource.Name))
            {
                changes.Add(new DeleteProtectedResource(of.Client.Id, id));
            }
        }

        return changes;
    }

    /// <summary>What people call an object of a type; null when there is none.</summary>
    public static async ValueTask<string?> NameAsync(AuthorizedClient of, string type, string id)
    {
        var (context, realm) = (of.Context, of.Context.Realm);
        return type switch
        {
            AdminObjects.Users => (await context.Users.FindAsync(realm.Id, id, context.Aborted))?.Username,
            AdminObjects.Clients => (await context.Clients.FindByIdAsync(realm, id, context.Aborted))?.ClientId,
            AdminObjects.Groups => realm.Groups.Find(id)?.Name,
            AdminObjects.Roles => realm.Roles.Find(id)?.Name,
            _ => (await context.Service<IOrganizationStore>().FindAsync(realm.Id, id, context.Aborted))?.Name,
        };
    }

    /// <summary>The id of an object of a type. Users and clients may be named; the others have ids only.</summary>
    public static async ValueTask<string?> ObjectAsync(AuthorizedClient of, string type, string nameOrId)
    {
        var context = of.Context;
        return type switch
        {
            AdminObjects.Users => await of.Principals.IdAsync(PrincipalKind.User, nameOrId, context.Aborted),
            AdminObjects.Clients => await of.Principals.IdAsync(PrincipalKind.Client, nameOrId, context.Aborted),
            AdminObjects.Groups => context.Realm.Groups.Find(nameOrId)?.Id,
            AdminObjects.Roles => context.Realm.Roles.Find(nameOrId)?.Id,
            _ => (await context.Service<IOrganizationStore>().FindAsync(context.Realm.Id, nameOrId, context.Aborted))?.Id,
        };
    }
}
