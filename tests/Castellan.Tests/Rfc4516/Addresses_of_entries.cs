using Castellan.Protocol.Ldap;

namespace Castellan.Tests.Rfc4516;

public sealed class Addresses_of_entries
{
    [Theory]
    [InlineData("ldap://ldap.example.org/ou=people,dc=example,dc=org", "ldap://ldap.example.org:389", "ou=people,dc=example,dc=org", null)]
    [InlineData("ldaps://ldap.example.org:3636/ou=a%20b?cn,sn?one?(cn=x)", "ldaps://ldap.example.org:3636", "ou=a b", LdapScope.OneLevel)]
    [InlineData("ldaps://ldap.example.org??base", "ldaps://ldap.example.org:636", null, LdapScope.Base)]
    [InlineData("ldap://[::1]:1389/??sub", "ldap://[::1]:1389", null, LdapScope.Subtree)]
    public void Say_where_and_what(string text, string address, string? dn, LdapScope? scope)
    {
        var url = LdapUrl.Parse(text)!;
        Assert.Equal((address, dn, scope), (url.Address, url.BaseDn, url.Scope));
    }

    [Theory]
    [InlineData("https://ldap.example.org/")]
    [InlineData("ldap:///dc=example")]
    [InlineData("ldap://$(sys:HOST):$(sys:PORT)")]
    [InlineData("")]
    public void May_be_none(string text) => Assert.Null(LdapUrl.Parse(text));

    [Theory]
    [InlineData("member;range=0-1499", "member", 1500)]
    [InlineData("member;Range=1500-*", "member", null)]
    public void Attributes_may_come_in_parts(string name, string attribute, int? next)
    {
        var range = LdapRange.Of(name, [])!;
        Assert.Equal((attribute, next), (range.Attribute, range.Next));
    }

    [Theory]
    [InlineData("member")]
    [InlineData("member;binary")]
    [InlineData("member;range=x")]
    [InlineData("member;range=0-x")]
    [InlineData("member;range=0-2147483647")]
    [InlineData(";range=0-1")]
    public void Most_attributes_come_as_a_whole(string name) => Assert.Null(LdapRange.Of(name, []));
}
