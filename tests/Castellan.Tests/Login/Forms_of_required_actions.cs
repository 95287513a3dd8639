using System.Net;
using System.Reflection;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Tests.Mail;
using Microsoft.Extensions.DependencyInjection;
using static Castellan.Tests.Login.FormsRealm;

namespace Castellan.Tests.Login;

/// <summary>What the forms of required actions and of the registration do with fields that are missing, empty or more than asked for, and what they tell.</summary>
public sealed class Forms_of_required_actions
{
    [Theory]
    [InlineData("nothing is said", "", "A A alice@example.org Rome", "- - - Rome")]
    [InlineData("all of it again", "firstName=A&lastName=A&email=alice@example.org&city=Rome", "A A alice@example.org Rome", "A A alice@example.org Rome")]
    [InlineData("an attribute left out stays", "firstName=B&lastName=B&email=alice@example.org", "A A alice@example.org Rome", "B B alice@example.org Rome")]
    [InlineData("an empty one goes", "firstName=B&lastName=B&email=alice@example.org&city=", "A A alice@example.org Rome", "B B alice@example.org -")]
    [InlineData("blanks are nothing", "firstName=%20&lastName=B&email=alice@example.org&city=%20%20", "A A alice@example.org Rome", "- B alice@example.org -")]
    [InlineData("under the older name", "firstName=B&lastName=B&email=alice@example.org&user.attributes.city=Oslo", "A A alice@example.org Rome", "B B alice@example.org Oslo")]
    public async Task A_field_that_is_left_out_says_nothing_and_an_empty_one_takes_the_value_away(string what, string form, string before, string after)
    {
        Assert.NotEmpty(what);
        await using var server = await SignInServer.StartAsync(Realm(Configured(), "\"attributes\": {\"city\": [\"Rome\"], \"staff\": [\"yes\"]}, \"requiredActions\": [\"UPDATE_PROFILE\"],"));
        using var browser = await SignInAsync(server);
        Assert.Equal("login-update-profile", browser.PageId);
        Assert.Equal(before, Show(await AliceAsync(server)));
        await browser.PostAsync(browser.Actions[0], [.. form.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')).Select(p => (p[0], Uri.UnescapeDataString(p[1])))]);
        await browser.FollowAsync();
        Assert.NotNull(browser.Code);
        Assert.Equal(after, Show(await AliceAsync(server)));
        Assert.Equal("yes", (await AliceAsync(server)).Attribute("staff"));
    }

    [Fact]
    public async Task What_must_be_there_is_asked_for_also_where_the_form_leaves_it_out()
    {
        await using var server = await SignInServer.StartAsync(Realm(user: "\"requiredActions\": [\"UPDATE_PROFILE\"],"));
        using var browser = await SignInAsync(server);
        await browser.PostAsync(browser.Actions[0], ("email", "alice@example.org"));
        await browser.FollowAsync();
        Assert.Equal("login-update-profile", browser.PageId);
        Assert.Contains("input-error-firstName", browser.Text, StringComparison.Ordinal);
        Assert.Equal("A", (await AliceAsync(server)).Representation.FirstName);
    }

    [Theory]
    [InlineData("", "staff=mine&unheard=of", "This field is read only.", null)]
    [InlineData("", "unheard=of", null, null)]
    [InlineData(",\"unmanagedAttributePolicy\":\"ENABLED\"", "unheard=of", null, "of")]
    [InlineData(",\"unmanagedAttributePolicy\":\"ADMIN_EDIT\"", "unheard=of", null, null)]
    [InlineData(",\"unmanagedAttributePolicy\":\"ENABLED\"", "password=secret&termsAccepted=on&g-recaptcha-response=x&terms_and_conditions=1", null, null)]
    public async Task What_the_page_did_not_ask_for_is_the_profiles_business(string policy, string form, string? words, string? kept)
    {
        await using var server = await SignInServer.StartAsync(Realm(Configured(policy), "\"requiredActions\": [\"UPDATE_PROFILE\"],"));
        using var browser = await SignInAsync(server);
        await browser.PostAsync(browser.Actions[0], [("email", "alice@example.org"), .. form.Split('&').Select(p => p.Split('=')).Select(p => (p[0], p[1]))]);
        await browser.FollowAsync();
        var alice = await AliceAsync(server);
        Assert.Equal(words is null, browser.Code is not null);
        Assert.Equal(kept, alice.Attribute("unheard"));
        Assert.DoesNotContain((alice.Representation.Attributes ?? []).Keys, k => k != "unheard");
    }

    [Fact]
    public async Task Changes_of_the_profile_and_what_it_lacks_are_told()
    {
        await using var server = await SignInServer.StartAsync(Realm(user: "\"requiredActions\": [\"UPDATE_PROFILE\"],"));
        using var browser = await SignInAsync(server);
        await browser.SubmitAsync(("email", "alice@example.org"), ("firstName", "B"), ("lastName", "A"));
        Assert.NotNull(browser.Code);
        await ChangeAliceAsync(server, a => a.LastName = null);
        using var later = await SignInAsync(server);
        Assert.Equal("login-update-profile", later.PageId);
        Assert.Equal(["LOGIN previous_first_name=A updated_first_name=B", "UPDATE_PROFILE previous_first_name=A updated_first_name=B", "VERIFY_PROFILE fields_to_update=lastName"],
            await EventsAsync(server, "previous_first_name", "updated_first_name", "previous_last_name", "fields_to_update"));
    }

    /// <summary>Somebody else got the address between the check and the write.</summary>
    [Fact]
    public async Task A_change_that_is_refused_ends_no_session()
    {
        const string more = "\"requiredActions\": [{\"alias\": \"UPDATE_EMAIL\", \"name\": \"Update Email\", \"providerId\": \"UPDATE_EMAIL\", \"enabled\": true, \"priority\": 70}],";
        await using var server = await SignInServer.StartAsync(Realm(more), services =>
        {
            var (store, late) = ((IUserStore)services.Single(s => s.ServiceType == typeof(IUserStore)).ImplementationInstance!, DispatchProxy.Create<IUserStore, LateStore>());
            ((LateStore)late).Store = store;
            services.AddSingleton(late);
        });
        var (realms, alice) = (server.Services.GetRequiredService<IRealms>(), await AliceAsync(server));
        var realm = (await realms.FindAsync("shop"))!;
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutUser(new UserRepresentation { Id = "late", Username = "late", Email = "late@example.org", Enabled = true })));
        using var other = await SignInAsync(server);
        using var browser = await SignInAsync(server, ("kc_action", "UPDATE_EMAIL"));
        await browser.SubmitAsync(("email", "late@example.org"), ("logout-sessions", "on"));
        Assert.Contains("Email already exists.", browser.Text, StringComparison.Ordinal);
        Assert.NotEmpty(await server.Services.GetRequiredService<ISessions>().ListByUserAsync(realm.Id, alice.Id));
    }

