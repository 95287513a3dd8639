using Castellan.Core.Groups;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>Brings the groups of a directory in.</summary>
internal sealed class GroupsFromDirectory(GroupMapper mapper, FederationContext context)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<Change> _changes = [];
    private int _added;
    private int _updated;

    /// <summary>What came of it; null when the groups are to be a tree and are none.</summary>
    public async ValueTask<SyncResult?> RunAsync(List<LdapEntry> entries)
    {
        var named = entries.Where(e => !string.IsNullOrWhiteSpace(e.Text(mapper.Name))).DistinctBy(e => e.Text(mapper.Name), StringComparer.Ordinal).ToList();
        var (roots, below) = (named, new Dictionary<string, List<LdapEntry>>(StringComparer.Ordinal));
        if (mapper.Inherits)
        {
            if (Tree(named) is not { } tree)
            {
                return null;
            }

            (roots, below) = tree;
        }

        var place = mapper.Place(context.Realm)?.Id;
        foreach (var root in roots)
        {
            Take(root, place, below);
        }

        var removed = 0;
        if (mapper.Drops)
        {
            // A group goes with those below it; only what stands by itself counts.
            foreach (var group in context.Realm.Groups.All.Where(g => IsBelow(g, place) && !_seen.Contains(g.Id)))
            {
                _changes.Add(new DeleteGroup(group.Id));
                removed++;
            }
        }

        await context.ApplyAsync(_changes);
        return SyncResult.OfGroups(_added, _updated, removed);
    }

    public PutGroup Put(LdapEntry entry, string? parent) => new(new GroupRepresentation
    {
        Id = Ids.New(), Name = entry.Text(mapper.Name), ParentId = parent,
        Attributes = mapper.Mapped.Select(name => (name, Values: mapper.ValuesOf(entry, name))).Where(a => a.Values.Count > 0).ToDictionary(a => a.name, a => a.Values, StringComparer.Ordinal),
    })
    { IsNew = true };

    private void Take(LdapEntry entry, string? parent, Dictionary<string, List<LdapEntry>> below)
    {
        string id;
        if (context.Realm.Groups.Children(parent).FirstOrDefault(g => g.Name == entry.Text(mapper.Name)) is { } known)
        {
            id = known.Id;
            _updated++;
            Update(known, entry);
        }
        else
        {
            var put = Put(entry, parent);
            id = put.Group.Id!;
            _changes.Add(put);
            _added++;
        }

        _seen.Add(id);
        foreach (var child in below.GetValueOrDefault(entry.Dn) ?? [])
        {
            Take(child, id, below);
        }
    }

    private void Update(Group known, LdapEntry entry)
    {
        var attributes = new Dictionary<string, List<string>>(known.Representation.Attributes ?? [], StringComparer.Ordinal);
        var changed = false;
        foreach (var name in mapper.Mapped)
        {
            var values = mapper.ValuesOf(entry, name);
            if (values.SequenceEqual(attributes.GetValueOrDefault(name) ?? []))
            {
                continue;
            }

            changed = true;
            attributes.Remove(name);
            if (values.Count > 0)
            {
                attributes[name] = values;
            }
        }

        if (changed)
        {
            var group = known.Representation;
            _changes.Add(new PutGroup(new GroupRepresentation { Id = group.Id, Name = group.Name, Description = group.Description, ParentId = group.ParentId, Attributes = attributes }));
        }
    }

    private bool IsBelow(Group group, string? place) => place is null || (group.Id != place && context.Realm.Groups.Lineage(group).Any(g => g.Id == place));

    /// <summary>Who is below whom; null when that is no tree, since a group stands in a circle or in two places, or one that is named is not there.</summary>
    private (List<LdapEntry> Roots, Dictionary<string, List<LdapEntry>> Below)? Tree(List<LdapEntry> entries)
    {
        var byName = entries.DistinctBy(e => e.Text(mapper.Name), StringComparer.OrdinalIgnoreCase).ToDictionary(e => e.Text(mapper.Name)!, StringComparer.OrdinalIgnoreCase);
        var place = LdapDn.Parse(mapper.Dn);
        var below = new Dictionary<string, List<LdapEntry>>(StringComparer.Ordinal);
        var children = new HashSet<LdapEntry>();
        foreach (var entry in entries)
        {
            var names = entry.Texts(mapper.Member).Select(LdapDn.Parse).OfType<LdapDn>().Where(dn => place is not null && dn.IsBelow(place)).Select(dn => dn.First(mapper.Name)).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).ToList();
            var mine = names.Select(byName.GetValueOrDefault).OfType<LdapEntry>().ToList();
            if ((mine.Count < names.Count && !mapper.IgnoresMissing) || !mine.TrueForAll(children.Add))
            {
                return null;
            }

            below[entry.Dn] = mine;
        }

        var roots = entries.Where(e => !children.Contains(e)).ToList();
        var reached = 0;
        var open = new Stack<LdapEntry>(roots);
        while (open.TryPop(out var entry))
        {
            reached++;
            foreach (var child in below[entry.Dn])
            {
                open.Push(child);
            }
        }

        return reached == entries.Count ? (roots, below) : null;
    }
}
