namespace Castellan.Core.Roles;

/// <summary>A realm or client role.</summary>
/// <param name="ClientId">The internal id of the client that owns it; null for a realm role.</param>
/// <param name="ClientName">The <c>client_id</c> of that client, as tokens name it.</param>
/// <param name="Composites">Ids of the roles that it contains directly.</param>
public sealed record Role(
    string Id, string Name, string? Description, string? ClientId, string? ClientName,
    IReadOnlyDictionary<string, List<string>>? Attributes, IReadOnlyList<string> Composites)
{
    public bool IsComposite => Composites.Count > 0;
}

/// <summary>All roles of a realm, by id and by name, and what contains what.</summary>
public sealed class RoleGraph
{
    private readonly Dictionary<string, Role> _byId;
    private readonly Dictionary<(string? ClientId, string Name), Role> _byName;

    public RoleGraph(IEnumerable<Role> roles)
    {
        _byId = roles.ToDictionary(r => r.Id, StringComparer.Ordinal);
        _byName = _byId.Values.ToDictionary(r => (r.ClientId, r.Name));
    }

    public IReadOnlyCollection<Role> All => _byId.Values;

    public Role? Find(string id) => _byId.GetValueOrDefault(id);

    public Role? FindRealmRole(string name) => _byName.GetValueOrDefault((null, name));

    /// <param name="clientId">The client's internal id.</param>
    public Role? FindClientRole(string clientId, string name) => _byName.GetValueOrDefault((clientId, name));

    /// <summary>The roles given and all that they contain, however deep; cycles do no harm.</summary>
    public HashSet<Role> Expand(IEnumerable<string> ids)
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
}
