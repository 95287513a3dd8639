using Castellan.Core.Representations;
using Castellan.Core.Users.Profile;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>An attribute of the entry that is a member or an attribute of the user.</summary>
public sealed class UserAttributeMapper(ComponentRepresentation component, LdapFederation federation) : LdapMapper(component, federation)
{
    /// <summary>The member or attribute of the user.</summary>
    public string Model => Text("user.model.attribute") ?? "";

    /// <summary>The attribute of the entry.</summary>
    public string Attribute => Text("ldap.attribute") ?? Model;

    public override IEnumerable<string> Attributes => [Model];

    public override IEnumerable<string> Reads => [Attribute];

    public override IEnumerable<string> Mandatory => IsTrue("is.mandatory.in.ldap") ? [Attribute] : [];

    private bool IsBinary => IsTrue("is.binary.attribute");

    /// <summary>Whether binary values are shown as ids, which some directories keep as octets.</summary>
    private bool IsId => Text("binary.attribute.decoder") switch
    {
        "uuid" => true,
        "base64" => false,
        _ => string.Equals(Attribute, Federation.IdAttribute, StringComparison.OrdinalIgnoreCase),
    };

    private bool Writes => Federation.Mode == EditMode.Writable && !IsTrue("read.only");

    public override LdapFilter? Condition(string name, Func<string, LdapFilter> on) => string.Equals(name, Model, StringComparison.OrdinalIgnoreCase) ? on(Attribute) : null;

    public override void Import(LdapEntry entry, UserRepresentation user)
    {
        // Binary values are shown from the directory; here they would be in the way.
        if (!IsBinary)
        {
            UserMembers.Set(user, Model, Values(entry));
        }
    }

    public override void Show(LdapEntry entry, UserRepresentation shown)
    {
        var follows = Writes && Model is UserProfile.Username or UserProfile.Email;
        if (follows || (IsTrue("always.read.value.from.ldap") && !IsName))
        {
            UserMembers.Set(shown, Model, Values(entry));
        }
    }

    public override void Write(UserRepresentation? before, UserRepresentation after, EntryDraft draft)
    {
        // What is only read is given to no new entry either, but for the name that makes it one.
        var values = before is null && IsTrue("read.only") && !IsName ? [] : UserMembers.Get(after, Model);
        if (before is null ? values.Count == 0 && Substitute is null : !Writes || values.SequenceEqual(UserMembers.Get(before, Model)))
        {
            return;
        }

        if (values.Count == 0 && Substitute is { } substitute)
        {
            draft.Set(Attribute, substitute);
        }
        else if (IsBinary)
        {
            draft.Set(Attribute, values.ConvertAll(Octets));
        }
        else
        {
            draft.Set(Attribute, values);
        }
    }

    private bool IsName => string.Equals(Model, UserProfile.Username, StringComparison.OrdinalIgnoreCase);

    /// <summary>What a mandatory attribute has in the place of no value; null where nothing stands in.</summary>
    private string? Substitute => IsTrue("is.mandatory.in.ldap") ? Text("attribute.default.value") ?? (Text("attribute.force.default") is null || IsTrue("attribute.force.default") ? EntryDraft.Blank : null) : null;

    /// <summary>The values of an entry as a user has them; the blank that stands for none is none.</summary>
    private List<string> Values(LdapEntry entry) => IsBinary
        ? [.. entry.Values(Attribute).Select(v => (IsId ? LdapIds.Text(v) : null) ?? Convert.ToBase64String(v))]
        : [.. entry.Texts(Attribute).Select(v => v.Trim()).Distinct(StringComparer.Ordinal)];

    private byte[] Octets(string value)
    {
        if (IsId && Guid.TryParseExact(value, "D", out var id))
        {
            return id.ToByteArray();
        }

        var buffer = new byte[value.Length];
        return Convert.TryFromBase64String(value, buffer, out var length) ? buffer[..length] : System.Text.Encoding.UTF8.GetBytes(value);
    }
}
