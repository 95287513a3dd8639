using System.Formats.Asn1;
using Castellan.Protocol.Ldap;

namespace Castellan.Tests.Rfc4515;

/// <summary>Filters as operators write them, and values that would like to be filters.</summary>
public sealed class Filters
{
    [Theory]
    [InlineData("(uid=lara)", "A30B0403756964" + "04046C617261")]
    [InlineData("(uid=*)", "8703756964")]
    [InlineData("(uid=l*r*a)", "A4100403756964" + "3009" + "80016C" + "810172" + "820161")]
    [InlineData("(uid>=5)", "A5080403756964040135")]
    [InlineData("(uid<=5)", "A6080403756964040135")]
    [InlineData("(uid~=5)", "A8080403756964040135")]
    [InlineData(@"(uid=\2a)", "A308040375696404012A")]
    [InlineData(@"(uid=\c3\a4)", "A3090403756964" + "0402C3A4")]
    [InlineData("(uid=ä)", "A3090403756964" + "0402C3A4")]
    [InlineData("(!(uid=5))", "A20A" + "A3080403756964040135")]
    [InlineData("(&(uid=5)(uid=5))", "A014" + "A3080403756964040135" + "A3080403756964040135")]
    [InlineData("(| (uid=5) (uid=5) )", "A114" + "A3080403756964040135" + "A3080403756964040135")]
    [InlineData("(uid:1.2:=5)", "A90D" + "8103312E32" + "8203756964" + "830135")]
    [InlineData("(uid:dn:=5)", "A90B" + "8203756964" + "830135" + "8401FF")]
    public void Are_read(string text, string octets) => Assert.Equal(octets, Written(LdapFilter.Parse(text)!));

    [Theory]
    [InlineData("")]
    [InlineData("uid=lara")]
    [InlineData("(uid=lara")]
    [InlineData("(uid=lara))")]
    [InlineData("(uid=lara)(uid=milo)")]
    [InlineData("(=lara)")]
    [InlineData("(uid)")]
    [InlineData("()")]
    [InlineData("(&(uid=lara)")]
    [InlineData("(!uid=lara)")]
    [InlineData(@"(uid=\2)")]
    [InlineData(@"(uid=\zz)")]
    [InlineData("(u id=lara)")]
    [InlineData("(:=x)")]
    public void What_is_none_is_not_read(string text) => Assert.Null(LdapFilter.Parse(text));

    [Fact]
    public void Nor_is_what_is_too_deep() => Assert.Null(LdapFilter.Parse(string.Concat(Enumerable.Repeat("(!", 100)) + "(uid=x)" + new string(')', 100)));

    [Theory]
    [InlineData("*")]
    [InlineData("lara)(uid=*")]
    [InlineData("*)(objectClass=*")]
    [InlineData(@"\2a")]
    [InlineData("(|(uid=*))")]
    [InlineData("\0")]
    [InlineData("ä")]
    public void A_value_is_compared_as_it_is(string value)
    {
        var reader = new AsnReader(Convert.FromHexString(Written(LdapFilter.Is("uid", value))), AsnEncodingRules.BER).ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 3));
        Assert.Equal("uid", System.Text.Encoding.UTF8.GetString(reader.ReadOctetString()));
        Assert.Equal(value, System.Text.Encoding.UTF8.GetString(reader.ReadOctetString()));
        Assert.False(reader.HasData);
    }

    [Theory]
    [InlineData("l*", "A40A0403756964" + "3003" + "80016C")]
    [InlineData("*", "8703756964")]
    [InlineData("*)(cn=*", "A40E0403756964" + "3007" + "81052928636E3D")]
    public void A_pattern_has_stars_and_nothing_else(string pattern, string octets) => Assert.Equal(octets, Written(LdapFilter.Like("uid", pattern)));

    [Fact]
    public void A_part_of_a_value_has_not_even_stars() => Assert.Equal("A40A0403756964" + "3003" + "81012A", Written(LdapFilter.Contains("uid", "*")));

    private static string Written(LdapFilter filter)
    {
        var search = LdapRequests.Search(1, new LdapSearch("", LdapScope.Base, filter, []));
        var reader = new AsnReader(search, AsnEncodingRules.BER).ReadSequence();
        reader.ReadInteger();
        var body = reader.ReadSequence(new Asn1Tag(TagClass.Application, 3));
        body.ReadOctetString();
        body.ReadEncodedValue();
        body.ReadEncodedValue();
        body.ReadInteger();
        body.ReadInteger();
        body.ReadBoolean();
        return Convert.ToHexString(body.ReadEncodedValue().Span);
    }
}
