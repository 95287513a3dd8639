using Castellan.Core.Users.Profile;
using static Castellan.Tests.Users.ProfileRealm;

namespace Castellan.Tests.Users;

/// <summary>Validators of the user profile, and what a configuration of it may say.</summary>
public class What_profiles_validate
{
    [Theory]
    [InlineData("""{"length":{"min":3,"max":5}}""", "ab", "x error-invalid-length [3,5]")]
    [InlineData("""{"length":{"min":3,"max":5}}""", "abcdef", "x error-invalid-length [3,5]")]
    [InlineData("""{"length":{"min":3,"max":5}}""", " abc   ", null)]
    [InlineData("""{"length":{"min":3,"max":5,"trim-disabled":true}}""", "a     ", "x error-invalid-length [3,5]")]
    [InlineData("""{"length":{"max":2}}""", "abc", "x error-invalid-length-too-long [null,2]")]
    [InlineData("""{"length":{"min":"2"}}""", "a", "x error-invalid-length-too-short [2,null]")]
    [InlineData("""{"pattern":{"pattern":"^\\d+$"}}""", "1 2", "x error-pattern-no-match [^\\d+$]")]
    [InlineData("""{"pattern":{"pattern":"\\d","error-message":"wrong"}}""", "12", "x wrong [\\d]")]
    [InlineData("""{"email":{}}""", "a@", "x error-invalid-email [a@]")]
    [InlineData("""{"email":{}}""", "a.@b.c", "x error-invalid-email [a.@b.c]")]
    [InlineData("""{"email":{}}""", "a@-b.c", "x error-invalid-email [a@-b.c]")]
    [InlineData("""{"email":{}}""", "a.b+c@d.example.org", null)]
    [InlineData("""{"integer":{"min":18,"max":"99"}}""", "17", "x error-number-out-of-range [18,99]")]
    [InlineData("""{"integer":{"min":18,"max":"99"}}""", "18.5", "x error-invalid-number []")]
    [InlineData("""{"integer":{"max":9}}""", "10", "x error-number-out-of-range-too-big [null,9]")]
    [InlineData("""{"double":{"min":0.5,"max":2.5}}""", "0.4", "x error-number-out-of-range [0.5,2.5]")]
    [InlineData("""{"double":{"min":0.5,"max":2.5}}""", "1.75", null)]
    [InlineData("""{"options":{"options":["S","M"]}}""", "s", "x error-invalid-value []")]
    [InlineData("""{"uri":{}}""", "nonsense", "x error-invalid-uri [nonsense,URI is not absolute]")]
    [InlineData("""{"uri":{}}""", "ftp://host", "x error-invalid-uri-scheme [ftp://host,ftp]")]
    [InlineData("""{"uri":{}}""", "javascript:alert(1)", "x error-invalid-uri-scheme [javascript:alert(1),javascript]")]
    [InlineData("""{"uri":{}}""", "https://example.org/x?y=1#z", null)]
    [InlineData("""{"uri":{"allowFragment":false}}""", "ftp://host#z", "x error-invalid-uri-scheme [ftp://host#z,ftp]; x error-invalid-uri-fragment [ftp://host#z,z]")]
    [InlineData("""{"uri":{"allowedSchemes":["app"]}}""", "app://host", "x error-invalid-uri [app://host,unknown protocol: app]")]
    [InlineData("""{"uri":{"allowedSchemes":["app"],"requireValidUrl":false}}""", "app://host", null)]
    [InlineData("""{"username-prohibited-characters":{},"up-username-not-idn-homograph":{}}""", "\u0430 b", "x error-username-invalid-character []; x error-username-invalid-character []")]
    [InlineData("""{"length":{"max":1}}""", "\u00A0a", "x error-invalid-length-too-long [null,1]")]
    [InlineData("""{"person-name-prohibited-characters":{}}""", "a<b>", "x error-person-name-invalid-character []")]
    [InlineData("""{"person-name-prohibited-characters":{}}""", "Jean-Luc O'Hara, jr.", null)]
    [InlineData("""{"username-prohibited-characters":{}}""", "a b", "x error-username-invalid-character []")]
    [InlineData("""{"username-prohibited-characters":{}}""", "a.b_c@d", null)]
    [InlineData("""{"up-username-not-idn-homograph":{}}""", "\u0430lice", "x error-username-invalid-character []")]
    [InlineData("""{"up-username-not-idn-homograph":{}}""", "Zo\u00EB-9", null)]
    [InlineData("""{"iso-date":{}}""", "2024-02-30", "x error-invalid-date [2024-02-30]")]
    [InlineData("""{"iso-date":{}}""", "2024-12-31", null)]
    [InlineData("""{"local-date":{}}""", "2024-12-31", "x error-invalid-date []")]
    [InlineData("""{"local-date":{}}""", "12/31/24", null)]
    [InlineData("""{"length":{"min":3}}""", "", null)]
    [InlineData("""{"integer":{}}""", " ", null)]
    public async Task A_validator_refuses_and_accepts(string validations, string value, string? error)
    {
        await using var realm = await OpenAsync(Rule("x", validations));
        var outcome = await ApplyAsync(realm, ProfileContext.Admin, null, ("x", [value]));
        Assert.Equal(error ?? "", string.Join("; ", outcome.Errors.Select(Show)));
    }

