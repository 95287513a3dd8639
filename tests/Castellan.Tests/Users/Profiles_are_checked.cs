using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Tests.Users;

public class Profiles_are_checked
{
    private const string Members = """
        {"name":"username","validations":{"length":{"min":3,"max":255}},"permissions":{"view":["admin","user"],"edit":["admin","user"]}},
        {"name":"email","displayName":"${email}","validations":{"email":{}},"required":{"roles":["user"]},"permissions":{"view":["admin","user"],"edit":["admin","user"]}},
        {"name":"firstName","required":{"roles":["user"]},"permissions":{"view":["admin","user"],"edit":["admin","user"]}},
        {"name":"lastName","required":{"roles":["user"]},"permissions":{"view":["admin","user"],"edit":["admin","user"]}}
        """;

    private static async Task<PeopleRealm> OpenAsync(string attributes = "", string more = "", Action<RealmRepresentation>? settings = null)
    {
        var realm = await PeopleRealm.OpenAsync(settings);
        var separator = attributes.Length > 0 ? "," : "";
        var config = ProfileConfiguration.Parse($$"""{"attributes":[{{Members}}{{separator}}{{attributes}}],"groups":[]{{more}}}""");
        Assert.NotNull(config);
        Assert.Null(ProfileConfiguration.Problem(realm.Realm, config));
        await realm.ApplyAsync(ProfileConfiguration.Put(realm.Realm, config));
        return realm;
    }

    private static string Rule(string name, string validations, string more = "") =>
        $$"""{"name":"{{name}}","validations":{{validations}},"permissions":{"view":["admin","user"],"edit":["admin","user"]}{{more}}}""";

    private static Dictionary<string, List<string>> Values(User? user, params (string Name, string[] Values)[] given)
    {
        var values = new Dictionary<string, List<string>>
        {
            ["username"] = [user?.Username ?? "fresh"], ["email"] = [user?.Email ?? "fresh@example.org"], ["firstName"] = ["A"], ["lastName"] = ["B"],
        };
        foreach (var (name, list) in given)
        {
            values[name] = [.. list];
        }

        return values;
    }

    private static async Task<ProfileOutcome> ApplyAsync(PeopleRealm realm, ProfileContext context, User? user, params (string Name, string[] Values)[] given) =>
        await realm.Profiles.ApplyAsync(realm.Realm, new ProfileRequest(context, user, Values(user, given)));

    private static string Show(ProfileError error) => $"{error.Attribute} {error.Message} [{string.Join(",", error.Parameters.Select(p => p ?? "null"))}]";

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

