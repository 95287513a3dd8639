using System.Text.Json;
using Castellan.Core.Representations;

namespace Castellan.Core.Authorization;

/// <summary>Writes what a resource server protects as files have it: names in place of ids, lists as JSON texts.</summary>
/// <param name="client">The client; its document has the three settings.</param>
public sealed class SettingsExport(ClientRepresentation client, ResourceServerContents contents, IPrincipals principals)
{
    public async ValueTask<ResourceServerRepresentation> WriteAsync(CancellationToken ct = default)
    {
        var settings = client.AuthorizationSettings ?? new();
        var resources = new List<ResourceRepresentation>();
        foreach (var resource in contents.Resources)
        {
            resources.Add(await WriteAsync(resource, ct));
        }

        var policies = new List<PolicyRepresentation>();
        foreach (var policy in contents.Policies.Where(p => p.Type != PolicyTypes.Owners && p.Representation.Owner is null).OrderBy(p => p.IsPermission))
        {
            policies.Add(await WriteAsync(policy, ct));
        }

        return new()
        {
            AllowRemoteResourceManagement = settings.AllowRemoteResourceManagement ?? true,
            PolicyEnforcementMode = settings.PolicyEnforcementMode ?? "ENFORCING",
            DecisionStrategy = settings.DecisionStrategy ?? "UNANIMOUS",
            Resources = resources,
            Policies = policies,
            Scopes = [.. contents.Scopes.Select(s => new ScopeRepresentation { Name = s.Name, DisplayName = s.DisplayName, IconUri = s.IconUri })],
            AuthorizationSchema = settings.AuthorizationSchema,
        };
    }

    private async ValueTask<ResourceRepresentation> WriteAsync(ProtectedResource resource, CancellationToken ct)
    {
        var stored = resource.Representation;
        var scopes = resource.ScopeIds.Select(id => contents.Scopes.Find(s => s.Id == id)?.Name).OfType<string>().Order(StringComparer.Ordinal).ToList();
        return new()
        {
            Name = stored.Name, DisplayName = stored.DisplayName, Type = stored.Type, IconUri = stored.IconUri, OwnerManagedAccess = stored.OwnerManagedAccess ?? false,
            Attributes = stored.Attributes ?? [], Uris = stored.Uris ?? [],
            Owner = resource.OwnerId == client.Id ? null : ResourceOwner.Show(null, await principals.NameAsync(PrincipalKind.User, resource.OwnerId, ct) ?? resource.OwnerId),
            Scopes = scopes.Count == 0 ? null : [.. scopes.Select(s => new ScopeRepresentation { Name = s })],
        };
    }

    private async ValueTask<PolicyRepresentation> WriteAsync(Policy policy, CancellationToken ct)
    {
        var stored = policy.Representation;
        var type = PolicyTypes.Find(policy.Type);
        var config = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value) in stored.Config ?? [])
        {
            config[name] = type?.MemberOf(name) is { Kind: PolicyMemberKind.References } member && value is not null
                ? await PolicyReferences.WithNamesAsync(member, value, principals, ct)
                : value;
        }

        Put("resources", policy.ResourceIds.Select(id => contents.Resources.Find(r => r.Id == id)?.Name));
        Put("scopes", policy.ScopeIds.Select(id => contents.Scopes.Find(s => s.Id == id)?.Name));
        Put("applyPolicies", policy.PolicyIds.Select(id => contents.Policies.Find(p => p.Id == id)?.Name));
        return new()
        {
            Name = stored.Name, Description = stored.Description, Type = stored.Type, Logic = stored.Logic, DecisionStrategy = stored.DecisionStrategy,
            Owner = stored.Owner, Config = config,
        };

        void Put(string name, IEnumerable<string?> names)
        {
            var list = names.OfType<string>().Order(StringComparer.Ordinal).ToList();
            if (list.Count > 0)
            {
                config[name] = JsonSerializer.Serialize(list, AdminJson.Default.ListString);
            }
        }
    }
}