    [Theory]
    [InlineData("""{"length":{"max":3}}""", "x error-invalid-length-too-long [null,3]")]
    [InlineData("""{"email":{}}""", "x error-invalid-email [first]; x error-invalid-email [second]")]
    public async Task Of_several_values_the_same_is_said_once(string validations, string errors)
    {
        await using var realm = await OpenAsync(Rule("x", validations, ""","multivalued":true"""));
        Assert.Equal(errors, string.Join("; ", (await ApplyAsync(realm, ProfileContext.Admin, null, ("x", ["first", "second"]))).Errors.Select(Show)));
    }

    [Fact]
    public async Task The_number_of_values_is_checked()
    {
        await using var realm = await OpenAsync($"""{Rule("tags", """{"multivalued":{"min":2,"max":3}}""", ""","multivalued":true""")},{Rule("one", "{}")}""");
        Assert.Equal(["tags error-invalid-multivalued-size [2,3]"], (await ApplyAsync(realm, ProfileContext.Admin, null)).Errors.Select(Show));
        Assert.Equal(["tags error-invalid-multivalued-size [2,3]", "one error-invalid-multivalued-size [0,1]"],
            (await ApplyAsync(realm, ProfileContext.Admin, null, ("tags", ["a", "b", "c", "d"]), ("one", ["a", "b"]))).Errors.Select(Show).OrderDescending());
        Assert.True((await ApplyAsync(realm, ProfileContext.Admin, null, ("tags", ["a", "b"]))).Ok);
    }

    [Fact]
    public async Task Of_what_is_required_there_must_be_one_value()
    {
        await using var realm = await OpenAsync(Rule("one", "{}", ""","required":{}"""));
        Assert.Equal(["one error-invalid-multivalued-size [1,1]"], (await ApplyAsync(realm, ProfileContext.Admin, null, ("one", ["a", "b"]))).Errors.Select(Show));
        Assert.Equal(["one error-user-attribute-required []"], (await ApplyAsync(realm, ProfileContext.Admin, null)).Errors.Select(Show));
    }

    [Theory]
    [InlineData("{}", "", "x error-invalid-length [0,2048]")]
    [InlineData("""{"length":{"max":3000}}""", "", null)]
    [InlineData(null, ""","unmanagedAttributePolicy":"ENABLED" """, "x error-invalid-length [0,2048]")]
    public async Task Values_have_a_length_also_where_none_is_configured(string? validations, string more, string? error)
    {
        await using var realm = await OpenAsync(validations is null ? "" : Rule("x", validations), more);
        Assert.Equal(error is null ? [] : [error], (await ApplyAsync(realm, ProfileContext.Admin, null, ("x", [new string('y', 2049)]))).Errors.Select(Show));
    }

