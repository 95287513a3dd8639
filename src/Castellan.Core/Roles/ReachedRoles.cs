namespace Castellan.Core.Roles;

/// <summary>
/// Whether roles contain others, asked for one after the other. The administrator of a thousand realms has twenty thousand roles, of which a request
/// asks for a few; most of them are among the parts of the one role that the administrator was given.
/// </summary>
public sealed class ReachedRoles(RoleGraph roles, IEnumerable<string> ids)
{
    private readonly HashSet<string> _given = [.. ids];
    private IReadOnlyList<Role>? _composites;

    /// <summary>Whether the role is one of those given, or contained in one, however deep.</summary>
    public bool Contains(string id)
    {
        if (_given.Contains(id))
        {
            return roles.Find(id) is not null;
        }

        foreach (var given in _given)
        {
            if (roles.Find(given) is { } role && Holds(role, id))
            {
                return roles.Find(id) is not null;
            }
        }

        // Of threads that come here together each finds the same.
        foreach (var composite in _composites ??= Composites())
        {
            if (Holds(composite, id))
            {
                return roles.Find(id) is not null;
            }
        }

        return false;
    }

    private static bool Holds(Role role, string id)
    {
        var (low, high) = (0, role.Composites.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(role.Composites[middle], id);
            if (order == 0)
            {
                return true;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return false;
    }

    private List<Role> Composites()
    {
        var found = new HashSet<Role>(ReferenceEqualityComparer.Instance);
        var open = new Stack<string>(_given);
        while (open.TryPop(out var id))
        {
            if (roles.Find(id) is { IsComposite: true } role && found.Add(role))
            {
                foreach (var part in role.Composites)
                {
                    open.Push(part);
                }
            }
        }

        return [.. found];
    }
}
