using Castellan.Core.Groups;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>Entries of the directory as groups: side by side, or as a tree where groups are members of groups.</summary>
public sealed class GroupMapper(ComponentRepresentation component, LdapFederation federation) : MembershipMapper(component, federation, "group")
{
    internal bool Inherits => IsTrue("preserve.group.inheritance");

    /// <summary>Whether a group may name others that are not there.</summary>
    internal bool IgnoresMissing => IsTrue("ignore.missing.groups");

    internal bool Drops => IsTrue("drop.non.existing.groups.during.sync");

    internal string Name => NameAttribute;

    internal string Dn => BaseDn;

    internal string Member => MembershipAttribute;

    internal IReadOnlyList<string> Mapped => (Text("mapped.group.attributes") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    protected override IEnumerable<string> MoreAttributes => Mapped;

    /// <summary>The values of a mapped attribute. Ids that are octets are shown as ids, unless that is switched off.</summary>
    internal List<string> ValuesOf(LdapEntry entry, string name) =>
        !string.Equals(name, Federation.IdAttribute, StringComparison.OrdinalIgnoreCase) || !LdapIds.AreOctets(name) ? entry.Texts(name)
        : [.. entry.Values(name).Select(v => (Text("decode.group.uuid.attribute") is null || IsTrue("decode.group.uuid.attribute") ? LdapIds.Text(v) : null) ?? Convert.ToBase64String(v))];

    private string Path => Text("groups.path") is { } path && path.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/";

    public override async ValueTask BelongAsync(FederationContext context, DirectoryPicture person, Belongings belongings)
    {
        if (Mode == MembershipMode.Import || !HasPlace(context.Realm))
        {
            return;
        }

        if (Mode == MembershipMode.LdapOnly && Path == "/")
        {
            belongings.GroupIds.Clear();
        }

        belongings.GroupIds.UnionWith(await GroupsAsync(context, await OfAsync(context, person)));
    }

    public override async ValueTask<IReadOnlyList<Change>> ImportMembershipsAsync(FederationContext context, DirectoryPicture person, string userId) =>
        Mode == MembershipMode.Import && HasPlace(context.Realm)
            ? [.. (await GroupsAsync(context, await OfAsync(context, person))).Select(group => new JoinGroup(userId, group))]
            : [];

    public override async ValueTask<bool> TakeAsync(FederationContext context, DirectoryPicture person, Change change)
    {
        var (id, joins) = change switch { JoinGroup join => (join.GroupId, true), LeaveGroup leave => (leave.GroupId, false), _ => (null, false) };
        if (id is null || Mode == MembershipMode.Import || context.Realm.Groups.Find(id) is not { } group || !IsInPlace(context.Realm, group) || ValueOf(person.Entry) is not { } member)
        {
            return false;
        }

        if (joins)
        {
            if (Mode != MembershipMode.LdapOnly)
            {
                return false;
            }

            if ((await FindAsync(context, group.Name) ?? await new GroupsToDirectory(this, context).BringAsync(await AllAsync(context), group)) is { } entry)
            {
                await AddMemberAsync(context, entry, member);
            }

            return true;
        }

        if (await HeldAsync(context, group.Name, member) is not { } held)
        {
            return Mode == MembershipMode.LdapOnly;
        }

        if (Mode == MembershipMode.ReadOnly)
        {
            throw FederationRefusal.Group("Not possible to delete LDAP group mappings as mapper mode is READ_ONLY");
        }

        await RemoveMemberAsync(context, held, member);
        return true;
    }

    public override async ValueTask<List<LdapEntry>?> MembersAsync(FederationContext context, string? roleId, string? groupId) =>
        Mode != MembershipMode.Import && groupId is not null && context.Realm.Groups.Find(groupId) is { } group && IsInPlace(context.Realm, group)
            ? await PeopleOfAsync(context, group.Name)
            : null;

    public override async ValueTask<SyncResult?> FromDirectoryAsync(FederationContext context) =>
        await BringAsync(context) ?? throw FederationRefusal.NoTree;

    public override async ValueTask<SyncResult?> ToDirectoryAsync(FederationContext context) =>
        Mode == MembershipMode.LdapOnly && HasPlace(context.Realm) ? await new GroupsToDirectory(this, context).RunAsync(await AllAsync(context)) : SyncResult.ToGroups(0, 0, 0);

    /// <summary>The group that holds those of the directory; null for the top.</summary>
    internal Group? Place(Realm realm) => Path == "/" ? null : realm.Groups.FindByPath(Path);

    /// <summary>A new entry for a group, with what is mapped of its attributes.</summary>
    internal ValueTask<LdapEntry?> MakeAsync(FederationContext context, Group group) => CreateAsync(context, group.Name, MappedOf(group));

    internal IEnumerable<KeyValuePair<string, List<string>>> MappedOf(Group group) =>
        Mapped.Select(name => KeyValuePair.Create(name, group.Representation.Attributes?.GetValueOrDefault(name) ?? []));

    private async ValueTask<SyncResult?> BringAsync(FederationContext context) =>
        HasPlace(context.Realm) ? await new GroupsFromDirectory(this, context).RunAsync(await AllAsync(context)) : SyncResult.OfGroups(0, 0, 0);

    private ValueTask<List<LdapEntry>> AllAsync(FederationContext context) => context.AllAsync(Search(members: Inherits));

    private bool HasPlace(Realm realm) => Path == "/" || Place(realm) is not null;

    private bool IsInPlace(Realm realm, Group group) => Path == "/" || (Place(realm) is { } place && realm.Groups.Lineage(group).Any(g => g.Id == place.Id));

    /// <summary>The groups of entries; those that are missing are made, or brought in with their tree.</summary>
    private async ValueTask<List<string>> GroupsAsync(FederationContext context, List<LdapEntry> entries)
    {
        var names = entries.Select(e => e.Text(NameAttribute)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (names.Any(n => Find(context.Realm, n) is null))
        {
            if (Inherits)
            {
                // Where the groups are no tree, nobody is kept out for that: those that are here already count.
                await BringAsync(context);
            }
            else
            {
                var from = new GroupsFromDirectory(this, context);
                await context.ApplyAsync([.. entries.Where(e => e.Text(NameAttribute) is { } n && Find(context.Realm, n) is null).Select(e => from.Put(e, Place(context.Realm)?.Id))]);
            }
        }

        return [.. names.Select(n => Find(context.Realm, n)?.Id).OfType<string>()];
    }

    private Group? Find(Realm realm, string name)
    {
        var place = Place(realm);
        return realm.Groups.Children(place?.Id).FirstOrDefault(g => g.Name == name)
            ?? (Inherits ? realm.Groups.All.FirstOrDefault(g => g.Name == name && IsInPlace(realm, g)) : null);
    }
}
