using System.Reflection;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Tests.Mail;
using Microsoft.Extensions.DependencyInjection;
using static Castellan.Tests.Login.FormsRealm;

namespace Castellan.Tests.Login;

/// <summary>What the form of the registration asks for, and what is done behind it.</summary>
public sealed class Forms_of_registration
{
    private static async Task<TestBrowser> RegisterAsync(SignInServer server, params (string, string)[] more)
    {
        var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.GetAsync(browser.Links.First(l => l.Contains("registration", StringComparison.Ordinal)));
        await browser.FollowAsync();
        await browser.SubmitAsync([("username", "Grace"), ("email", "Grace@example.org"), ("firstName", "Grace"), ("lastName", "Gray"), .. more]);
        return browser;
    }

    /// <summary>Who wants robots kept out must not find them let in because this server cannot tell them apart.</summary>
    [Theory, InlineData("registration-recaptcha-action"), InlineData("registration-recaptcha-enterprise")]
    public async Task Where_a_captcha_is_demanded_that_cannot_be_checked_nobody_registers(string action)
    {
        await using var server = await SignInServer.StartAsync(Realm());
        var realms = server.Services.GetRequiredService<IRealms>();
        var realm = (await realms.FindAsync("shop"))!;
        var form = realm.Data.Flows.Single(f => f.Alias == "registration form");
        var captcha = form.AuthenticationExecutions!.Single(e => e.Authenticator == "registration-recaptcha-action");
        (captcha.Authenticator, captcha.Requirement) = (action, "REQUIRED");
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutPart(PartKind.Flow, form.Id!, form.Alias, form)));
        using var browser = await RegisterAsync(server, ("password", Password), ("password-confirm", Password), ("g-recaptcha-response", "yes"));
        Assert.Equal("register", browser.PageId);
        Assert.Contains("Invalid Recaptcha", browser.Text, StringComparison.Ordinal);
        Assert.Null(await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, "grace"));
        Assert.Equal(["REGISTER_ERROR invalid_registration register_method=form"], await EventsAsync(server, "register_method"));
    }

    private static string MailAndPassword(int mail, int password, string more = "", bool verifies = true, bool changes = true) => $$"""
        "requiredActions": [{"alias": "VERIFY_EMAIL", "providerId": "VERIFY_EMAIL", "name": "Verify", "enabled": {{(verifies ? "true" : "false")}}, "priority": {{mail}}{{more}}},
                            {"alias": "UPDATE_PASSWORD", "providerId": "UPDATE_PASSWORD", "name": "Password", "enabled": {{(changes ? "true" : "false")}}, "priority": {{password}}}],
        """;

    public static TheoryData<string, string, bool> Registrations() => new()
    {
        { "addresses are verified", "\"verifyEmail\": true,", true },
        { "of those who register", MailAndPassword(50, 60, ", \"defaultAction\": true"), true },
        { "they are not", "", false },
        { "the password comes first", "\"verifyEmail\": true," + MailAndPassword(50, 40), false },
        { "nobody can verify", "\"verifyEmail\": true," + MailAndPassword(50, 60, verifies: false), false },
        { "nobody can change a password", "\"verifyEmail\": true," + MailAndPassword(50, 60, changes: false), false },
    };

    /// <summary>Nobody knows the password of an account on an address that is not theirs; but an account has one in the end.</summary>
    [Theory, MemberData(nameof(Registrations))]
    public async Task Where_addresses_are_verified_the_password_is_set_behind_the_mail(string what, string more, bool later)
    {
        Assert.NotEmpty(what);
        await using var sink = new SmtpSink();
        await using var server = await SignInServer.StartAsync(Realm(more, port: sink.Port));
        using var browser = await RegisterAsync(server);
        if (!later)
        {
            Assert.Equal("register", browser.PageId);
            Assert.Contains("Please specify password.", browser.Text, StringComparison.Ordinal);
            return;
        }

        Assert.Equal("login-verify-email", browser.PageId);
        await browser.GetAsync(await sink.LinkAsync());
        await browser.FollowAsync();
        Assert.Equal("login-update-password", browser.PageId);
        await browser.SubmitAsync(("password-new", Password), ("password-confirm", Password));
        Assert.NotNull(browser.Code);
    }

    [Fact]
    public async Task Of_what_is_wrong_with_a_field_of_the_registration_the_first_is_told()
    {
        var profile = Configured().Replace("\\u0022name\\u0022:\\u0022city\\u0022", "\\u0022name\\u0022:\\u0022city\\u0022,\\u0022validations\\u0022:{\\u0022length\\u0022:{\\u0022min\\u0022:3},\\u0022pattern\\u0022:{\\u0022pattern\\u0022:\\u0022[A-Z]+\\u0022}}", StringComparison.Ordinal);
        await using var server = await SignInServer.StartAsync(Realm(profile));
        using var browser = await RegisterAsync(server, ("city", "x"), ("password", "  "), ("password-confirm", "  "));
        Assert.Equal("register", browser.PageId);
        Assert.Contains("Minimal length is 3.", browser.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Invalid value.", browser.Text, StringComparison.Ordinal);
        Assert.Contains("Please specify password.", browser.Text, StringComparison.Ordinal);
        Assert.Equal(["REGISTER_ERROR invalid_registration username=grace email=grace@example.org"], await EventsAsync(server, "username", "email"));
    }

    [Fact]
    public async Task Who_accepts_the_terms_at_the_registration_is_not_asked_again()
    {
        var terms = "\"requiredActions\": [{\"alias\": \"TERMS_AND_CONDITIONS\", \"providerId\": \"TERMS_AND_CONDITIONS\", \"name\": \"Terms\", \"enabled\": true, \"defaultAction\": true, \"priority\": 20}],";
        await using var server = await SignInServer.StartAsync(Realm(terms));
        using var browser = await RegisterAsync(server, ("password", Password), ("password-confirm", Password), ("termsAccepted", "on"));
        Assert.NotNull(browser.Code);
        var grace = await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync((await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!.Id, "grace");
        Assert.NotNull(grace!.Attribute("terms_and_conditions"));
        Assert.Equal(["LOGIN username=Grace", "REGISTER username=Grace"], (await EventsAsync(server, "username")).Select(e => e.Replace("username=grace", "username=Grace", StringComparison.Ordinal)));
    }
}