    [Theory]
    [InlineData(ProfileContext.Registration), InlineData(ProfileContext.UpdateProfile), InlineData(ProfileContext.Account), InlineData(ProfileContext.IdentityProviderReview)]
    public async Task Whoever_need_not_have_an_address_may_leave_it_empty(ProfileContext context)
    {
        await using var realm = await PeopleRealm.OpenAsync();
        var user = context is ProfileContext.UpdateProfile or ProfileContext.Account ? await realm.AddUserAsync("alice") : null;
        foreach (var (required, errors) in new[] { ("", ""), (""""required":{"roles":["user"]},"""", "email missingEmailMessage []; email error-user-attribute-required []") })
        {
            await realm.ApplyAsync(ProfileConfiguration.Put(realm.Realm, ProfileConfiguration.Parse($$$"""
                {"attributes":[{"name":"username"},{"name":"email",{{{required}}}"permissions":{"view":["admin","user"],"edit":["admin","user"]}}]}
                """)));
            Assert.Equal(errors, string.Join("; ", (await ApplyAsync(realm, context, user, ("email", [""]))).Errors.Where(e => e.Attribute == "email").Select(Show)));
        }
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

    [Fact]
    public async Task Who_may_not_write_an_attribute_changes_it_neither_by_giving_it_nor_by_leaving_it_out()
    {
        await using var realm = await OpenAsync("""
            {"name":"hidden","permissions":{"view":["admin"],"edit":["admin"]}},
            {"name":"shown","permissions":{"view":["admin","user"],"edit":["admin"]}},
            {"name":"own","permissions":{"view":["admin","user"],"edit":["user"]}},
            {"name":"nobody","permissions":{"view":[],"edit":[]}}
            """);
        var user = await realm.AddUserAsync("alice", more: u => u.Attributes = new() { ["hidden"] = ["h"], ["shown"] = ["s"], ["own"] = ["o"], ["nobody"] = ["n"] });

        Assert.Equal(["shown error-user-attribute-read-only []"], (await ApplyAsync(realm, ProfileContext.Account, user, ("shown", ["x"]))).Errors.Select(Show));
        Assert.Equal(["hidden error-user-attribute-read-only []"], (await ApplyAsync(realm, ProfileContext.Account, user, ("hidden", ["x"]))).Errors.Select(Show));
        Assert.Equal(["nobody error-user-attribute-read-only []", "own error-user-attribute-read-only []"],
            (await ApplyAsync(realm, ProfileContext.Admin, user, ("nobody", ["x"]), ("own", ["x"]))).Errors.Select(Show).Order());

        var left = await ApplyAsync(realm, ProfileContext.Account, user);
        Assert.True(left.Ok);
        Assert.Equal(["hidden", "nobody", "shown"], left.Changed.Attributes!.Keys.Order());
        var profile = UserProfile.Of(realm.Realm);
        Assert.Equal(["own", "shown"], profile.Visible(ProfileContext.Account, user).Keys.Order());
        Assert.Equal(["hidden", "own", "shown"], profile.Visible(ProfileContext.Admin, user).Keys.Order());
    }

    [Theory, InlineData("usual", true), InlineData("other", false)]
    public async Task Who_may_not_write_an_attribute_may_give_back_the_default_that_was_shown(string given, bool ok)
    {
        await using var realm = await OpenAsync("""{"name":"shown","defaultValue":"usual","permissions":{"view":["admin","user"],"edit":["admin"]}}""");
        var outcome = await ApplyAsync(realm, ProfileContext.Account, await realm.AddUserAsync("alice"), ("shown", [given]));
        Assert.Equal((ok, null), (outcome.Ok, outcome.Changed.Attributes));
    }

    [Theory]
    [InlineData(null, false, false, false, false)]
    [InlineData("ENABLED", true, true, true, true)]
    [InlineData("ADMIN_EDIT", true, true, false, false)]
    [InlineData("ADMIN_VIEW", true, false, false, false)]
    public async Task Unmanaged_attributes_are_seen_and_written_as_the_policy_says(string? policy, bool adminSees, bool adminWrites, bool personSees, bool personWrites)
    {
        await using var realm = await OpenAsync(more: policy is null ? "" : $"," + $"\"unmanagedAttributePolicy\":\"{policy}\"");
        var user = await realm.AddUserAsync("alice", more: u => u.Attributes = new() { ["free"] = ["before"] });
        var profile = UserProfile.Of(realm.Realm);
        foreach (var (context, sees, writes) in new[] { (ProfileContext.Admin, adminSees, adminWrites), (ProfileContext.Account, personSees, personWrites) })
        {
            Assert.Equal(sees, profile.Visible(context, user).ContainsKey("free"));
            var outcome = await ApplyAsync(realm, context, user, ("free", ["after"]));
            Assert.True(outcome.Ok);
            Assert.Equal(writes ? "after" : "before", Assert.Single(outcome.Changed.Attributes!["free"]));
            Assert.Equal(!writes, (await ApplyAsync(realm, context, user)).Changed.Attributes?.ContainsKey("free") ?? false);
        }
    }

    [Theory]
    [InlineData("LDAP_ID", true, true)]
    [InlineData("ldap_id", true, true)]
    [InlineData("createTimestamp", true, true)]
    [InlineData("saml.persistent.name.id.for.x", false, true)]
    [InlineData("enabled", false, true)]
    [InlineData("disabledReason", false, true)]
    [InlineData("kc.email.pending", false, true)]
    [InlineData("terms_and_conditions", false, true)]
    [InlineData("emailVerified", false, false)]
    [InlineData("locale", false, false)]
    public async Task Reserved_names_cannot_be_written(string name, bool refusedForAdmin, bool refusedForPerson)
    {
        await using var realm = await OpenAsync(more: """,  "unmanagedAttributePolicy":"ENABLED" """);
        var user = await realm.AddUserAsync("alice");
        foreach (var (context, refused) in new[] { (ProfileContext.Admin, refusedForAdmin), (ProfileContext.Account, refusedForPerson) })
        {
            Assert.Equal(
                refused ? [$"{name} updateReadOnlyAttributesRejectedMessage []"] : [],
                (await ApplyAsync(realm, context, user, (name, ["x"]))).Errors.Select(Show));
        }
    }

    [Fact]
    public async Task Reserved_names_are_like_others_where_nothing_unmanaged_is_taken_unless_they_are_stored()
    {
        await using var realm = await OpenAsync(Rule("userCertificate", "{}"));
        var user = await realm.AddUserAsync("alice", more: u => u.Attributes = new() { ["LDAP_ID"] = ["1"] });
        var created = await ApplyAsync(realm, ProfileContext.Admin, null, ("LDAP_ID", ["x"]), ("saml.persistent.name.id.for.x", ["x"]));
        Assert.Equal((true, null), (created.Ok, created.Changed.Attributes));
        Assert.Equal(["LDAP_ID updateReadOnlyAttributesRejectedMessage []"], (await ApplyAsync(realm, ProfileContext.Admin, user, ("LDAP_ID", ["x"]))).Errors.Select(Show));
        Assert.Equal(["1"], (await ApplyAsync(realm, ProfileContext.Admin, user)).Changed.Attributes!["LDAP_ID"]);
        Assert.Equal(["userCertificate updateReadOnlyAttributesRejectedMessage []"], (await ApplyAsync(realm, ProfileContext.Account, user, ("userCertificate", ["x"]))).Errors.Select(Show));
        Assert.True((await ApplyAsync(realm, ProfileContext.Admin, user, ("userCertificate", ["x"]))).Ok);
    }

    /// <summary>What an administrator may write an administrator may also leave out.</summary>
    [Fact]
    public async Task Administrators_remove_what_is_reserved_for_persons_alone()
    {
        await using var realm = await OpenAsync(more: ""","unmanagedAttributePolicy":"ENABLED" """);
        var user = await realm.AddUserAsync("alice", more: u => u.Attributes = new() { ["userCertificate"] = ["1"], ["LDAP_ID"] = ["1"] });
        Assert.Equal(["LDAP_ID"], (await ApplyAsync(realm, ProfileContext.Admin, user)).Changed.Attributes!.Keys);
        Assert.Equal(["LDAP_ID", "userCertificate"], (await ApplyAsync(realm, ProfileContext.Account, user)).Changed.Attributes!.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "de")]
    public async Task The_language_is_an_attribute_where_there_is_a_choice_of_it(bool choice, string? stored)
    {
        await using var realm = await OpenAsync(more: ""","unmanagedAttributePolicy":"ENABLED" """, settings: r => r.InternationalizationEnabled = choice);
        var user = await realm.AddUserAsync("alice");
        Assert.Equal(stored, (await ApplyAsync(realm, ProfileContext.Account, user, ("locale", ["de"]))).Changed.Attributes?["locale"].Single());
        Assert.Equal(choice, UserProfile.Of(realm.Realm).Metadata(ProfileContext.Account, user).Attributes.Exists(a => a.Name == "locale"));
        Assert.DoesNotContain(UserProfile.Of(realm.Realm).Metadata(ProfileContext.UpdateProfile, user).Attributes, a => a.Name == "locale");
    }

    [Fact]
    public async Task Administrators_see_when_terms_were_accepted_and_which_address_waits()
    {
        await using var realm = await OpenAsync();
        foreach (var alias in new[] { "TERMS_AND_CONDITIONS", "UPDATE_EMAIL" })
        {
            await realm.ApplyAsync(new PutPart(PartKind.RequiredAction, PartIds.RequiredAction("r", alias), alias, new RequiredActionProviderRepresentation { Alias = alias, Enabled = true }));
        }

        var user = await realm.AddUserAsync("alice", more: u => u.Attributes = new() { ["terms_and_conditions"] = ["1"], ["kc.email.pending"] = ["new@example.org"] });
        var profile = UserProfile.Of(realm.Realm);
        Assert.Equal(["kc.email.pending", "terms_and_conditions"], profile.Visible(ProfileContext.Admin, user).Keys.Order());
        Assert.Empty(profile.Visible(ProfileContext.Account, user));
        Assert.Equal(
            [("${emailPendingVerification}", false), ("${termsAndConditionsUserAttribute}", true)],
            profile.Metadata(ProfileContext.Admin, user).Attributes.Where(a => a.Validators.Count == 0).Select(a => (a.DisplayName, a.ReadOnly)));
        Assert.Equal(["terms_and_conditions"], (await ApplyAsync(realm, ProfileContext.Admin, user, ("terms_and_conditions", ["2"]), ("kc.email.pending", []))).Changed.Attributes!.Keys);
        Assert.Equal(["kc.email.pending updateReadOnlyAttributesRejectedMessage []"], (await ApplyAsync(realm, ProfileContext.Account, user, ("kc.email.pending", ["x"]))).Errors.Select(Show));
    }

    /// <summary>A form says nothing of what it does not show; what it sends empty is removed.</summary>
    [Fact]
    public async Task What_a_form_leaves_out_stays()
    {
        await using var realm = await OpenAsync($"{Rule("one", "{}")},{Rule("two", "{}")}", ""","unmanagedAttributePolicy":"ENABLED" """);
        var user = await realm.AddUserAsync("alice", more: u => u.Attributes = new() { ["one"] = ["1"], ["two"] = ["2"], ["free"] = ["3"] });
        var outcome = await realm.Profiles.ApplyAsync(realm.Realm, new ProfileRequest(ProfileContext.UpdateProfile, user, Values(user, ("one", [""])), RemoveMissing: false));
        Assert.Equal(["free", "two"], outcome.Changed.Attributes!.Keys.Order());
    }

    /// <summary>Roles and scopes together: those roles, in those scopes.</summary>
    [Theory]
    [InlineData(ProfileContext.Admin, "email", false)]
    [InlineData(ProfileContext.UpdateProfile, "email", true)]
    [InlineData(ProfileContext.UpdateProfile, "other", false)]
    [InlineData(ProfileContext.Account, "email", true)]
    public async Task What_is_required_in_a_scope_is_required_there_alone(ProfileContext context, string scope, bool required)
    {
        await using var realm = await PeopleRealm.OpenAsync();
        await realm.ApplyAsync(ProfileConfiguration.Put(realm.Realm, ProfileConfiguration.Parse($$"""{"attributes":[{{Members}},{{Rule("x", "{}", ""","required":{"roles":["admin","user"],"scopes":["email"]}""")}}]}""")));
        var user = await realm.AddUserAsync("alice");
        var outcome = await realm.Profiles.ApplyAsync(realm.Realm, new ProfileRequest(context, user, Values(user), Scopes: [scope]));
        Assert.Equal(required ? ["x error-user-attribute-required []"] : [], outcome.Errors.Select(Show));
    }

    [Fact]
    public async Task What_belongs_to_a_scope_that_was_not_asked_for_stays_as_it_is()
    {
        await using var realm = await PeopleRealm.OpenAsync();
        await realm.ApplyAsync(ProfileConfiguration.Put(realm.Realm, ProfileConfiguration.Parse($$"""{"attributes":[{{Members}},{{Rule("x", """{"length":{"min":3}}""", ""","selector":{"scopes":["phone"]}""")}}]}""")));
        var user = await realm.AddUserAsync("alice", more: u => u.Attributes = new() { ["x"] = ["1"] });
        foreach (var (scope, errors, kept) in new[] { ("email", 0, true), ("phone", 1, true) })
        {
            var outcome = await realm.Profiles.ApplyAsync(realm.Realm, new ProfileRequest(ProfileContext.UpdateProfile, user, Values(user, ("x", ["12"])), Scopes: [scope]));
            Assert.Equal(errors, outcome.Errors.Count);
            var without = await realm.Profiles.ApplyAsync(realm.Realm, new ProfileRequest(ProfileContext.UpdateProfile, user, Values(user), Scopes: [scope]));
            Assert.Equal(scope == "email" && kept, without.Changed.Attributes?.ContainsKey("x") ?? false);
        }
    }

    [Fact]
    public async Task What_is_required_is_asked_of_those_whom_it_concerns()
    {
        await using var realm = await OpenAsync("""
            {"name":"for-user","required":{"roles":["user"]},"permissions":{"view":["admin","user"],"edit":["admin","user"]}},
            {"name":"for-admin","required":{"roles":["admin"]},"permissions":{"view":["admin","user"],"edit":["admin","user"]}},
            {"name":"for-all","required":{},"permissions":{"view":["admin","user"],"edit":["admin","user"]}}
            """);
        var user = await realm.AddUserAsync("alice");
        Assert.Equal(["for-admin", "for-all"], (await ApplyAsync(realm, ProfileContext.Admin, user)).Errors.Select(e => e.Attribute).Order());
        Assert.Equal(["for-all", "for-user"], (await ApplyAsync(realm, ProfileContext.Account, user)).Errors.Select(e => e.Attribute).Order());
        Assert.Equal(["for-all", "for-user"], UserProfiles.Problems(realm.Realm, user).Select(e => e.Attribute).Order());
    }

    [Fact]
    public async Task Names_and_addresses_are_stored_in_lower_case_and_belong_to_one()
    {
        await using var realm = await OpenAsync();
        await realm.AddUserAsync("alice");
        var outcome = await ApplyAsync(realm, ProfileContext.Admin, null, ("username", ["Bob"]), ("email", ["Bob@Example.ORG"]));
        Assert.Equal(("bob", "bob@example.org"), (outcome.Changed.Username, outcome.Changed.Email));
        Assert.Equal(["usernameExistsMessage"], (await ApplyAsync(realm, ProfileContext.Admin, null, ("username", ["ALICE"]))).Errors.Select(e => e.Message));
        Assert.Equal(["emailExistsMessage"], (await ApplyAsync(realm, ProfileContext.Admin, null, ("email", ["Alice@example.org"]))).Errors.Select(e => e.Message));
        Assert.Equal(["emailExistsMessage", "usernameExistsMessage"], (await ApplyAsync(realm, ProfileContext.Admin, null, ("username", ["alice"]), ("email", ["alice@example.org"]))).Errors.Select(e => e.Message));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task An_address_that_is_the_name_of_another_is_taken_where_people_sign_in_with_either(bool either, bool taken)
    {
        await using var realm = await OpenAsync(settings: r => r.LoginWithEmailAllowed = either);
        await realm.AddUserAsync("alice", more: u => u.Username = "bob@example.org");
        Assert.Equal(taken ? ["email emailExistsMessage []"] : [], (await ApplyAsync(realm, ProfileContext.Admin, null, ("email", ["bob@example.org"]))).Errors.Select(Show));
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

    [Fact]
    public async Task A_person_renames_herself_only_where_the_realm_lets_her()
    {
        await using var realm = await OpenAsync();
        var user = await realm.AddUserAsync("alice");
        Assert.Equal(["error-user-attribute-read-only", "readOnlyUsernameMessage"], (await ApplyAsync(realm, ProfileContext.Account, user, ("username", ["alicia"]))).Errors.Select(e => e.Message));
        Assert.Equal(["error-user-attribute-read-only"], (await ApplyAsync(realm, ProfileContext.Admin, user, ("username", ["alicia"]))).Errors.Select(e => e.Message));
        Assert.True((await ApplyAsync(realm, ProfileContext.Admin, user, ("username", []))).Ok);
        await realm.ConfigureAsync(r => r.EditUsernameAllowed = true);
        Assert.Equal(["missingUsernameMessage"], (await ApplyAsync(realm, ProfileContext.Admin, user, ("username", []))).Errors.Select(e => e.Message));
        Assert.Equal("alicia", (await ApplyAsync(realm, ProfileContext.Account, user, ("username", ["alicia"]))).Changed.Username);
    }

    [Fact]
    public async Task A_changed_address_is_not_verified_any_more_when_its_owner_changed_it()
    {
        await using var realm = await OpenAsync();
        var user = await realm.AddUserAsync("alice", more: u => u.EmailVerified = true);
        Assert.False((await ApplyAsync(realm, ProfileContext.Account, user, ("email", ["new@example.org"]))).Changed.EmailVerified);
        Assert.True((await ApplyAsync(realm, ProfileContext.Account, user)).Changed.EmailVerified);
    }

    [Fact]
    public async Task Where_the_address_is_the_name_the_name_follows_it()
    {
        await using var realm = await OpenAsync(settings: r => r.RegistrationEmailAsUsername = true);
        var user = await realm.AddUserAsync("alice", more: u => (u.Username, u.Email) = ("alice@example.org", "alice@example.org"));
        user = await realm.UserAsync("alice@example.org");
        Assert.Equal("new@example.org", (await ApplyAsync(realm, ProfileContext.Admin, user, ("email", ["new@example.org"]))).Changed.Username);
        var own = await ApplyAsync(realm, ProfileContext.Account, user, ("email", ["new@example.org"]));
        Assert.Equal((true, "alice@example.org", "alice@example.org"), (own.Ok, own.Changed.Email, own.Changed.Username));
        Assert.Equal(["email error-user-attribute-required []"], (await ApplyAsync(realm, ProfileContext.Admin, user, ("email", []))).Errors.Select(Show));
        await realm.AddUserAsync("bob");
        Assert.Equal(["email emailExistsMessage []", "email usernameExistsMessage []"], (await ApplyAsync(realm, ProfileContext.Admin, user, ("email", ["bob@example.org"]))).Errors.Select(Show));
    }

    [Fact]
    public async Task Where_an_action_changes_addresses_the_profile_does_not()
    {
        await using var realm = await OpenAsync();
        await realm.ApplyAsync(new PutPart(PartKind.RequiredAction, PartIds.RequiredAction("r", "UPDATE_EMAIL"), "UPDATE_EMAIL", new RequiredActionProviderRepresentation { Alias = "UPDATE_EMAIL", Enabled = true }));
        var alice = await realm.AddUserAsync("alice");
        var bob = await realm.AddUserAsync("bob", more: u => u.Email = null);
        var profile = UserProfile.Of(realm.Realm);
        Assert.Equal((false, true), (Shows(ProfileContext.UpdateProfile, alice), Shows(ProfileContext.UpdateProfile, bob)));
        Assert.Equal((true, true), (Shows(ProfileContext.Account, alice), Shows(ProfileContext.Account, bob)));
        foreach (var user in new[] { alice, bob })
        {
            Assert.Equal(["email error-user-attribute-read-only []"], (await ApplyAsync(realm, ProfileContext.Account, user, ("email", ["new@example.org"]))).Errors.Select(Show));
        }

        Assert.Equal("new@example.org", (await ApplyAsync(realm, ProfileContext.UpdateProfile, bob, ("email", ["new@example.org"]))).Changed.Email);

        bool Shows(ProfileContext context, User user) => profile.Metadata(context, user).Attributes.Exists(a => a.Name == "email");
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
    public async Task Rights_to_nobody_are_no_rights_said_for_name_and_address()
    {
        await using var realm = await PeopleRealm.OpenAsync();
        await realm.ApplyAsync(ProfileConfiguration.Put(realm.Realm, ProfileConfiguration.Parse("""{"attributes":[{"name":"username","permissions":{"view":[],"edit":[]}},{"name":"email","permissions":{}},{"name":"x","permissions":{}}]}""")));
        Assert.Equal(["email", "username"], UserProfile.Of(realm.Realm).Metadata(ProfileContext.Registration, null).Attributes.Select(a => a.Name).Order());
    }

    [Fact]
    public async Task A_default_value_is_given_to_whoever_has_none()
    {
        await using var realm = await OpenAsync(Rule("fixed", "{}", ""","defaultValue":"a default" """));
        Assert.Equal("a default", Assert.Single((await ApplyAsync(realm, ProfileContext.Admin, null)).Changed.Attributes!["fixed"]));
        var user = await realm.AddUserAsync("alice");
        Assert.Equal("a default", Assert.Single(UserProfile.Of(realm.Realm).Visible(ProfileContext.Admin, user)["fixed"]));
        Assert.Equal("a default", Assert.Single((await ApplyAsync(realm, ProfileContext.Account, user)).Changed.Attributes!["fixed"]));
    }
}
