using Castellan.Core.Brokering;
using Castellan.Core.Brokering.Mappers;
using Castellan.Core.Brokering.Saml;

namespace Castellan.Tests.Brokering;

/// <summary>What mappers find in the attributes of an assertion.</summary>
public sealed class Mappers_of_assertions
{
    private static readonly SaidAttribute[] s_said =
    [
        new("urn:mail", "mail", ["una@example.org"]),
        new("groups", null, ["a", "b"]),
        new("groups", "other", ["c"]),
        new("person", null, ["""<p:Person xmlns:p="http://p.example/"><p:Name>Una</p:Name><p:Name>Two</p:Name></p:Person>"""]),
        new("empty", null, [""]),
    ];

    [Theory]
    [InlineData("urn:mail", null, "una@example.org")]
    [InlineData(null, "mail", "una@example.org")]
    [InlineData("mail", null, "una@example.org")]
    [InlineData("nothing", "mail", null)]
    [InlineData("groups", null, "a b c")]
    [InlineData(null, null, null)]
    public void An_attribute_is_found_by_the_one_name_that_its_mapper_says(string? name, string? friendly, string? expected) =>
        Assert.Equal(expected, SaidReader.Find(Mapping(("attribute.name", name), ("attribute.friendly.name", friendly))) is { } values ? string.Join(' ', values) : null);

    [Theory]
    [InlineData("groups", null, "b", true)]
    [InlineData("groups", "other", "b", false)]
    [InlineData("groups", "other", "c", true)]
    [InlineData(null, null, "b", true)]
    [InlineData("empty", null, "", true)]
    [InlineData("mail", null, "una@example.org", false)]
    public void A_role_is_for_those_with_an_attribute_of_both_names(string? name, string? friendly, string value, bool expected) =>
        Assert.Equal(expected, SaidReader.Has(Mapping(("attribute.name", name), ("attribute.friendly.name", friendly)), value));

    [Theory]
    [InlineData(null, true)]
    [InlineData("""[{"key":"groups","value":"a"},{"key":"groups","value":"c"}]""", true)]
    [InlineData("""[{"key":"groups","value":"a"},{"key":"groups","value":"d"}]""", false)]
    [InlineData("nonsense", false)]
    public void All_of_several_attributes_must_fit(string? list, bool expected) => Assert.Equal(expected, SaidReader.Fit(Mapping(("attributes", list))));

    [Theory]
    [InlineData("//p:Name", "person", "Una")]
    [InlineData("/*/p:Person/p:Name[2]", "person", "Two")]
    [InlineData("count(//p:Name)", "person", "2")]
    [InlineData("/root", "urn:mail", "una@example.org")]
    [InlineData("//p:Name", null, "Una")]
    [InlineData("//q:Name", "person", null)]
    [InlineData("//p:Name[", "person", null)]
    [InlineData("document('/etc/passwd')", "person", null)]
    [InlineData("//p:Nothing", "person", null)]
    public void A_value_that_is_XML_is_looked_into(string expression, string? name, string? expected) =>
        Assert.Equal(expected, SaidXml.Find(Mapping(("attribute.xpath", expression), ("attribute.name", name))) is { } values ? string.Join(' ', values) : null);

    [Theory]
    [InlineData("email", "una@example.org")]
    [InlineData("EMAIL", "una@example.org")]
    public void The_address_is_meant_in_whatever_case_it_is_written(string target, string expected)
    {
        var mapping = Mapping(("attribute.name", "mail"), ("user.attribute", target));
        UserAttributeMapper.OfAssertions().Prepare(mapping);
        Assert.Equal(expected, mapping.Identity.Email);
    }

    private static IdentityMapping Mapping(params (string Name, string? Value)[] settings) => new(
        null!, new IdentityProvider(new() { Alias = "up", ProviderId = "saml" }, []), new() { Config = settings.ToDictionary(s => s.Name, s => s.Value) },
        new BrokeredIdentity { Provider = "up", Id = "1", Username = "una", Said = [.. s_said] });
}
