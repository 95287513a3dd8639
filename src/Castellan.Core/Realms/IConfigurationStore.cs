using Castellan.Core.Clients;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Realms;

/// <summary>Where configuration lies. Reads give what is committed; <see cref="IRealms"/> and <see cref="IClients"/> keep it in memory.</summary>
public interface IConfigurationStore
{
    /// <summary>Ids, names and versions of all realms, by name.</summary>
    ValueTask<List<RealmVersion>> ListRealmsAsync(CancellationToken ct = default);

    ValueTask<bool> HasRealmAsync(string realmId, CancellationToken ct = default);

    /// <summary>The names of all realms but this one for which it has no client that is called as they are, with something behind it.</summary>
    ValueTask<List<string>> ListRealmsWithoutAsync(string realmId, string suffix, CancellationToken ct = default);

    /// <summary>The ids of realms with a component of this provider type.</summary>
    ValueTask<List<string>> ListRealmsWithComponentAsync(string providerType, CancellationToken ct = default);

    ValueTask<RealmData?> LoadRealmAsync(string realmId, CancellationToken ct = default);

    ValueTask<string?> FindRealmIdAsync(string name, CancellationToken ct = default);

    ValueTask<ClientData?> FindClientByIdAsync(string realmId, string id, CancellationToken ct = default);

    ValueTask<ClientData?> FindClientAsync(string realmId, string clientId, CancellationToken ct = default);

    /// <summary>Clients ordered by client id. All of them when <paramref name="max"/> is negative.</summary>
    ValueTask<List<ClientData>> ListClientsAsync(string realmId, ClientQuery query, int first = 0, int max = -1, CancellationToken ct = default);

    /// <summary>Clients of earlier versions, of realms that are still there, whose documents may hold what belongs into rows of its own.</summary>
    ValueTask<List<(string RealmId, string ClientId)>> AuthorizationToMoveAsync(CancellationToken ct = default);

    /// <summary>Applies the changes in one durable transaction and returns the realm's version after it.</summary>
    ValueTask<long> ApplyAsync(ChangeSet changes, CancellationToken ct = default);

    /// <summary>
    /// Applies the sets in order in one durable transaction, each while the next is made, so that they need not stand in memory together. A refusal
    /// in place of a set takes back those before it and is returned; null says that all are applied.
    /// </summary>
    /// <param name="sets">
    /// Asked for from the first again when the database wants a repetition. While they are made the transaction is open, which other writers may wait
    /// for: they may read the database, and a write of their own would wait for itself.
    /// </param>
    ValueTask<ProtocolError?> ApplyAsync(IAsyncEnumerable<Result<ChangeSet>> sets, CancellationToken ct = default);

    /// <summary>Raised after a commit that changed a realm's configuration, here or on another node, with the realm's id.</summary>
    event Action<string>? Changed;
}

/// <summary>A realm's id, name and version.</summary>
public sealed record RealmVersion(string Id, string Name, long Version);

/// <summary>A client as it is stored, with the ids of the roles in its scope mappings.</summary>
public sealed record ClientData(ClientRepresentation Representation, IReadOnlyList<string> ScopeRoleIds);

/// <summary>Which clients to list; absent members do not restrict.</summary>
/// <param name="ClientId">The client id: exact, or part of it (case does not count) with <paramref name="Search"/>.</param>
/// <param name="Attributes">Client attributes that must have these values.</param>
/// <param name="Only">Those that the searcher may see; all when absent.</param>
public sealed record ClientQuery(string? ClientId = null, bool Search = false, IReadOnlyDictionary<string, string>? Attributes = null, Restriction? Only = null);

/// <summary>Some of the objects of a kind, by their ids: those that are named, and are not excepted.</summary>
/// <param name="All">Whether the exceptions alone restrict.</param>
public sealed record Restriction(bool All, IReadOnlyList<string> Ids, IReadOnlyList<string> NotIds);
