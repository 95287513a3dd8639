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
