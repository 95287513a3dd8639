using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    private static readonly string[] s_policyTypes =
        ["role", "user", "client", "group", "time", "aggregate", "client-scope", "regex", "resource", "scope", "uma"];

    private bool MakesAdminPermissions => file.AdminPermissionsEnabled is true && file.AdminPermissionsClient is null;

    // The client of the permissions is made by the realm itself; what a file's entry adds are its permissions.
    private void BuildAdminPermissions(ClientRepresentation? given)
    {
        if (!MakesAdminPermissions)
        {
            return;
        }

        var client = DefaultClients.MakeAdminPermissions();
        client.Id = string.IsNullOrEmpty(given?.Id) ? client.Id : given.Id;
        foreach (var policy in given?.AuthorizationSettings?.Policies ?? [])
        {
            CheckPermission($"clients[{client.ClientId}].authorizationSettings.policies[{policy.Name}]", policy);
            client.AuthorizationSettings!.Policies!.Add(Complete(policy));
        }

        GiveScopes(client, _defaultScopes, _optionalScopes);
        if (given is not null)
        {
            client.AuthorizationSettings!.AllowRemoteResourceManagement = given.AuthorizationSettings?.AllowRemoteResourceManagement ?? true;
            NeedServiceAccount(client);
        }

        file.AdminPermissionsClient = new() { Id = client.Id, ClientId = client.ClientId };
        AddClient(client);
    }

    private void CheckPermission(string place, PolicyRepresentation policy)
    {
        if (policy.Config?.GetValueOrDefault("defaultResourceType") != "Clients" || Parse(policy.Config.GetValueOrDefault("resources")) is not JsonArray resources)
        {
            return;
        }

        foreach (var name in resources.OfType<JsonValue>().Select(r => r.ToString()))
        {
            if (name != "Clients" && (file.Clients ?? []).All(c => c.ClientId != name && c.Id != name) && !DefaultClients.Names.Contains(name))
            {
                Refuse(place, $"Resource [{name}] does not exist for type [Clients]");
            }
        }
    }

    // A client with authorization services has a service account, and is neither public nor without a secret of its own.
    private void CompleteAuthorization(string place, ClientRepresentation client)
    {
        if (client.AuthorizationSettings is null && client.AuthorizationServicesEnabled is not true)
        {
            client.AuthorizationServicesEnabled = null;
            return;
        }

        (client.AuthorizationServicesEnabled, client.ServiceAccountsEnabled, client.BearerOnly, client.PublicClient) = (true, true, false, false);
        var settings = client.AuthorizationSettings ??= new();
        (settings.Id, settings.ClientId, settings.Name) = (null, null, null);
        settings.AllowRemoteResourceManagement ??= true;
        settings.PolicyEnforcementMode ??= "ENFORCING";
        settings.DecisionStrategy ??= "UNANIMOUS";
        settings.Resources ??= [];
        settings.Scopes ??= [];
        foreach (var resource in settings.Resources)
        {
            resource.OwnerManagedAccess ??= false;
            resource.Attributes ??= [];
            resource.Uris ??= resource.Uri is { Length: > 0 } uri ? [uri] : [];
            resource.Uri = null;
            resource.Scopes ??= [];
            settings.Scopes.AddRange(resource.Scopes.Where(s => settings.Scopes.All(known => known.Name != s.Name)).Select(s => new ScopeRepresentation
            {
                Name = s.Name, IconUri = s.IconUri, DisplayName = s.DisplayName,
            }).DistinctBy(s => s.Name));
        }

        settings.Policies = [.. (settings.Policies ?? []).Select(Complete)];
        foreach (var policy in settings.Policies.Where(p => !s_policyTypes.Contains(p.Type)))
        {
            RefuseFault($"{place}.authorizationSettings.policies[{policy.Name}].type", $"Couldn't find policy provider with type [{policy.Type}]");
        }
    }

    // What settings name may come with the people: owners of resources, and roles that policies ask for. What is nowhere is left out.
    private void FinishAuthorization()
    {
        foreach (var client in _clients.Values)
        {
            if (client.AuthorizationSettings is not { } settings)
            {
                continue;
            }

            var isChanged = false;
            foreach (var resource in settings.Resources!.Where(r => r.Owner is not null && !IsSomebody(r.Owner.Value)))
            {
                (resource.Owner, isChanged) = (null, true);
            }

            foreach (var policy in settings.Policies!.Where(p => p.Type == "role"))
            {
                isChanged |= LeaveOutUnknownRoles(policy);
            }

            if (isChanged)
            {
                Changes.Add(new PutClient(client));
            }
        }
    }

    private bool IsSomebody(JsonElement owner)
    {
        if (owner.ValueKind == JsonValueKind.String)
        {
            return IsKnown(owner.GetString()!);
        }

        return owner.ValueKind == JsonValueKind.Object && (Has("id") || Has("name"));

        bool Has(string member) => owner.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String && IsKnown(value.GetString()!);

        bool IsKnown(string person) => _userIds.ContainsKey(person.ToLowerInvariant()) || _userIds.ContainsValue(person);
    }

    private bool LeaveOutUnknownRoles(PolicyRepresentation policy)
    {
        if (policy.Config is not { } config || Parse(config.GetValueOrDefault("roles")) is not JsonArray roles)
        {
            return false;
        }

        var unknown = roles.OfType<JsonObject>().Where(r => (string?)r["id"] is { } name && !IsRole(name)).ToList();
        unknown.ForEach(r => roles.Remove(r));
        config["roles"] = roles.ToJsonString();
        return unknown.Count > 0;

        bool IsRole(string name) => FindRealmRole(name) is not null
            || (name.Split('/', 2) is [var clientId, var role] && _clients.TryGetValue(clientId, out var client) && FindClientRole(client, role) is not null)
            || _roles.Values.Any(r => r.Id == name);
    }

    private static PolicyRepresentation Complete(PolicyRepresentation policy)
    {
        policy.Logic ??= "POSITIVE";
        policy.DecisionStrategy ??= "UNANIMOUS";
        policy.Config ??= [];
        Put("resources", policy.Resources);
        Put("scopes", policy.Scopes);
        Put("applyPolicies", policy.Policies);
        (policy.Resources, policy.Scopes, policy.Policies) = (null, null, null);
        Flag("roles", "required");
        Flag("clientScopes", "required");
        Flag("groups", "extendChildren");
        return policy;

        void Put(string name, List<string>? names)
        {
            if (names is not null)
            {
                policy.Config[name] = JsonSerializer.Serialize(names, AdminJson.Default.ListString);
            }
        }

        void Flag(string list, string flag)
        {
            if (Parse(policy.Config.GetValueOrDefault(list)) is not JsonArray entries || !entries.OfType<JsonObject>().Any(e => e[flag] is null))
            {
                return;
            }

            foreach (var entry in entries.OfType<JsonObject>())
            {
                entry[flag] ??= false;
            }

            policy.Config[list] = entries.ToJsonString();
        }
    }

    private static JsonNode? Parse(string? json)
    {
        try
        {
            return json is null ? null : JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
