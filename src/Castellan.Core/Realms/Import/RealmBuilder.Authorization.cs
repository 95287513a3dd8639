using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Authorization;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    private static readonly string[] s_policyTypes =
        ["role", "user", "client", "group", "time", "aggregate", "client-scope", "regex", "resource", "scope", "uma"];

    // What clients protect. It is taken when people are known, since policies and owners name them.
    private readonly List<(string Place, ClientRepresentation Client, ResourceServerRepresentation Settings)> _authorization = [];

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
        var place = $"clients[{client.ClientId}]";
        foreach (var policy in given?.AuthorizationSettings?.Policies ?? [])
        {
            CheckPermission($"{place}.authorizationSettings.policies[{policy.Name}]", policy);
            client.AuthorizationSettings!.Policies!.Add(Complete(policy));
        }

        SetAside(place, client);
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

        SetAside(place, client);
    }

    private void SetAside(string place, ClientRepresentation client)
    {
        var settings = client.AuthorizationSettings!;
        _authorization.Add((place, client, settings));
        client.AuthorizationSettings = new()
        {
            AllowRemoteResourceManagement = settings.AllowRemoteResourceManagement, PolicyEnforcementMode = settings.PolicyEnforcementMode,
            DecisionStrategy = settings.DecisionStrategy, AuthorizationSchema = settings.AuthorizationSchema,
        };
    }

    private void BuildAuthorization()
    {
        foreach (var (place, client, settings) in _authorization)
        {
            if (client.ClientId == DefaultClients.AdminPermissions)
            {
                AddAdministeredResources(settings);
                AddLaterScope(settings, "Users", "reset-password", IsOlderThan(26, 4, 3));
                AddLaterScope(settings, "Groups", "manage-membership-of-members", IsOlderThan(26, 6, 2));
            }

            // Everything that it asks for is in memory, so it has its answer at once.
            var read = new SettingsImport(client.Id!, new([], [], []), new FilePrincipals(this)).ReadAsync(settings);
            if (!read.AsTask().GetAwaiter().GetResult().Ok(out var changes, out var refusal))
            {
                RefuseFault(place + ".authorizationSettings", refusal.Description!);
                return;
            }

            Changes.AddRange(changes);
        }
    }

    // A permission on single users, clients or groups makes a resource for each.
    private static void AddAdministeredResources(ResourceServerRepresentation settings)
    {
        var known = settings.Resources!.Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var policy in settings.Policies ?? [])
        {
            var scopes = AdminPermissionsModel.ResourceTypes.GetValueOrDefault(policy.Config?.GetValueOrDefault("defaultResourceType") ?? "") ?? [];
            foreach (var name in PolicyReferences.Texts(policy.Config?.GetValueOrDefault("resources")).Where(known.Add))
            {
                settings.Resources!.Add(new() { Name = name, Scopes = [.. scopes.Select(s => new ScopeRepresentation { Name = s })] });
            }
        }
    }

    private static void AddLaterScope(ResourceServerRepresentation settings, string type, string scope, bool lacks)
    {
        if (lacks && settings.Resources!.Find(r => r.Name == type) is { Scopes: { } scopes } && !scopes.Exists(s => s.Name == scope))
        {
            scopes.Add(new() { Name = scope });
            settings.Scopes!.AddRange(settings.Scopes.Exists(s => s.Name == scope) ? [] : [new() { Name = scope }]);
        }
    }

    /// <summary>Those that the file has.</summary>
    private sealed class FilePrincipals(RealmBuilder builder) : IPrincipals
    {
        public ValueTask<string?> IdAsync(PrincipalKind kind, string nameOrId, CancellationToken ct = default) => new(kind switch
        {
            PrincipalKind.User => builder._userIds.TryGetValue(nameOrId.ToLowerInvariant(), out var user) ? user : builder._userIds.ContainsValue(nameOrId) ? nameOrId : null,
            PrincipalKind.Client => (builder._clients.GetValueOrDefault(nameOrId) ?? builder._clients.Values.FirstOrDefault(c => c.Id == nameOrId))?.Id,
            PrincipalKind.Role => Role(nameOrId)?.Id,
            PrincipalKind.Group => (builder.FindGroup(nameOrId) ?? builder._groupsByPath.Values.FirstOrDefault(g => g.Id == nameOrId))?.Id,
            _ => (builder._scopes.GetValueOrDefault(nameOrId) ?? builder._scopes.Values.FirstOrDefault(s => s.Id == nameOrId))?.Id,
        });

        public ValueTask<string?> NameAsync(PrincipalKind kind, string id, CancellationToken ct = default) => new((string?)null);

        private RoleRepresentation? Role(string nameOrId)
        {
            var slash = nameOrId.IndexOf('/', StringComparison.Ordinal);
            var ofClient = slash > 0 && builder._clients.TryGetValue(nameOrId[..slash], out var client) ? builder.FindClientRole(client, nameOrId[(slash + 1)..]) : null;
            return ofClient ?? builder.FindRealmRole(nameOrId) ?? builder._roles.Values.FirstOrDefault(r => r.Id == nameOrId);
        }
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
