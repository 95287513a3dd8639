using System.Collections.Concurrent;
using Castellan.Core.Realms;

namespace Castellan.Core.Roles;

/// <summary>A realm or client role.</summary>
/// <param name="ClientId">The internal id of the client that owns it; null for a realm role.</param>
/// <param name="ClientName">The <c>client_id</c> of that client, as tokens name it.</param>
/// <param name="Composites">Ids of the roles that it contains directly, in their order.</param>
public sealed record Role(
    string Id, string Name, string? Description, string? ClientId, string? ClientName,
    IReadOnlyDictionary<string, List<string>>? Attributes, IReadOnlyList<string> Composites)
{
    public bool IsComposite => Composites.Count > 0;
}

/// <summary>All roles of a realm, by id and by name, and what contains what.</summary>
public sealed class RoleGraph
{
    private const int MostKept = 256;
    private const int LongestKept = 32;

    /// <summary>Larger sets of roles are made anew each time, with whatever is made of them: they are an administrator's, and there are few of those.</summary>
    public const int LargestKept = 512;

    private readonly Dictionary<string, Role> _byId;

    /// <summary>What was expanded before. Most people of a realm have the same few roles, so that few sets serve all of them.</summary>
    private readonly ConcurrentDictionary<RoleIds, IReadOnlySet<Role>> _expanded = new();

    /// <summary>By the client's id, "" for the realm, and by name.</summary>
    private readonly Dictionary<string, Dictionary<string, Role>> _byName;
    private readonly Lazy<Dictionary<string, string>> _clientIds;

    public RoleGraph(IEnumerable<Role> roles)
        : this(new(StringComparer.Ordinal), new(StringComparer.Ordinal))
    {
        foreach (var role in roles)
        {
            _byId.Add(role.Id, role);
            if (!_byName.TryGetValue(Container(role), out var siblings))
            {
                _byName[Container(role)] = siblings = new(StringComparer.Ordinal);
            }

            siblings.Add(role.Name, role);
        }
    }

    internal RoleGraph(Dictionary<string, Role> byId, Dictionary<string, Dictionary<string, Role>> byName)
    {
        (_byId, _byName) = (byId, byName);
        _clientIds = new(() => ClientIds(byName));
    }

    public IReadOnlyCollection<Role> All => _byId.Values;

    internal Dictionary<string, Role> ById => _byId;

    internal Dictionary<string, Dictionary<string, Role>> ByName => _byName;

    public Role? Find(string id) => _byId.GetValueOrDefault(id);

    public Role? FindRealmRole(string name) => _byName.GetValueOrDefault("")?.GetValueOrDefault(name);

    /// <param name="clientId">The client's internal id.</param>
    public Role? FindClientRole(string clientId, string name) => _byName.GetValueOrDefault(clientId)?.GetValueOrDefault(name);

    /// <summary>The roles of one client, or of the realm for null.</summary>
    /// <param name="clientId">The client's internal id.</param>
    public IReadOnlyCollection<Role> OfClient(string? clientId) => _byName.TryGetValue(clientId ?? "", out var roles) ? roles.Values : [];

    /// <summary>The roles of the client that is called so in tokens.</summary>
    public IReadOnlyCollection<Role> OfClientNamed(string name) => _clientIds.Value.TryGetValue(name, out var id) ? OfClient(id) : [];

    /// <summary>The graph after a set of changes to its realm, as reading it anew would give it; null when it has to be read anew.</summary>
    public RoleGraph? After(string realmId, IEnumerable<Change> changes) => new RoleChanges(this, realmId).After(changes);

    /// <summary>
    /// The roles given and all that they contain, however deep; cycles do no harm. The same few ids give the same set each time, so that what is made
    /// of one can be kept beside it.
    /// </summary>
    public IReadOnlySet<Role> Expand(IReadOnlyList<string> ids)
    {
        if (ids.Count > LongestKept)
        {
            return Reach(ids);
        }

        if (_expanded.TryGetValue(new(ids), out var known))
        {
            return known;
        }

        var reached = Reach(ids);
        if (reached.Count > LargestKept)
        {
            return reached;
        }

        if (_expanded.Count >= MostKept)
        {
            _expanded.Clear();
        }

        return _expanded.GetOrAdd(new([.. ids]), reached);
    }

    private HashSet<Role> Reach(IReadOnlyList<string> ids)
    {
        var reached = new HashSet<Role>(ReferenceEqualityComparer.Instance);
        var open = new Stack<string>(ids);
        while (open.TryPop(out var id))
        {
            if (_byId.TryGetValue(id, out var role) && reached.Add(role))
            {
                foreach (var part in role.Composites)
                {
                    open.Push(part);
                }
            }
        }

        return reached;
    }

    internal static string Container(Role role) => role.ClientId ?? "";

    private static Dictionary<string, string> ClientIds(Dictionary<string, Dictionary<string, Role>> byName)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (id, roles) in byName)
        {
            if (roles.Values.FirstOrDefault()?.ClientName is { } name)
            {
                ids[name] = id;
            }
        }

        return ids;
    }

    /// <summary>Ids as a key: equal to others when they are the same in the same order.</summary>
    private readonly struct RoleIds(IReadOnlyList<string> ids) : IEquatable<RoleIds>
    {
        private readonly IReadOnlyList<string> _ids = ids;

        public bool Equals(RoleIds other)
        {
            if (_ids.Count != other._ids.Count)
            {
                return false;
            }

            for (var i = 0; i < _ids.Count; i++)
            {
                if (_ids[i] != other._ids[i])
                {
                    return false;
                }
            }

            return true;
        }

        public override bool Equals(object? obj) => obj is RoleIds other && Equals(other);

        public override int GetHashCode()
        {
            var hash = _ids.Count;
            for (var i = 0; i < _ids.Count; i++)
            {
                hash = HashCode.Combine(hash, _ids[i]);
            }

            return hash;
        }
    }
}
