using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;
using static Castellan.Tests.Users.ProfileRealm;

namespace Castellan.Tests.Users;

/// <summary>Who may see and change what of a profile, and what becomes of names and addresses.</summary>
public class Profiles_are_checked
{
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

    /// <summary>CVE-2026-19607: who signs in with either would be looked for under the other's.</summary>
    [Theory]
    [InlineData(true, "Alice@example.org", true)]
    [InlineData(false, "Alice@example.org", false)]
    [InlineData(true, "carol@example.org", false)]
    public async Task A_name_that_is_the_address_of_another_is_taken_where_people_sign_in_with_either(bool either, string name, bool taken)
    {
        await using var realm = await OpenAsync(settings: r => (r.LoginWithEmailAllowed, r.EditUsernameAllowed) = (either, true));
        await realm.AddUserAsync("alice");
        var bob = await realm.AddUserAsync("bob");
        string[] errors = taken ? ["username usernameExistsMessage []"] : [];
        Assert.Equal(errors, (await ApplyAsync(realm, ProfileContext.Admin, null, ("username", [name]))).Errors.Select(Show));
        Assert.Equal(errors, (await ApplyAsync(realm, ProfileContext.Account, bob, ("username", [name]))).Errors.Select(Show));
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
