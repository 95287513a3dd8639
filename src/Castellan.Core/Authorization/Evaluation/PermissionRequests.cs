using Castellan.Core.Representations;

namespace Castellan.Core.Authorization.Evaluation;

/// <summary>Turns what people and clients ask for into the permissions that are evaluated.</summary>
public sealed class PermissionRequests(IAuthorizationStore store, string realmId, string clientId, IReadOnlyList<ScopeRepresentation> scopes)
{
    private readonly Dictionary<string, List<ProtectedResource>> _ownOfType = new(StringComparer.Ordinal);

    /// <summary>Everything that somebody could get: the resource server's own resources, and those that this person owns.</summary>
    public async ValueTask<List<AskedPermission>> AllAsync(string userId, CancellationToken ct)
    {
        var asked = new List<AskedPermission>();
        foreach (var owner in new[] { clientId, userId }.Distinct(StringComparer.Ordinal))
        {
            foreach (var resource in await store.ResourcesAsync(realmId, clientId, new(Owner: owner), ct: ct))
            {
                asked.Add(await OfAsync(resource, [], ct));
            }
        }

        return asked;
    }

    /// <summary>A resource with those of the named scopes that it has; all of them when none is named.</summary>
    public async ValueTask<AskedPermission> OfAsync(ProtectedResource resource, IReadOnlyCollection<string> names, CancellationToken ct)
    {
        var ids = resource.ScopeIds.ToHashSet(StringComparer.Ordinal);
        if (resource is { Type: { } type } && resource.OwnerId != clientId)
        {
            // A person's resource has the scopes of the resource server's own resources of its type too.
            ids.UnionWith((await OwnOfTypeAsync(type, ct)).SelectMany(r => r.ScopeIds));
        }

        return new(resource, [.. scopes.Where(s => ids.Contains(s.Id!) && (names.Count == 0 || names.Contains(s.Name!)))]);
    }

    /// <summary>Scopes by name: of the resources that have them, or of none.</summary>
    public async ValueTask<List<AskedPermission>> OfScopesAsync(IReadOnlyCollection<string> names, CancellationToken ct)
    {
        var named = scopes.Where(s => names.Contains(s.Name!)).ToList();
        var asked = new List<AskedPermission>();
        foreach (var resource in await store.ResourcesAsync(realmId, clientId, new(ScopeIds: [.. named.Select(s => s.Id!)]), ct: ct))
        {
            asked.Add(await OfAsync(resource, names, ct));
        }

        return asked.Count > 0 || named.Count == 0 ? asked : [.. named.Select(s => new AskedPermission(null, [s]))];
    }

    /// <summary>The resource server's own resources of a type; each type is asked for once.</summary>
    public async ValueTask<List<ProtectedResource>> OwnOfTypeAsync(string type, CancellationToken ct)
    {
        if (!_ownOfType.TryGetValue(type, out var own))
        {
            _ownOfType.Add(type, own = await store.ResourcesAsync(realmId, clientId, new(Owner: clientId, Type: type, ExactType: true), ct: ct));
        }

        return own;
    }
}
