using Castellan.Core.Authorization.Evaluation;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Authorization.Requesting;

/// <summary>A resource server as requests for permissions meet it.</summary>
/// <param name="ClientId">The client's internal id.</param>
public sealed record AskedServer(string RealmId, string ClientId, IReadOnlyList<ScopeRepresentation> Scopes);

/// <summary>
/// From what a request names to what is evaluated, each resource once. A name is that of a resource of the asker's own, of those that somebody shares with
/// the asker, and of the resource server's.
/// </summary>
/// <param name="askerId">Whose resources a name may mean: a user's id, or a client's that asks for itself.</param>
/// <param name="matchingUris">Whether an address may be one that a pattern of the resource server's covers.</param>
/// <param name="limit">The most resources to evaluate; null for all.</param>
public sealed class PermissionSelection(
    AskedServer server, IAuthorizationStore store, IPermissionTickets tickets, PermissionRequests requests, string askerId, bool matchingUris, int? limit)
{
    private readonly List<AskedPermission> _asked = [];
    private readonly Dictionary<(bool IsShared, string Of), int> _places = [];
    private readonly List<HashSet<string>> _named = [];
    private HashSet<string>? _current;

    /// <summary>What is to be evaluated.</summary>
    public IReadOnlyList<AskedPermission> Asked => _asked;

    /// <summary>The ids of the resources that each permission of the request means; an empty one stands for a scope of no resource.</summary>
    public IReadOnlyList<IReadOnlySet<string>> Named => _named;

    private bool IsFull => _asked.Count >= limit;

    /// <summary>Everything that the asker could get: the resource server's own resources, the asker's, and what others share with the asker.</summary>
    public async ValueTask AddAllAsync(CancellationToken ct)
    {
        foreach (var asked in await requests.AllAsync(askerId, ct))
        {
            Add(asked);
        }

        foreach (var (resource, shared) in await SharedAsync(new(server.ClientId), ct))
        {
            if (!_places.ContainsKey((false, resource.Id)))
            {
                await ShareAsync(resource, shared, [], ct);
            }
        }
    }

    /// <summary>One permission of the request; null when it could be found.</summary>
    /// <param name="further">Scopes that are asked for beside those that it names.</param>
    public async ValueTask<ProtocolError?> AddAsync(WantedPermission wanted, IReadOnlyList<string> further, CancellationToken ct)
    {
        _named.Add(_current = new(StringComparer.Ordinal));
        if (IsFull)
        {
            return null;
        }

        var names = wanted.Scopes.Union(further).ToHashSet(StringComparer.Ordinal);
        if (names.Count > 0 && !server.Scopes.Any(s => names.Contains(s.Name!)))
        {
            return new("invalid_scope", $"One of the given scopes [{string.Join(", ", names)}] is invalid");
        }

        if (wanted.Resource is null)
        {
            foreach (var asked in await requests.OfScopesAsync(names, ct))
            {
                Add(asked);
            }

            return null;
        }

        return wanted.IsUri ? await AddByUriAsync(wanted.Resource, names, ct) : await AddResourceAsync(wanted.Resource, names, ct);
    }

    /// <summary>What an earlier requesting party token held. It is evaluated anew with the rest.</summary>
    public async ValueTask AddEarlierAsync(IEnumerable<WantedPermission> earlier, CancellationToken ct)
    {
        _current = null;
        foreach (var permission in earlier)
        {
            if (permission.Resource is { } id && await store.FindResourceAsync(server.RealmId, server.ClientId, id, ct) is { } resource)
            {
                // Without a scope only what has none: the rest would be more than it held.
                var asked = await requests.OfAsync(resource, permission.Scopes, ct);
                if (permission.Scopes.Count > 0 == asked.Scopes.Count > 0)
                {
                    Add(asked);
                }
            }
        }
    }

    private async ValueTask<ProtocolError?> AddByUriAsync(string uri, HashSet<string> names, CancellationToken ct)
    {
        // The store takes no notice of case, and what differs in it is another address.
        var found = await store.ResourcesAsync(server.RealmId, server.ClientId, new(Uri: uri), ct: ct);
        found.RemoveAll(r => r.Representation.Uris?.Contains(uri) is not true);
        if (found.Count == 0 && matchingUris)
        {
            var own = await store.ResourcesAsync(server.RealmId, server.ClientId, new(Owner: server.ClientId, HasUris: true), ct: ct);
            found = UriPatterns.Best(own, uri) is { } matching ? [matching] : [];
        }

        foreach (var resource in found)
        {
            await AddAsync(resource, names, ct);
        }

        return found.Count == 0 ? new("invalid_resource", $"Resource with uri [{uri}] does not exist.") : null;
    }

    private async ValueTask<ProtocolError?> AddResourceAsync(string named, HashSet<string> names, CancellationToken ct)
    {
        if (await store.FindResourceAsync(server.RealmId, server.ClientId, named, ct) is { } byId)
        {
            await AddAsync(byId, names, ct);
            return null;
        }

        if (OfType(named) is { } type)
        {
            foreach (var resource in await store.ResourcesAsync(server.RealmId, server.ClientId, type.Query, ct: ct))
            {
                if (!type.OfPeople || resource.OwnerId != server.ClientId)
                {
                    await AddAsync(resource, names, ct);
                }
            }

            return null;
        }

        if (await FindAsync(askerId, named, ct) is { } own)
        {
            await AddAsync(own, names, ct);
        }

        if (askerId == server.ClientId)
        {
            return null;
        }

        foreach (var (resource, shared) in await SharedAsync(new(server.ClientId, ResourceName: named), ct))
        {
            await ShareAsync(resource, shared, names, ct);
        }

        if (await FindAsync(server.ClientId, named, ct) is { } ofServer)
        {
            await AddAsync(ofServer, names, ct);
        }

        return _asked.Count == 0 ? new("invalid_resource", $"Resource with id [{named}] does not exist.") : null;
    }

    /// <summary>Names that mean every resource of a type: the resource server's, anybody's, people's, the asker's.</summary>
    private (ResourceQuery Query, bool OfPeople)? OfType(string named) => named.Split(':', 2) switch
    {
        ["resource-type", var type] => (new(Owner: server.ClientId, Type: type, ExactType: true), false),
        ["resource-type-any", var type] => (new(Type: type, ExactType: true), false),
        ["resource-type-instance", var type] => (new(Type: type, ExactType: true), true),
        ["resource-type-owner", var type] => (new(Owner: askerId, Type: type, ExactType: true), false),
        _ => null,
    };

    private ValueTask<ProtectedResource?> FindAsync(string ownerId, string name, CancellationToken ct) =>
        store.FindResourceAsync(server.RealmId, server.ClientId, ownerId, name, ct);

    /// <summary>What owners gave to the asker, with the tickets that say so.</summary>
    private async ValueTask<IEnumerable<(ProtectedResource Resource, List<PermissionTicket> Tickets)>> SharedAsync(TicketQuery query, CancellationToken ct)
    {
        var granted = (await tickets.ListAsync(server.RealmId, query with { RequesterId = askerId, Granted = true }, ct: ct)).Select(t => t.Ticket)
            .GroupBy(t => t.ResourceId, StringComparer.Ordinal).ToList();
        if (granted.Count == 0)
        {
            return [];
        }

        var resources = (await store.ResourcesAsync(server.RealmId, server.ClientId, new(Name: query.ResourceName, Exact: true, SharedWith: askerId), ct: ct))
            .ToDictionary(r => r.Id, StringComparer.Ordinal);
        return granted.Where(g => resources.ContainsKey(g.Key)).Select(g => (resources[g.Key], g.ToList()));
    }

    /// <summary>What its owner has given needs no policy, as long as owners decide about the resource.</summary>
    private async ValueTask ShareAsync(ProtectedResource resource, List<PermissionTicket> shared, HashSet<string> names, CancellationToken ct)
    {
        // A scope that was taken off the resource is shared no more.
        var scopes = (await requests.OfAsync(resource, names, ct)).Scopes.Where(s => shared.Exists(t => t.ScopeId == s.Id)).ToList();
        if (resource.Representation.OwnerManagedAccess is true && (scopes.Count > 0 || (names.Count == 0 && shared.Exists(t => t.ScopeId is null))))
        {
            Add(new(resource, scopes) { IsShared = true });
        }
    }

    private async ValueTask AddAsync(ProtectedResource resource, HashSet<string> names, CancellationToken ct)
    {
        var asked = await requests.OfAsync(resource, names, ct);
        if (names.Count == 0 || asked.Scopes.Count > 0)
        {
            Add(asked);
        }
    }

    private void Add(AskedPermission asked)
    {
        _current?.Add(asked.Resource?.Id ?? "");

        // What is shared and what is to be decided stay apart: the one would pass for the other.
        var place = (asked.IsShared, asked.Resource?.Id ?? asked.Scopes[0].Id!);
        if (_places.TryGetValue(place, out var at))
        {
            _asked[at] = _asked[at] with { Scopes = [.. _asked[at].Scopes.UnionBy(asked.Scopes, s => s.Id)] };
        }
        else if (!IsFull)
        {
            _places.Add(place, _asked.Count);
            _asked.Add(asked);
        }
    }
}
