using Castellan.Core.Representations;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>One attribute of the entry for first and last name: the last word is the last name.</summary>
public sealed class FullNameMapper(ComponentRepresentation component, LdapFederation federation) : LdapMapper(component, federation)
{
    public override IEnumerable<string> Attributes => ["firstName", "lastName"];

    public override IEnumerable<string> Reads => [Attribute];

    private string Attribute => Text("ldap.full.name.attribute") ?? "cn";

    private bool Writes => Federation.Mode == EditMode.Writable && !IsTrue("read.only");

    public override LdapFilter? Condition(string name, Func<string, LdapFilter> on) => !IsTrue("write.only") && name is "firstName" or "lastName" ? on(Attribute) : null;

    public override void Import(LdapEntry entry, UserRepresentation user)
    {
        if (IsTrue("write.only") || entry.Text(Attribute)?.Trim() is not { Length: > 0 } name)
        {
            return;
        }

        var blank = name.LastIndexOf(' ');
        user.LastName = name[(blank + 1)..];
        user.FirstName = blank < 0 ? user.FirstName : name[..blank].TrimEnd();
    }

    public override void Write(UserRepresentation? before, UserRepresentation after, EntryDraft draft)
    {
        if (before is null || (Writes && (before.FirstName, before.LastName) != (after.FirstName, after.LastName)))
        {
            var name = before is null && IsTrue("read.only") ? "" : string.Join(' ', new[] { after.FirstName, after.LastName }.Where(n => !string.IsNullOrWhiteSpace(n)));
            // What names the entry cannot be blank.
            var isName = string.Equals(Attribute, Federation.RdnAttribute, StringComparison.OrdinalIgnoreCase);
            draft.Set(Attribute, name.Length > 0 ? name : isName && !IsTrue("read.only") ? after.Username! : EntryDraft.Blank);
        }
    }
}
