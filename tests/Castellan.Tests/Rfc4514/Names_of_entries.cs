using Castellan.Protocol.Ldap;

namespace Castellan.Tests.Rfc4514;

/// <summary>Names of entries, whatever the values in them.</summary>
public sealed class Names_of_entries
{
    [Theory]
    [InlineData("lara")]
    [InlineData("a,dc=evil")]
    [InlineData("a+uid=b")]
    [InlineData(" leading and trailing ")]
    [InlineData("#hash")]
    [InlineData("quotes \" and \\ and ; and <>=")]
    [InlineData("line\nend")]
    [InlineData("zero\0")]
    [InlineData("ä😀")]
    public void A_value_stays_one_value(string value)
    {
        var parent = LdapDn.Parse("ou=people,dc=example")!;
        var child = parent.Child("uid", value);
        var read = LdapDn.Parse(child.Text)!;
        Assert.Equal(value, read.First("UID"));
        Assert.Equal(3, read.Parts.Count);
        Assert.Equal(child, read);
        Assert.True(read.IsBelow(parent));
    }

    [Theory]
    [InlineData("UID=Lara, OU=people,dc=example", true)]
    [InlineData("uid=lara,ou=people;dc=example", true)]
    [InlineData("uid=\\6cara,ou=people,dc=example", true)]
    [InlineData("uid=lara,dc=example", false)]
    [InlineData("uid=lara\\,ou=people,dc=example", false)]
    public void Are_the_same_however_they_are_written(string text, bool same) => Assert.Equal(same, LdapDn.Parse("uid=lara,ou=people,dc=example")!.Equals(LdapDn.Parse(text)));

    [Theory]
    [InlineData("nonsense")]
    [InlineData("uid=x,")]
    [InlineData("=x")]
    [InlineData("uid=a\\")]
    public void What_is_none_is_not_read(string text) => Assert.Null(LdapDn.Parse(text));

    [Theory]
    [InlineData("ou=people,dc=example", "ou=people,dc=example", false)]
    [InlineData("uid=a,ou=people,dc=example", "OU=People,dc=example", true)]
    [InlineData("uid=a,ou=xpeople,dc=example", "ou=people,dc=example", false)]
    [InlineData("uid=a,ou=people,dc=example", "", true)]
    public void Stand_below_others_by_whole_parts(string child, string parent, bool below) => Assert.Equal(below, LdapDn.Parse(child)!.IsBelow(LdapDn.Parse(parent)!));
}
