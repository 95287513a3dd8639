using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Authorization.Administration;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Defaults;

/// <summary>What fine-grained permissions of administrators are about: five types of resource with their scopes.</summary>
public static class AdminPermissionsModel
{
    /// <summary>The types with their scopes.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> ResourceTypes = new Dictionary<string, string[]>
    {
        [AdminObjects.Clients] = ["manage", "map-roles", "map-roles-client-scope", "map-roles-composite", "view"],
        [AdminObjects.Groups] = ["manage", "view", "manage-membership", "manage-members", "view-members", "impersonate-members", "manage-membership-of-members"],
        [AdminObjects.Organizations] = ["manage", "view"],
        [AdminObjects.Roles] = ["map-role", "map-role-client-scope", "map-role-composite"],
        [AdminObjects.Users] = ["manage", "view", "impersonate", "map-roles", "manage-group-membership", "reset-password"],
    };

    /// <summary>The settings of the client that holds them, still without permissions.</summary>
    public static ResourceServerRepresentation Make() => new()
    {
        AllowRemoteResourceManagement = true, PolicyEnforcementMode = "ENFORCING", DecisionStrategy = "UNANIMOUS", Policies = [],
        Resources = [.. ResourceTypes.Select(t => new ResourceRepresentation
        {
            Name = t.Key, Type = t.Key, OwnerManagedAccess = false, Attributes = [], Uris = [], Scopes = [.. t.Value.Select(s => new ScopeRepresentation { Name = s })],
        })],
        Scopes = [.. ResourceTypes.SelectMany(t => t.Value).Distinct().Select(s => new ScopeRepresentation { Name = s })],
        AuthorizationSchema = Schema(),
    };

    private static JsonElement Schema()
    {
        var types = new JsonObject();
        foreach (var (name, scopes) in ResourceTypes)
        {
            var aliases = new JsonObject();
            foreach (var (scope, ofGroup) in name == AdminObjects.Users ? AdminObjects.OfMembers : new Dictionary<string, string>())
            {
                aliases[scope] = new JsonArray(JsonValue.Create(ofGroup));
            }

            var type = new JsonObject { ["type"] = name, ["scopes"] = new JsonArray([.. scopes.Select(s => (JsonNode)JsonValue.Create(s))]), ["scopeAliases"] = aliases };
            if (name == AdminObjects.Users)
            {
                type["groupType"] = AdminObjects.Groups;
            }

            types[name] = type;
        }

        using var document = JsonDocument.Parse(new JsonObject { ["resourceTypes"] = types }.ToJsonString());
        return document.RootElement.Clone();
    }
}