    /// <summary>Learns too late who has an address.</summary>
    public class LateStore : DispatchProxy
    {
        internal IUserStore? Store { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(IUserStore.FindByEmailAsync) ? new ValueTask<User?>((User?)null) : targetMethod.Invoke(Store, args);
    }

    [Fact]
    public async Task Blanks_are_no_password()
    {
        await using var server = await SignInServer.StartAsync(Realm(user: "\"requiredActions\": [\"UPDATE_PASSWORD\"],"));
        using var browser = await SignInAsync(server);
        await browser.SubmitAsync(("password-new", "    "), ("password-confirm", "    "));
        Assert.Equal("login-update-password", browser.PageId);
        Assert.Contains("Please specify password.", browser.Text, StringComparison.Ordinal);
        Assert.Equal(["UPDATE_CREDENTIAL_ERROR password_missing", "UPDATE_PASSWORD_ERROR password_missing"], await EventsAsync(server));
    }

    [Fact]
    public async Task What_the_policy_says_against_a_password_stands_above_the_form()
    {
        await using var server = await SignInServer.StartAsync(Realm("\"passwordPolicy\": \"length(12)\",", "\"requiredActions\": [\"UPDATE_PASSWORD\"],"));
        using var browser = await SignInAsync(server);
        await browser.SubmitAsync(("password-new", "short"), ("password-confirm", "short"));
        Assert.Contains("Invalid password: minimum length 12.", browser.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"input-error", browser.Text, StringComparison.Ordinal);
    }

