using Castellan.Core.Representations;

namespace Castellan.Core.Authorization;

/// <summary>Everything that a resource server protects, and a way to find things in it by name or id.</summary>
public sealed class ResourceServerContents(IEnumerable<ScopeRepresentation> scopes, IEnumerable<ProtectedResource> resources, IEnumerable<Policy> policies)
{
    public List<ScopeRepresentation> Scopes { get; } = [.. scopes];

    public List<ProtectedResource> Resources { get; } = [.. resources];

    public List<Policy> Policies { get; } = [.. policies];

    public static async ValueTask<ResourceServerContents> LoadAsync(IAuthorizationStore store, string realmId, string clientId, CancellationToken ct) => new(
        await store.ScopesAsync(realmId, clientId, ct), await store.ResourcesAsync(realmId, clientId, new(), ct: ct), await store.PoliciesAsync(realmId, clientId, ct));

    public ScopeRepresentation? FindScope(string nameOrId) => Scopes.Find(s => s.Id == nameOrId) ?? Scopes.Find(s => s.Name == nameOrId);

    public Policy? FindPolicy(string nameOrId) => Policies.Find(p => p.Id == nameOrId) ?? Policies.Find(p => p.Name == nameOrId);

    /// <summary>A resource by its id, or the resource server's own of that name.</summary>
    public ProtectedResource? FindResource(string clientId, string nameOrId) =>
        Resources.Find(r => r.Id == nameOrId) ?? Resources.Find(r => r.Name == nameOrId && r.OwnerId == clientId);

    /// <summary>Puts something in place of what has its id, or beside the others.</summary>
    public void Put(ScopeRepresentation scope) => Put(Scopes, scope, s => s.Id == scope.Id);

    public void Put(ProtectedResource resource) => Put(Resources, resource, r => r.Id == resource.Id);

    public void Put(Policy policy) => Put(Policies, policy, p => p.Id == policy.Id);

    private static void Put<T>(List<T> list, T item, Predicate<T> same)
    {
        var at = list.FindIndex(same);
        if (at < 0)
        {
            list.Add(item);
        }
        else
        {
            list[at] = item;
        }
    }
}