    [Theory]
    [InlineData("""{"displayName":"x"}""", "[Attribute configuration without 'name' is not allowed]")]
    [InlineData("""{"name":"city"},{"name":"city"}""", "[Attribute configuration already exists with 'name':'city']")]
    [InlineData("""{"name":"city","validations":{"moon":{}}}""", "[Validator 'moon' defined for attribute 'city' doesn't exist]")]
    [InlineData("""{"name":"city","validations":{"length":{"min":"many"}}}""", "[Validator 'length' defined for attribute 'city' has incorrect configuration: ValidationError{validatorId='length', inputHint='min', message='error-validator-config-invalid-number-value', messageParameters=[many]}, ]")]
    [InlineData("""{"name":"city","validations":{"pattern":{"pattern":"["}}}""", "[Validator 'pattern' defined for attribute 'city' has incorrect configuration: ValidationError{validatorId='pattern', inputHint='pattern', message='error-validator-config-invalid-value', messageParameters=[[, Unclosed character class near index 0\n[\n^]}, ]")]
    [InlineData("""{"name":"city","group":"none"}""", "[Attribute 'city' references unknown group 'none']")]
    [InlineData("""{"name":"city","permissions":{"view":["everybody"],"edit":["admin"]}}""", "['permissions.view' configuration for attribute 'city' contains unsupported role 'everybody']")]
    [InlineData("""{"name":"city","required":{"scopes":["no-such-scope"]}}""", "['required.scopes' configuration for attribute 'city' contains unsupported scope 'no-such-scope']")]
    [InlineData("""{"name":"city","validations":{"integer":{"min":2,"max":2}}}""", "[Validator 'integer' defined for attribute 'city' has incorrect configuration: ValidationError{validatorId='integer', inputHint='max', message='error-validator-config-invalid-value', messageParameters=[]}, ]")]
    [InlineData("""{"name":"city","validations":{"length":{"max":2,"trim-disabled":"maybe"}}}""", "[Validator 'length' defined for attribute 'city' has incorrect configuration: ValidationError{validatorId='length', inputHint='trim-disabled', message='error-validator-config-invalid-boolean-value', messageParameters=[maybe]}, ]")]
    [InlineData("""{"name":"city","validations":{"multivalued":{"max":"x"}}}""", "[Validator 'multivalued' defined for attribute 'city' has incorrect configuration: ValidationError{validatorId='multivalued', inputHint='max', message='error-validator-config-invalid-number-value', messageParameters=[]}, ]")]
    [InlineData("""{"name":"city","validations":{"options":{"options":"a"}}}""", "[Validator 'options' defined for attribute 'city' has incorrect configuration: ValidationError{validatorId='options', inputHint='options', message='error-validator-config-invalid-value', messageParameters=[must be list of values]}, ]")]
    [InlineData("""{"name":"city","validations":{"email":{"max-local-length":0}}}""", "[Validator 'email' defined for attribute 'city' has incorrect configuration: ValidationError{validatorId='email', inputHint='max-local-length', message='error-validator-config-invalid-number-value', messageParameters=[0]}, ]")]
    [InlineData("""{"name":"city","validations":{"":{}}}""", "[Validation without validator id is defined for attribute 'city']")]
    [InlineData("""{"name":"city","group":""}""", "[Attribute 'city' references unknown group '']")]
    [InlineData("""{"name":"city","annotations":{"inputOptions":"a"}}""", "[Annotation 'inputOptions' configured for attribute 'city' must be an array of values!']")]
    [InlineData("""{"name":"city","annotations":{"inputOptionLabels":[]}}""", "[Annotation 'inputOptionLabels' configured for attribute 'city' must be an object!']")]
    [InlineData("""{"name":"city","defaultValue":"Ulm","validations":{"length":{"max":2},"pattern":{"pattern":"a"}}}""", "[Default value for attribute 'city' is invalid, Default value for attribute 'city' is invalid]")]
    [InlineData("""{"name":"firstName2"},{"name":"locale","defaultValue":"de","validations":{"length":{"max":2}}}""", null)]
    [InlineData("""{"name":"city","defaultValue":"Ulm"}""", null)]
    [InlineData("""{"name":"a b/c"}""", "[Invalid attribute name (only letters, numbers and '.' '_' '-' special characters allowed): a b/c']")]
    public async Task A_configuration_that_is_none_is_named(string attributes, string? problem)
    {
        await using var realm = await PeopleRealm.OpenAsync();
        Assert.Equal(problem, ProfileConfiguration.Problem(realm.Realm, ProfileConfiguration.Parse($$"""{"attributes":[{{Members}},{{attributes}}]}""")!));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("false", "email error-non-ascii-local-part-email []")]
    [InlineData("true", null)]
    public async Task Addresses_are_such_as_the_mail_server_takes(string? allowUtf8, string? error)
    {
        await using var realm = await OpenAsync(settings: r => r.SmtpServer = allowUtf8 is null ? null : new() { ["host"] = "mail.example.org", ["allowutf8"] = allowUtf8 });
        Assert.Equal(error is null ? [] : [error], (await ApplyAsync(realm, ProfileContext.Admin, null, ("email", ["zo\u00EB@example.org"]))).Errors.Select(Show));
    }

    /// <summary>An empty field is not a missing one: only the former is told of twice.</summary>
    [Theory]
    [InlineData(true, new[] { "missingEmailMessage", "error-user-attribute-required" })]
    [InlineData(false, new[] { "error-user-attribute-required" })]
    public async Task An_empty_address_is_told_of(bool given, string[] errors)
    {
        await using var realm = await OpenAsync();
        var user = await realm.AddUserAsync("alice");
        Assert.Equal(errors, (await ApplyAsync(realm, ProfileContext.Account, user, ("email", given ? [""] : []))).Errors.Select(e => e.Message));
    }

    [Fact]
    public async Task Name_and_address_cannot_be_taken_out_of_the_profile()
    {
        await using var realm = await PeopleRealm.OpenAsync();
        Assert.Equal("[Default value not supported for attribute 'email']", ProfileConfiguration.Problem(realm.Realm, ProfileConfiguration.Parse("""
            {"attributes":[{"name":"username"},{"name":"email","defaultValue":"a@b.c","validations":{"email":{} } }]}
            """)!));
        Assert.Equal("[The attribute 'username' can not be removed, The attribute 'email' can not be removed]", ProfileConfiguration.Problem(realm.Realm, new() { Attributes = [] }));
        Assert.Equal(
            "[Attribute configuration without 'name' is not allowed, The attribute 'username' can not be removed, The attribute 'email' can not be removed, Name is mandatory for groups, found 2 group(s) without name.]",
            ProfileConfiguration.Problem(realm.Realm, ProfileConfiguration.Parse("""{"attributes":[{}],"groups":[{},{}]}""")!));
    }
}
