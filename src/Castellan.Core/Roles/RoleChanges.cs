using Castellan.Core.Realms;

namespace Castellan.Core.Roles;

/// <summary>
/// What a set of changes makes of a graph of roles: the same as if it were read anew. A master realm has some twenty roles for each realm that it
/// administers, too many to read all of them whenever a realm is made.
/// </summary>
internal sealed class RoleChanges(RoleGraph before, string realmId)
{
    private readonly Dictionary<string, Role> _roles = new(before.ById, StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, Role>> _byName = new(before.ByName, StringComparer.Ordinal);

    /// <summary>Parts of <see cref="_byName"/> that are no longer those of the graph before.</summary>
    private readonly HashSet<string> _own = new(StringComparer.Ordinal);

    /// <summary>Parts of composites that change, in their order.</summary>
    private readonly Dictionary<string, List<string>> _parts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _clientNames = new(StringComparer.Ordinal);

    /// <summary>The graph afterwards; null when the set holds something that has to be looked up.</summary>
    public RoleGraph? After(IEnumerable<Change> changes)
    {
        foreach (var change in changes)
        {
            if (!Follow(change))
            {
                return null;
            }
        }

        foreach (var (id, parts) in _parts)
        {
            if (_roles.TryGetValue(id, out var role))
            {
                Keep(role with { Composites = parts });
            }
        }

        return new(_roles, _byName);
    }

    private bool Follow(Change change)
    {
        switch (change)
        {
            case PutClient c:
                _clientNames[c.Client.Id!] = c.Client.ClientId;
                return true;
            case PutRole c: return Put(c);
            case AddRole { Kind: RoleOwner.Role } c:
                Add(Parts(c.OwnerId), c.RoleId);
                return true;
            case RemoveRole { Kind: RoleOwner.Role } c:
                Parts(c.OwnerId).Remove(c.RoleId);
                return true;
            case DeleteRole c:
                Remove([c.Id]);
                return true;
            case DeleteClient c:
                Remove([.. Siblings(c.Id).Values.Select(r => r.Id)]);
                return true;
            case DeleteRealm: return false;
            default: return true;
        }
    }

    private bool Put(PutRole put)
    {
        var role = put.Role;
        var client = role.ContainerId is null || role.ContainerId == realmId ? null : role.ContainerId;
        if (client is not null && !_clientNames.ContainsKey(client))
        {
            if (before.OfClient(client).FirstOrDefault() is not { } sibling)
            {
                return false;
            }

            _clientNames[client] = sibling.ClientName;
        }

        Keep(new(
            role.Id!, role.Name!, role.Description, client, client is null ? null : _clientNames[client],
            role.Attributes is { Count: > 0 } some ? some.ToDictionary(a => a.Key, a => a.Value.ToList(), StringComparer.Ordinal) : null, _roles.GetValueOrDefault(role.Id!)?.Composites ?? []));
        return true;
    }

    private void Keep(Role role)
    {
        Drop(role.Id);
        _roles[role.Id] = role;
        Siblings(RoleGraph.Container(role))[role.Name] = role;
    }

    /// <summary>Takes a role out; another may have its name already.</summary>
    private void Drop(string id)
    {
        if (_roles.Remove(id, out var old) && Siblings(RoleGraph.Container(old)) is var siblings && siblings.GetValueOrDefault(old.Name)?.Id == id)
        {
            siblings.Remove(old.Name);
        }
    }

    private Dictionary<string, Role> Siblings(string container)
    {
        if (_own.Add(container))
        {
            _byName[container] = _byName.TryGetValue(container, out var known) ? new(known, StringComparer.Ordinal) : new(StringComparer.Ordinal);
        }

        return _byName[container];
    }

    private static void Add(List<string> parts, string id)
    {
        if (parts.BinarySearch(id, StringComparer.Ordinal) is < 0 and var at)
        {
            parts.Insert(~at, id);
        }
    }

    private List<string> Parts(string id)
    {
        if (!_parts.TryGetValue(id, out var parts))
        {
            _parts[id] = parts = [.. _roles.GetValueOrDefault(id)?.Composites ?? []];
        }

        return parts;
    }

    private void Remove(HashSet<string> ids)
    {
        foreach (var id in ids)
        {
            Drop(id);
            _parts.Remove(id);
        }

        foreach (var role in _roles.Values)
        {
            if (role.Composites.Any(ids.Contains))
            {
                Parts(role.Id);
            }
        }

        foreach (var parts in _parts.Values)
        {
            parts.RemoveAll(ids.Contains);
        }
    }
}
