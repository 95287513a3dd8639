using System.Text;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>Where memberships are kept, and which count.</summary>
public enum MembershipMode
{
    /// <summary>In the directory, for those of the directory; others here.</summary>
    ReadOnly,

    /// <summary>In the directory alone.</summary>
    LdapOnly,

    /// <summary>Here, as they were when the person was imported.</summary>
    Import,
}

/// <summary>What groups and roles of a directory have in common: entries that name their members.</summary>
public abstract class MembershipMapper(ComponentRepresentation component, LdapFederation federation, string kind) : LdapMapper(component, federation)
{
    /// <summary>The member that a group has who has none: many directories want one.</summary>
    private const string NoMember = "cn=empty-membership-placeholder";

    /// <summary>Entries of these classes must have a member.</summary>
    private static readonly string[] s_neverEmpty = ["groupOfNames", "groupOfEntries", "groupOfUniqueNames"];

    /// <summary>How many people are asked for in one search.</summary>
    private const int Chunk = 50;

    /// <summary>Larger groups are not resolved for a list.</summary>
    private const int MaxMembers = 10_000;

    public MembershipMode Mode => Text("mode")?.ToUpperInvariant() switch { "LDAP_ONLY" => MembershipMode.LdapOnly, "IMPORT" => MembershipMode.Import, _ => MembershipMode.ReadOnly };

    public override IEnumerable<string> Reads =>
        ByMemberOf ? [MemberOf, .. MemberAttributes] : MemberAttributes;

    protected string BaseDn => Text($"{kind}s.dn") ?? "";

    protected string NameAttribute => Text($"{kind}.name.ldap.attribute") ?? "cn";

    protected string MembershipAttribute => Text("membership.ldap.attribute") ?? "member";

    protected bool NamesByDn => Text("membership.attribute.type") != "UID";

    private bool ByMemberOf => Strategy.EndsWith("FROM_USER_MEMBEROF_ATTRIBUTE", StringComparison.Ordinal);

    private string Strategy => Text("user.roles.retrieve.strategy") ?? "";

    private string MemberOf => Text("memberof.ldap.attribute") ?? "memberOf";

    private string MemberUserAttribute => Text("membership.user.ldap.attribute") ?? Federation.UsernameAttribute;

    private IEnumerable<string> MemberAttributes => NamesByDn ? [] : [MemberUserAttribute];

    private string[] ObjectClasses => (Text($"{kind}.object.classes") ?? (Federation.IsActiveDirectory ? "group" : "groupOfNames"))
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Beside name and members.</summary>
    protected virtual IEnumerable<string> MoreAttributes => [];

    protected LdapSearch Search(LdapFilter? filter = null, bool members = false)
    {
        var parts = new List<LdapFilter>(ObjectClasses.Select(c => LdapFilter.Is("objectClass", c)));
        if (filter is not null)
        {
            parts.Add(filter);
        }

        if (Text($"{kind}s.ldap.filter") is { } custom)
        {
            // One that cannot be read lets nobody through.
            parts.Add(LdapFilter.Parse(custom) ?? LdapFilter.Any());
        }

        return new(BaseDn, Federation.Scope, LdapFilter.All(parts), [NameAttribute, .. MoreAttributes, .. members ? [MembershipAttribute] : Array.Empty<string>()]);
    }

    protected ValueTask<LdapEntry?> FindAsync(FederationContext context, string name, bool members = false) =>
        context.FirstAsync(Search(LdapFilter.Is(NameAttribute, name), members));

    /// <summary>The entries that a person is in.</summary>
    protected ValueTask<List<LdapEntry>> OfAsync(FederationContext context, DirectoryPicture person) =>
        person.MembershipsAsync(Component.Id!, async () =>
        {
            if (ByMemberOf)
            {
                var below = LdapDn.Parse(BaseDn);
                var names = person.Entry.Texts(MemberOf).Select(LdapDn.Parse).OfType<LdapDn>().Where(dn => below is not null && dn.IsBelow(below))
                    .Select(dn => dn.First(NameAttribute)).OfType<string>().ToList();
                return names.Count == 0 ? [] : await context.AllAsync(Search(LdapFilter.Any(names.Select(n => LdapFilter.Is(NameAttribute, n)))));
            }

            if (ValueOf(person.Entry) is not { } member)
            {
                return [];
            }

            var recursive = Strategy.EndsWith("RECURSIVELY", StringComparison.Ordinal);
            return await context.AllAsync(Search(recursive ? LdapFilter.InChain(MembershipAttribute, member) : LdapFilter.Is(MembershipAttribute, member)));
        });

