using Castellan.Core.Representations;

namespace Castellan.Core.Authorization;

/// <summary>What the resource servers of all realms protect. A resource server has the internal id of its client. Writes go through change sets.</summary>
public interface IAuthorizationStore
{
    /// <summary>The scopes of a resource server, by name.</summary>
    ValueTask<List<ScopeRepresentation>> ScopesAsync(string realmId, string clientId, CancellationToken ct = default);

    /// <summary>The policies and permissions of a resource server, by name.</summary>
    ValueTask<List<Policy>> PoliciesAsync(string realmId, string clientId, CancellationToken ct = default);

    /// <summary>Resources by name; <paramref name="max"/> negative: all.</summary>
    ValueTask<List<ProtectedResource>> ResourcesAsync(string realmId, string clientId, ResourceQuery query, int first = 0, int max = -1, CancellationToken ct = default);

    ValueTask<ProtectedResource?> FindResourceAsync(string realmId, string clientId, string id, CancellationToken ct = default);

    /// <summary>The resource of this name that this owner has.</summary>
    ValueTask<ProtectedResource?> FindResourceAsync(string realmId, string clientId, string ownerId, string name, CancellationToken ct = default);

    /// <summary>The resource of this id, whichever client protects it.</summary>
    ValueTask<HeldResource?> FindResourceAsync(string realmId, string id, CancellationToken ct = default);

    /// <summary>What somebody owns, whichever client protects it, by name; <paramref name="max"/> negative: all.</summary>
    /// <param name="name">A part of the name; null does not restrict.</param>
    ValueTask<List<HeldResource>> ResourcesOfOwnerAsync(string realmId, string ownerId, string? name, int first, int max, CancellationToken ct = default);
}

/// <summary>Which resources to list; absent members do not restrict. Case counts in ids only.</summary>
/// <param name="Name">A part of the name, or all of it with <paramref name="Exact"/>.</param>
/// <param name="Uri">One of the addresses, whole.</param>
/// <param name="Type">A part of the type, or all of it with <paramref name="ExactType"/>.</param>
/// <param name="ScopeIds">Scopes of which the resource has one.</param>
/// <param name="SharedWith">To whom its owner gave something of it.</param>
public sealed record ResourceQuery(
    string? Id = null, string? Name = null, bool Exact = false, string? Uri = null, string? Owner = null, string? Type = null, bool ExactType = false,
    IReadOnlyList<string>? ScopeIds = null, bool HasUris = false, string? SharedWith = null);

/// <summary>A resource that a client protects.</summary>
/// <param name="Representation">As it is stored: without owner and scopes.</param>
/// <param name="OwnerId">The client's internal id, or a user's.</param>
public sealed record ProtectedResource(ResourceRepresentation Representation, string OwnerId, IReadOnlyList<string> ScopeIds)
{
    public string Id => Representation.Id!;

    public string Name => Representation.Name!;

    public string? Type => Representation.Type is { Length: > 0 } type ? type : null;
}

/// <summary>A resource with the client that protects it, by its internal id.</summary>
public sealed record HeldResource(string ClientId, ProtectedResource Resource);

/// <summary>A policy, or a permission, which is a policy that says to what other policies apply.</summary>
/// <param name="Representation">As it is stored: without the three lists, and with ids in its configuration.</param>
public sealed record Policy(
    PolicyRepresentation Representation, IReadOnlyList<string> ResourceIds, IReadOnlyList<string> ScopeIds, IReadOnlyList<string> PolicyIds)
{
    public string Id => Representation.Id!;

    public string Name => Representation.Name!;

    public string Type => Representation.Type!;

    public bool IsPermission => Type is "resource" or "scope" or "uma";

    /// <summary>The type of resources that a permission covers, whatever resources there are.</summary>
    public string? ResourceType => Config("defaultResourceType") is { Length: > 0 } type ? type : null;

    public DecisionStrategy Strategy => DecisionStrategies.Read(Representation.DecisionStrategy);

    public bool IsNegative => Representation.Logic == "NEGATIVE";

    public string? Config(string name) => Representation.Config?.GetValueOrDefault(name);
}
