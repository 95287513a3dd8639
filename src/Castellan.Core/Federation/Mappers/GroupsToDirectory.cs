using Castellan.Core.Groups;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>Brings the groups that are here into the directory.</summary>
internal sealed class GroupsToDirectory(GroupMapper mapper, FederationContext context)
{
    private readonly Dictionary<string, LdapEntry> _there = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _kept = new(StringComparer.OrdinalIgnoreCase);
    private int _added;
    private int _updated;

    public async ValueTask<SyncResult> RunAsync(List<LdapEntry> entries)
    {
        Know(entries);
        var place = mapper.Place(context.Realm)?.Id;
        foreach (var group in context.Realm.Groups.Children(place))
        {
            await TakeAsync(group);
        }

        var removed = 0;
        if (mapper.Drops)
        {
            foreach (var (_, gone) in _there.Where(t => !_kept.Contains(t.Key)))
            {
                await context.ChangeAsync(id => LdapRequests.Delete(id, gone.Dn), "The directory did not let the group go");
                removed++;
            }
        }

        if (mapper.Inherits)
        {
            foreach (var group in context.Realm.Groups.Children(place))
            {
                await NestAsync(group);
            }
        }

        return SyncResult.ToGroups(_added, _updated, removed);
    }

    /// <summary>Brings one group in that the directory lacks, with those below it; where groups are a tree, with those above it too.</summary>
    public async ValueTask<LdapEntry?> BringAsync(List<LdapEntry> entries, Group group)
    {
        Know(entries);
        var (place, top) = (mapper.Place(context.Realm)?.Id, group);
        while (mapper.Inherits && Above(top, place) is { } above && !_there.ContainsKey(above.Name))
        {
            top = above;
        }

        await TakeAsync(top);
        if (mapper.Inherits)
        {
            await NestAsync(top);
            if (Above(top, place) is { } above && _there.TryGetValue(above.Name, out var parent))
            {
                await context.ChangeAsync(
                    id => LdapRequests.Modify(id, parent.Dn, [LdapAttributeChange.Texts(LdapModification.Add, mapper.Member, _there[top.Name].Dn)]), "The directory did not take the group below another");
            }
        }

        return _there.GetValueOrDefault(group.Name);
    }

    private Group? Above(Group group, string? place) =>
        group.ParentId is { } parent && parent != place ? context.Realm.Groups.Find(parent) : null;

    private void Know(List<LdapEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Text(mapper.Name) is { } name)
            {
                _there.TryAdd(name, entry);
            }
        }
    }

    private async ValueTask TakeAsync(Group group)
    {
        _kept.Add(group.Name);
        if (_there.TryGetValue(group.Name, out var known))
        {
            _updated++;
            var changes = mapper.MappedOf(group).Where(a => !a.Value.SequenceEqual(known.Texts(a.Key)))
                .Select(a => LdapAttributeChange.Texts(LdapModification.Replace, a.Key, a.Value)).ToList();
            if (changes.Count > 0)
            {
                await context.ChangeAsync(id => LdapRequests.Modify(id, known.Dn, changes), "The directory did not take the group");
            }
        }
        else if (await mapper.MakeAsync(context, group) is { } made)
        {
            _added++;
            _there[group.Name] = made;
        }

        foreach (var child in context.Realm.Groups.Children(group.Id))
        {
            await TakeAsync(child);
        }
    }

    /// <summary>Makes the groups below one its members, and no others.</summary>
    private async ValueTask NestAsync(Group group)
    {
        if (!_there.TryGetValue(group.Name, out var entry))
        {
            return;
        }

        var children = context.Realm.Groups.Children(group.Id).ToList();
        var wanted = children.Select(c => _there.GetValueOrDefault(c.Name)).OfType<LdapEntry>().Select(e => LdapDn.Parse(e.Dn)).OfType<LdapDn>().ToHashSet();
        var groups = _there.Values.Select(e => LdapDn.Parse(e.Dn)).OfType<LdapDn>().ToHashSet();
        var members = entry.Texts(mapper.Member).Select(LdapDn.Parse).OfType<LdapDn>().ToHashSet();
        List<LdapAttributeChange> changes =
        [
            .. wanted.Except(members).Select(dn => LdapAttributeChange.Texts(LdapModification.Add, mapper.Member, dn.Text)),
            .. members.Where(m => groups.Contains(m) && !wanted.Contains(m)).Select(dn => LdapAttributeChange.Texts(LdapModification.Delete, mapper.Member, dn.Text)),
        ];
        if (changes.Count > 0)
        {
            await context.ChangeAsync(id => LdapRequests.Modify(id, entry.Dn, changes), "The directory did not take the groups below a group");
        }

        foreach (var child in children)
        {
            await NestAsync(child);
        }
    }
}
