using System.Text.Json.Nodes;
using Castellan.Core;
using Castellan.Core.Authorization;
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
    /// <returns>The changes that make them.</returns>
    public static async ValueTask<Read<List<Change>>> PrepareAsync(AuthorizedClient of, JsonObject given, ResourceServerContents contents)
    {
        if (given["resourceType"] is not JsonValue type || !AdminPermissionsModel.ResourceTypes.TryGetValue(type.ToString(), out var known)
            || given["scopes"] is not JsonArray { Count: > 0 } scopes
            || scopes.Any(s => s is null || !known.Contains(contents.FindScope(s.ToString())?.Name ?? ""))
            || (given["decisionStrategy"] is JsonValue strategy && strategy.ToString() != "UNANIMOUS"))
        {
            return AuthorizedClient.NotForAdministrators;
        }

        var changes = new List<Change>();
        var ids = new JsonArray();
        foreach (var named in given["resources"] as JsonArray ?? [])
        {
            if (named is null || await ObjectAsync(of, type.ToString(), named.ToString()) is not { } id)
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

    /// <summary>The id of an object of a type. Users and clients may be named; the others have ids only.</summary>
    public static async ValueTask<string?> ObjectAsync(AuthorizedClient of, string type, string nameOrId)
    {
        var context = of.Context;
        return type switch
        {
            "Users" => await of.Principals.IdAsync(PrincipalKind.User, nameOrId, context.Aborted),
            "Clients" => await of.Principals.IdAsync(PrincipalKind.Client, nameOrId, context.Aborted),
            "Groups" => context.Realm.Groups.Find(nameOrId)?.Id,
            "Roles" => context.Realm.Roles.Find(nameOrId)?.Id,
            _ => (await context.Service<Core.Organizations.IOrganizationStore>().FindAsync(context.Realm.Id, nameOrId, context.Aborted))?.Id,
        };
    }
}