    /// <summary>How a person is named among members; null where the entry lacks what names it.</summary>
    protected string? ValueOf(LdapEntry person) => NamesByDn ? person.Dn : person.Text(MemberUserAttribute);

    protected async ValueTask AddMemberAsync(FederationContext context, LdapEntry group, string member)
    {
        var result = await context.AskAsync(id => LdapRequests.Modify(id, group.Dn, [LdapAttributeChange.Texts(LdapModification.Add, MembershipAttribute, member)]));
        if (!result.Ok && result.Code != LdapMessages.AttributeOrValueExists)
        {
            throw FederationRefusal.Plain($"The directory did not take the member ({result.Code}).");
        }
    }

    protected async ValueTask RemoveMemberAsync(FederationContext context, LdapEntry group, string member)
    {
        var leaves = LdapAttributeChange.Texts(LdapModification.Delete, MembershipAttribute, member);
        var result = await context.AskAsync(id => LdapRequests.Modify(id, group.Dn, [leaves]));
        if (result.Code == LdapMessages.ObjectClassViolation)
        {
            // The last member of a group that must have one.
            result = await context.AskAsync(id => LdapRequests.Modify(id, group.Dn, [leaves, LdapAttributeChange.Texts(LdapModification.Add, MembershipAttribute, NoMember)]));
        }

        if (!result.Ok && result.Code != LdapMessages.NoSuchAttribute)
        {
            throw FederationRefusal.Plain($"The directory did not let the member go ({result.Code}).");
        }
    }

    /// <summary>A new entry for a group or role, without members.</summary>
    protected async ValueTask<LdapEntry?> CreateAsync(FederationContext context, string name, IEnumerable<KeyValuePair<string, List<string>>> more)
    {
        if (LdapDn.Parse(LdapProvider.Below(Text($"{kind}s.relative.create.dn"), BaseDn)) is not { } parent)
        {
            return null;
        }

        var attributes = new List<KeyValuePair<string, IReadOnlyCollection<byte[]>>> { Pair("objectClass", ObjectClasses), Pair(NameAttribute, [name]) };
        if (ObjectClasses.Any(c => s_neverEmpty.Contains(c, StringComparer.OrdinalIgnoreCase)))
        {
            attributes.Add(Pair(MembershipAttribute, [NoMember]));
        }

        attributes.AddRange(more.Where(m => m.Value.Count > 0).Select(m => Pair(m.Key, m.Value)));
        await context.ChangeAsync(id => LdapRequests.Add(id, parent.Child(NameAttribute, name).Text, attributes), "The directory did not take the entry");
        return await FindAsync(context, name, members: true);

        static KeyValuePair<string, IReadOnlyCollection<byte[]>> Pair(string name, IEnumerable<string> values) => new(name, [.. values.Select(Encoding.UTF8.GetBytes)]);
    }

    /// <summary>The entries of the people who are members of an entry.</summary>
    protected async ValueTask<List<LdapEntry>> PeopleOfAsync(FederationContext context, string name)
    {
        var found = new List<LdapEntry>();
        if (await FindAsync(context, name, members: true) is not { } group)
        {
            return found;
        }

        if (ByMemberOf)
        {
            return await context.AllAsync(Federation.Search(LdapFilter.Is(MemberOf, group.Dn)));
        }

        var values = group.Texts(MembershipAttribute).Take(MaxMembers);
        if (!NamesByDn)
        {
            foreach (var chunk in values.Chunk(Chunk))
            {
                found.AddRange(await context.AllAsync(Federation.Search(LdapFilter.Any(chunk.Select(v => LdapFilter.Is(MemberUserAttribute, v))))));
            }

            return found;
        }

        var below = LdapDn.Parse(Federation.UsersDn);
        var dns = values.Select(LdapDn.Parse).OfType<LdapDn>().Where(dn => below is not null && dn.IsBelow(below) && dn.First(Federation.RdnAttribute) is not null).ToHashSet();
        foreach (var chunk in dns.Chunk(Chunk))
        {
            var filter = LdapFilter.Any(chunk.Select(dn => LdapFilter.Is(Federation.RdnAttribute, dn.First(Federation.RdnAttribute)!)));
            found.AddRange((await context.AllAsync(Federation.Search(filter))).Where(e => LdapDn.Parse(e.Dn) is { } dn && dns.Contains(dn)));
        }

        return found;
    }

    /// <summary>The entry of this name if the person is in it.</summary>
    protected ValueTask<LdapEntry?> HeldAsync(FederationContext context, string name, string member) =>
        context.FirstAsync(Search(LdapFilter.All(LdapFilter.Is(NameAttribute, name), LdapFilter.Is(MembershipAttribute, member)), members: true));
}
