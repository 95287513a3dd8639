using System.Text.Json;
using Castellan.Core.Brokering;
using Castellan.Core.Brokering.Mappers;

namespace Castellan.Tests.Brokering;

/// <summary>What claims are found, and what templates make of them.</summary>
public sealed class Mappers_and_modes
{
    private static BrokeredIdentity Identity(string json) => new() { Provider = "up", Id = "1", Username = "una", Claims = [JsonDocument.Parse(json).RootElement] };

    [Theory]
    [InlineData("""{"a":"x"}""", "a", "x")]
    [InlineData("""{"a":{"b":"x"}}""", "a.b", "x")]
    [InlineData("""{"a.b":"x"}""", """a\.b""", "x")]
    [InlineData("""{"a":["x","y"]}""", "a", "x y")]
    [InlineData("""{"a":true}""", "a", "true")]
    [InlineData("""{"a":7}""", "a", "7")]
    [InlineData("""{"a":null}""", "a", null)]
    [InlineData("""{"a":"x"}""", "a.b", null)]
    [InlineData("""{"a":[]}""", "a", "")]
    [InlineData("""{"a":["x","y"]}""", "a[1]", "y")]
    [InlineData("""{"a":[{"b":"x"}]}""", "a[0].b", "x")]
    [InlineData("""{"a":["x"]}""", "a[1]", null)]
    [InlineData("""{"a[1]":"x"}""", "a[1]", "x")]
    [InlineData("""{"a":["x\u0000","y"]}""", "a", "y")]
    [InlineData("""{}""", "a", null)]
    public void A_claim_is_found_by_its_path(string claims, string name, string? expected) =>
        Assert.Equal(expected, ClaimReader.Find(Identity(claims), name) is { } values ? string.Join(' ', values) : null);

    [Theory]
    [InlineData("""[{"key":"a","value":"x"}]""", false, true)]
    [InlineData("""[{"key":"a","value":"X"}]""", false, false)]
    [InlineData("""[{"key":"a","value":"x"},{"key":"b","value":"y"}]""", false, true)]
    [InlineData("""[{"key":"a","value":"x"},{"key":"c","value":"y"}]""", false, false)]
    [InlineData("""[{"key":"a","value":"[xy]"}]""", true, true)]
    [InlineData("""[{"key":"a","value":"[xy"}]""", true, false)]
    [InlineData("""[{"key":"b","value":"(y+)+z"}]""", true, false)]
    [InlineData("nonsense", false, false)]
    [InlineData("[]", false, true)]
    [InlineData(null, false, true)]
    public void All_of_several_claims_must_fit(string? list, bool patterns, bool expected) =>
        Assert.Equal(expected, ClaimReader.Fit(Identity("""{"a":"x","b":["w","y"]}"""), list, patterns));

    [Theory]
    [InlineData("admin", "admin", true)]
    [InlineData("admin\n", "admin", false)]
    [InlineData("admins", "admin", false)]
    [InlineData("b", "a|b", true)]
    [InlineData("xb", "a|b", false)]
    public void A_pattern_fits_the_whole_of_a_text(string value, string pattern, bool expected) => Assert.Equal(expected, ClaimReader.Matches(value, pattern));

    [Theory]
    [InlineData("INHERIT", "IMPORT", SyncMode.Import)]
    [InlineData("INHERIT", "FORCE", SyncMode.Force)]
    [InlineData("LEGACY", "FORCE", SyncMode.Legacy)]
    [InlineData("INHERIT", null, SyncMode.Legacy)]
    [InlineData(null, "FORCE", SyncMode.Legacy)]
    public void A_mapper_that_inherits_has_its_providers_mode_and_one_without_a_mode_the_old_one(string? own, string? ofProvider, SyncMode expected) => Assert.Equal(expected, Mapping("""{}""", own, ofProvider).Mode);

    [Theory]
    [InlineData("${ALIAS}.${CLAIM.name}", "up.Una", true)]
    [InlineData("${CLAIM.name | uppercase}", "UNA", true)]
    [InlineData("${CLAIM.mail|localpart}!", "una!", true)]
    [InlineData("x-${CLAIM.none}-y", "x--y", false)]
    [InlineData("${CLAIM.odd|localpart}", "a@b", true)]
    [InlineData("${CLAIM.a name}", "b", true)]
    [InlineData("${nothing}", "nothing", true)]
    public void A_template_is_filled_in(string template, string name, bool complete)
    {
        var mapping = Mapping("""{"name":"Una","mail":"una@example.org","odd":"a@b@c","a name":"b"}""", null, null, ("template", template));
        UsernameMapper.OfClaims().Prepare(mapping);
        Assert.Equal((name, !complete), (mapping.Identity.LocalUsername, mapping.Identity.NameIsIncomplete));
    }

    /// <summary>Notes come with a new person, and with one who comes again where the mode has it so.</summary>
    [Fact]
    public void A_note_of_the_session_is_left_as_the_mode_says()
    {
        var mapping = Mapping("""{"a":"x","b":["x"]}""", null, null, ("claims", """[{"key":"a","value":"x"},{"key":"b","value":"x"}]"""));
        var mapper = new SessionNoteMapper();
        ((IIdentityMapper)mapper).Prepare(mapping);
        Assert.Empty(mapping.Identity.SessionNotes);
        mapper.Update(mapping, null!, SyncMode.Force);
        Assert.Equal(["a"], mapping.Identity.SessionNotes.Keys);
    }

    /// <summary>An id with a hole in it would be one for everybody: whoever came second would be the first.</summary>
    [Fact]
    public void A_template_that_cannot_be_filled_in_is_nobodys_id()
    {
        var mapping = Mapping("""{}""", null, null, ("template", "id-${CLAIM.none}"), ("target", "BROKER_ID"));
        UsernameMapper.OfClaims().Prepare(mapping);
        Assert.Equal("1", mapping.Identity.Id);
    }

    [Theory]
    [InlineData("false", "Una", "una@example.org")]
    [InlineData("true", null, null)]
    public void An_absent_claim_empties_a_name_or_the_address_where_the_mapper_says_so(string nullable, string? name, string? email)
    {
        foreach (var attribute in (string[])["firstName", "EMAIL"])
        {
            var mapping = Mapping("""{}""", null, null, ("claim", "none"), ("user.attribute", attribute), ("allow.nullable.property", nullable));
            (mapping.Identity.FirstName, mapping.Identity.Email) = ("Una", "una@example.org");
            UserAttributeMapper.OfClaims().Prepare(mapping);
            Assert.Equal(attribute == "EMAIL" ? email : name, attribute == "EMAIL" ? mapping.Identity.Email : mapping.Identity.FirstName);
        }
    }

    /// <summary>Nothing is done to the person: there is none to do it to.</summary>
    [Fact]
    public void A_fixed_role_is_for_new_people_in_the_old_mode() => new HardcodedRoleMapper().Update(Mapping("""{}""", null, null, ("role", "boss")), null!, SyncMode.Legacy);

    private static IdentityMapping Mapping(string claims, string? own, string? ofProvider, params (string Name, string Value)[] settings)
    {
        var config = settings.ToDictionary(s => s.Name, s => (string?)s.Value);
        config["syncMode"] = own;
        return new(null!, new IdentityProvider(new() { Alias = "up", ProviderId = "oidc", Config = new() { ["syncMode"] = ofProvider } }, []), new() { Config = config }, Identity(claims));
    }
}
