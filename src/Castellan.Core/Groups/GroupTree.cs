using Castellan.Core.Representations;

namespace Castellan.Core.Groups;

/// <summary>A group with the ids of its roles.</summary>
public sealed record Group(GroupRepresentation Representation, IReadOnlyList<string> RoleIds)
{
    public string Id => Representation.Id!;

    public string Name => Representation.Name!;

    public string? ParentId => Representation.ParentId;
}

/// <summary>All groups of a realm.</summary>
public sealed class GroupTree
{
    private readonly Dictionary<string, Group> _byId;
    private readonly ILookup<string?, Group> _children;

    public GroupTree(IEnumerable<Group> groups)
    {
        _byId = groups.ToDictionary(g => g.Id, StringComparer.Ordinal);
        _children = _byId.Values.OrderBy(g => g.Name, StringComparer.Ordinal).ToLookup(g => g.ParentId ?? "", StringComparer.Ordinal)!;
    }

    public IReadOnlyCollection<Group> All => _byId.Values;

    public Group? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>The groups directly below, by name; those at the top for null.</summary>
    public IEnumerable<Group> Children(string? parentId) => _children[parentId ?? ""];

    /// <summary>The path of a group, <c>/staff/night</c>. A slash inside a name reads like a level, as in Keycloak.</summary>
    public string Path(Group group)
    {
        var path = "/" + group.Name;
        return group.ParentId is { } parent && _byId.TryGetValue(parent, out var above) ? Path(above) + path : path;
    }

    /// <summary>The group of a path, with or without the slash in front.</summary>
    public Group? FindByPath(string path)
    {
        var whole = path.StartsWith('/') ? path : "/" + path;
        return _byId.Values.FirstOrDefault(g => Path(g) == whole);
    }

    /// <summary>The group itself and those above it, nearest first.</summary>
    public IEnumerable<Group> Lineage(Group group)
    {
        for (var at = group; at is not null; at = at.ParentId is { } parent ? Find(parent) : null)
        {
            yield return at;
        }
    }
}
