using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Tests.Federation;

/// <summary>A federation has mappers from the beginning, and they follow its settings.</summary>
public sealed class Mappers_that_come_with_a_federation
{
    [Theory]
    [InlineData("other", "true", "true", true)]
    [InlineData("other", "true", "false", false)]
    [InlineData("other", "false", "true", false)]
    [InlineData("ad", "true", "true", false)]
    public void Give_new_entries_a_password_where_one_is_needed(string vendor, string registers, string extended, bool has) =>
        Assert.Equal(has, LdapProvider.Mappers(Federation(("vendor", vendor), ("syncRegistrations", registers), ("usePasswordModifyExtendedOp", extended))).Any(m => m.Name == "random initial password"));

    [Theory]
    [InlineData("other", "uid", "uid", "WRITABLE", "first name: cn, last name: sn, username: uid")]
    [InlineData("other", "uid", "cn", "READ_ONLY", "full name: cn, last name: sn, username: uid")]
    [InlineData("other", "uid", "cn", "WRITABLE", "first name: givenName, last name: sn, username-cn: cn, username: uid")]
    [InlineData("rhds", "cn", "CN", "UNSYNCED", "first name: givenName, last name: sn, username: cn")]
    [InlineData("ad", null, null, "READ_ONLY", "first name: givenName, last name: sn, username: cn")]
    [InlineData("ad", "sAMAccountName", null, "UNSYNCED", "full name: cn, last name: sn, username: sAMAccountName")]
    [InlineData("ad", "sAMAccountName", "sAMAccountName", "READ_ONLY", "first name: cn, last name: sn, username: sAMAccountName")]
    public void Map_names_by_what_names_the_entries(string vendor, string? username, string? rdn, string mode, string expected)
    {
        var settings = new (string, string?)[] { ("vendor", vendor), ("editMode", mode), ("usernameLDAPAttribute", username), ("rdnLDAPAttribute", rdn) };
        var mappers = LdapProvider.Mappers(Federation([.. settings.Where(s => s.Item2 is not null).Select(s => (s.Item1, s.Item2!))])).Where(m => m.Name!.Contains("name", StringComparison.Ordinal));
        Assert.Equal(expected, string.Join(", ", mappers.Select(m => $"{m.Name}: {(m.Config!.GetValueOrDefault("ldap.attribute") ?? m.Config!["ldap.full.name.attribute"])[0]}").Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("READ_ONLY", "true")]
    [InlineData("WRITABLE", "true")]
    [InlineData("UNSYNCED", "false")]
    public void Read_who_is_locked_out_as_other_things(string mode, string always) => Assert.Equal(
        always, LdapProvider.Mappers(Federation(("vendor", "ad"), ("editMode", mode))).Single(m => m.ProviderId == LdapProvider.AccountControls).Config!["always.read.enabled.value.from.ldap"][0]);

    [Theory]
    [InlineData("rhds", "krbPrincipalName")]
    [InlineData("ad", "userPrincipalName")]
    [InlineData("other", "krb5PrincipalName")]
    public void Know_where_the_makes_of_directories_have_principals(string vendor, string attribute)
    {
        var federation = Federation(("vendor", vendor));
        LdapProvider.Complete(federation);
        Assert.Equal(attribute, federation.Config!["krbPrincipalAttribute"][0]);
    }

    [Theory]
    [InlineData("startTls=true connectionPooling=true", "Can not enable both StartTLS and connection pooling.")]
    [InlineData("validatePasswordPolicy=true importEnabled=false editMode=UNSYNCED", "Validate Password Policy is applicable only with WRITABLE edit mode")]
    [InlineData("startTls=TRUE connectionPooling=True editMode=READ_ONLY validatePasswordPolicy=true", "Can not enable both StartTLS and connection pooling.")]
    [InlineData("connectionTimeout=99999999999 editMode=READ_ONLY", null)]
    public void Of_several_mistakes_the_same_one_is_told_first(string settings, string? refusal) =>
        Assert.Equal(refusal, LdapProvider.Refuse(Federation([.. settings.Split(' ').Select(s => (s[..s.IndexOf('=')], s[(s.IndexOf('=') + 1)..]))])));

    [Theory]
    [InlineData("sAMAccountName", "sAMAccountName")]
    [InlineData("uid", null)]
    public void Read_names_where_they_are_said_to_be(string attribute, string? followed)
    {
        var before = Federation(("usernameLDAPAttribute", "uid"));
        var mapper = LdapProvider.RenamedBy(before, Federation(("usernameLDAPAttribute", attribute)), [.. LdapProvider.Mappers(before)]);
        Assert.Equal(followed, mapper?.Config!["ldap.attribute"][0]);
    }

    private static ComponentRepresentation Federation(params (string Name, string Value)[] settings) =>
        new() { Id = "f", ProviderId = LdapProvider.Id, Config = settings.ToDictionary(s => s.Name, s => new List<string> { s.Value }, StringComparer.Ordinal) };
}