    /// <summary>Whoever lets an application send people there would leave them without a way in.</summary>
    [Fact]
    public async Task A_password_is_replaced_and_not_deleted()
    {
        await using var server = await SignInServer.StartAsync(Realm());
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var users = server.Services.GetRequiredService<IUserStore>();
        var password = Assert.Single(await users.CredentialsAsync(realm.Id, (await AliceAsync(server)).Id));
        using var browser = await SignInAsync(server, ("kc_action", $"delete_credential:{password.Id}"));
        Assert.Equal("delete-credential", browser.PageId);
        await browser.SubmitAsync();
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));
        Assert.Contains("Credential type cannot be removed", browser.Text, StringComparison.Ordinal);
        Assert.Single(await users.CredentialsAsync(realm.Id, (await AliceAsync(server)).Id));
        Assert.Equal(["REMOVE_CREDENTIAL_ERROR delete_credential_failed credential_type=password reason=Credential type cannot be removed"], await EventsAsync(server, "credential_type", "reason"));
    }

    [Fact]
    public async Task Other_sessions_end_where_the_form_says_so_and_each_is_told()
    {
        await using var server = await SignInServer.StartAsync(Realm());
        using var other = await SignInAsync(server, ("scope", "openid offline_access"));
        await server.TokensAsync("shop", other.Code!);
        using var browser = await SignInAsync(server);
        await browser.OpenAsync("shop", ("kc_action", "UPDATE_PASSWORD"));
        await browser.FollowAsync();
        await browser.SubmitAsync(("password-new", "Another-horse-2"), ("password-confirm", "Another-horse-2"), ("logout-sessions", "on"));
        Assert.NotNull(browser.Code);
        var (sessions, alice) = (server.Services.GetRequiredService<ISessions>(), await AliceAsync(server));
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        Assert.Single(await sessions.ListByUserAsync(realm.Id, alice.Id));
        Assert.Empty(await sessions.ListByUserAsync(realm.Id, alice.Id, offline: true));
        Assert.Equal(["LOGOUT logout_triggered_by_required_action=UPDATE_PASSWORD", "UPDATE_CREDENTIAL", "UPDATE_PASSWORD"],
            (await EventsAsync(server, "logout_triggered_by_required_action")).Where(e => e[0] is 'U' || e.StartsWith("LOGOUT", StringComparison.Ordinal)));
    }

    /// <summary>An old password is changed by those who come by it. Who comes by something else is not held up.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task A_password_that_has_expired_is_changed_when_it_was_used(bool again)
    {
        await using var server = await SignInServer.StartAsync(Realm());
        using var browser = await SignInAsync(server);
        Assert.NotNull(browser.Code);
        var (realms, store) = (server.Services.GetRequiredService<IRealms>(), server.Services.GetRequiredService<IUserStore>());
        var realm = (await realms.FindAsync("shop"))!;
        var alice = await AliceAsync(server);
        var password = (await store.CredentialsAsync(realm.Id, alice.Id)).Single();
        password.CreatedDate -= 3 * 86_400_000L;
        var settings = realm.Settings.ShallowCopy();
        settings.PasswordPolicy = "forceExpiredPasswordChange(1)";
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutCredential(alice.Id, password)).Add(new PutRealm(settings)));
        using var next = again ? await SignInAsync(server) : browser;
        if (!again)
        {
            await next.OpenAsync("shop");
            await next.FollowAsync();
        }

        Assert.Equal(again, next.PageId == "login-update-password");
        Assert.Equal(!again, next.Code is not null);
    }

    [Fact]
    public async Task Terms_that_are_declined_are_told_to_the_application_and_are_no_longer_accepted()
    {
        var terms = "\"requiredActions\": [{\"alias\": \"TERMS_AND_CONDITIONS\", \"providerId\": \"TERMS_AND_CONDITIONS\", \"name\": \"Terms\", \"enabled\": true, \"priority\": 20}],";
        await using var server = await SignInServer.StartAsync(Realm(terms, "\"attributes\": {\"terms_and_conditions\": [\"1\"]}, \"requiredActions\": [\"TERMS_AND_CONDITIONS\"],"));
        using var browser = await SignInAsync(server);
        Assert.Equal("terms", browser.PageId);
        await browser.SubmitAsync(("cancel", "on"));
        Assert.Contains("error=access_denied", browser.Location, StringComparison.Ordinal);
        Assert.Contains("error_description=termsAndConditionsDeclined", browser.Location, StringComparison.Ordinal);
        Assert.Null((await AliceAsync(server)).Attribute("terms_and_conditions"));
    }

    [Theory]
    [InlineData("VERIFY_EMAIL", "kc_action_status=error", "LOGIN")]
    [InlineData("delete_credential:nothing", "kc_action_status=error", "CUSTOM_REQUIRED_ACTION_ERROR credential_not_found credential_id=nothing|LOGIN")]
    [InlineData("delete_credential", "kc_action_status=error", "CUSTOM_REQUIRED_ACTION_ERROR missing_credential_id|LOGIN")]
    public async Task An_action_that_is_not_possible_is_told_to_the_application(string action, string status, string events)
    {
        await using var server = await SignInServer.StartAsync(Realm(Configured()));
        await ChangeAliceAsync(server, a => (a.Email, a.EmailVerified) = (null, false));
        using var browser = await SignInAsync(server, ("kc_action", action));
        Assert.NotNull(browser.Code);
        Assert.Contains(status, browser.Location, StringComparison.Ordinal);
        Assert.Equal(events.Split('|'), await EventsAsync(server, "credential_id"));
    }

    /// <summary>It stays on the list of the person, who is let in until there is an address.</summary>
    [Fact]
    public async Task An_address_that_is_not_there_cannot_be_verified_yet()
    {
        await using var server = await SignInServer.StartAsync(Realm(Configured(), "\"requiredActions\": [\"VERIFY_EMAIL\"],"));
        await ChangeAliceAsync(server, a => (a.Email, a.EmailVerified) = (null, false));
        using var browser = await SignInAsync(server);
        Assert.NotNull(browser.Code);
        Assert.Equal(["VERIFY_EMAIL"], (await AliceAsync(server)).Representation.RequiredActions!);
    }

    [Fact]
    public async Task Without_the_right_nobody_deletes_an_account()
    {
        var actions = "\"requiredActions\": [{\"alias\": \"delete_account\", \"providerId\": \"delete_account\", \"name\": \"Delete\", \"enabled\": true, \"priority\": 60}],";
        await using var server = await SignInServer.StartAsync(Realm(actions));
        using var browser = await SignInAsync(server, ("kc_action", "delete_account"));
        Assert.Equal(("error", HttpStatusCode.OK), (browser.PageId, browser.Status));
        Assert.Contains("not have enough permissions to delete", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_devices_of_a_person_have_two_names()
    {
        await using var server = await SignInServer.StartAsync(Realm());
        using var browser = await SignInAsync(server);
        foreach (var words in new[] { null, "Device already exists with the same name" })
        {
            await browser.OpenAsync("shop", ("kc_action", "CONFIGURE_TOTP"));
            await browser.FollowAsync();
            var secret = browser.Hidden().Single(h => h.Name == "totpSecret").Value;
            var code = new Core.Login.OneTimeCodes(System.Text.Encoding.UTF8.GetBytes(secret), false, 6, 0, 30, "HmacSHA1").Code(DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);
            await browser.SubmitAsync(("totp", code), ("userLabel", words is null ? "Phone" : " phone "));
            Assert.Equal(words is null, browser.Code is not null);
            Assert.Contains(words ?? "", browser.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_the_realm_wants_it_a_device_is_followed_by_recovery_codes()
    {
        var actions = """
            "requiredActions": [{"alias": "CONFIGURE_TOTP", "providerId": "CONFIGURE_TOTP", "name": "OTP", "enabled": true, "priority": 10, "config": {"add-recovery-codes": "true"}},
                                {"alias": "CONFIGURE_RECOVERY_AUTHN_CODES", "providerId": "CONFIGURE_RECOVERY_AUTHN_CODES", "name": "Codes", "enabled": true, "priority": 130}],
            """;
        await using var server = await SignInServer.StartAsync(Realm(actions, "\"requiredActions\": [\"CONFIGURE_TOTP\"],"));
        await TestFlows.PutAsync(server, "shop", ("another", ["R auth-username-password-form", "R auth-recovery-authn-code-form"]));
        using var browser = await SignInAsync(server);
        var secret = browser.Hidden().Single(h => h.Name == "totpSecret").Value;
        var code = new Core.Login.OneTimeCodes(System.Text.Encoding.UTF8.GetBytes(secret), false, 6, 0, 30, "HmacSHA1").Code(DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);
        await browser.SubmitAsync(("totp", code), ("userLabel", "Phone"));
        Assert.Equal("login-recovery-authn-code-config", browser.PageId);
    }

    private static readonly string s_otp = "{\"type\": \"otp\", \"secretData\": \"{\\\"value\\\":\\\"" + Walker.Secret + "\\\"}\", \"credentialData\": \"{\\\"subType\\\":\\\"totp\\\",\\\"digits\\\":6,\\\"counter\\\":0,\\\"period\\\":30,\\\"algorithm\\\":\\\"HmacSHA1\\\"}\"}";

    [Fact]
    public async Task A_form_without_a_code_is_no_guess_and_a_device_that_is_none_is_not_repeated()
    {
        await using var server = await SignInServer.StartAsync(Realm().Replace("{\"type\": \"password\"", s_otp + ",{\"type\": \"password\"", StringComparison.Ordinal));
        using var browser = await SignInAsync(server);
        Assert.Equal("login-otp", browser.PageId);
        await browser.PostAsync(browser.Actions[0]);
        await browser.FollowAsync();
        Assert.DoesNotContain("Invalid authenticator code.", browser.Text, StringComparison.Ordinal);
        Assert.Empty(await EventsAsync(server));
        await browser.PostAsync(browser.Actions[0], ("otp", "000000"), ("selectedCredentialId", "made-up"));
        await browser.FollowAsync();
        Assert.Contains("Invalid authenticator code.", browser.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("made-up", browser.Text, StringComparison.Ordinal);
        Assert.Equal(["LOGIN_ERROR invalid_user_credentials selected_credential_id=made-up"], await EventsAsync(server, "selected_credential_id"));
    }

    /// <summary>It is put down for the person, whatever the realm says later.</summary>
    [Fact]
    public async Task What_was_wanted_once_is_wanted_until_it_is_done()
    {
        await using var sink = new SmtpSink();
        await using var server = await SignInServer.StartAsync(Realm("\"verifyEmail\": true,", port: sink.Port));
        await ChangeAliceAsync(server, a => a.EmailVerified = false);
        using var browser = await SignInAsync(server);
        Assert.Equal("login-verify-email", browser.PageId);
        Assert.Equal(["VERIFY_EMAIL"], (await AliceAsync(server)).Representation.RequiredActions!);
        var realms = server.Services.GetRequiredService<IRealms>();
        var settings = (await realms.FindAsync("shop"))!.Settings.ShallowCopy();
        settings.VerifyEmail = false;
        await realms.ApplyAsync(new ChangeSet((await realms.FindAsync("shop"))!.Id).Add(new PutRealm(settings)));
        using var later = await SignInAsync(server);
        Assert.Equal("login-verify-email", later.PageId);
        await sink.NextAsync();
        await later.GetAsync(await sink.LinkAsync());
        await later.FollowAsync();
        Assert.NotNull(later.Code);
        Assert.Empty((await AliceAsync(server)).Representation.RequiredActions ?? []);
    }
}
