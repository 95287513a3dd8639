using System.Net;
using System.Text.RegularExpressions;
using Castellan.Core.Realms;
using Castellan.Storage;
using Castellan.Tests.Login;
using Castellan.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;
using static Castellan.Tests.Mail.MailRealm;

namespace Castellan.Tests.Mail;

/// <summary>Forgotten passwords by mail: through a real mail server, in a real browser's steps.</summary>
public sealed class Forgotten_passwords
{
    [Fact]
    public async Task A_forgotten_password_is_set_anew_once()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        using var browser = await ForgetAsync(server, "alice");
        var link = await sink.LinkAsync();
        await OpenAsync(browser, link);
        Assert.Equal("login-update-password", browser.PageId);
        await browser.SubmitAsync(("password-new", NewPassword), ("password-confirm", NewPassword));
        Assert.NotNull(browser.Code);

        using var again = server.Browser();
        await OpenAsync(again, link);
        Assert.Equal(HttpStatusCode.BadRequest, again.Status);
        Assert.Contains("Action expired. Please continue with login now.", again.Text, StringComparison.Ordinal);
        using var old = await SignInAsync(server, "alice", Password);
        Assert.Null(old.Code);
        using var now = await SignInAsync(server, "alice", NewPassword);
        Assert.NotNull(now.Code);
    }

    /// <summary>The mail speaks as the page did that it was asked for on: what the browser remembers first, then what it prefers.</summary>
    [Theory]
    [InlineData(null, null, "Reset password"), InlineData(null, "de", "Passwort zurücksetzen"), InlineData("de", null, "Passwort zurücksetzen"), InlineData("en", "de", "Reset password")]
    public async Task The_mail_is_in_the_language_of_the_browser(string? chosen, string? preferred, string subject)
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        using var browser = server.Browser();
        if (chosen is not null)
        {
            await browser.OpenAsync("shop", ("kc_locale", chosen));
        }

        browser.Languages = preferred;
        await browser.OpenAsync("shop");
        await browser.GetAsync(browser.Links.First(l => l.Contains("reset-credentials", StringComparison.Ordinal)));
        await browser.SubmitAsync(("username", "alice"));
        Assert.Equal(subject, (await sink.NextAsync()).Mail.Subject);
    }

    [Fact]
    public async Task In_another_browser_a_password_is_set_but_nobody_is_signed_in()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        using var asked = await ForgetAsync(server, "alice@example.org");
        using var other = server.Browser();
        await OpenAsync(other, await sink.LinkAsync());
        await other.SubmitAsync(("password-new", NewPassword), ("password-confirm", NewPassword));
        Assert.Equal("info", other.PageId);
        Assert.Null(other.Code);
        Assert.DoesNotContain("KEYCLOAK_IDENTITY", other.Cookies.Keys);
        await other.OpenAsync("shop");
        Assert.Equal("login", other.PageId);
    }

    [Fact]
    public async Task Of_two_browsers_with_the_same_link_one_sets_the_password()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        using var asked = await ForgetAsync(server, "alice");
        var link = await sink.LinkAsync();
        using var first = server.Browser();
        using var second = server.Browser();
        await OpenAsync(first, link);
        await OpenAsync(second, link);
        Assert.Equal("login-update-password", second.PageId);
        await Task.WhenAll(
            first.SubmitAsync(("password-new", NewPassword), ("password-confirm", NewPassword)), second.SubmitAsync(("password-new", "Third-horse-3"), ("password-confirm", "Third-horse-3")));
        Assert.Equal(["error", "info"], new[] { first.PageId, second.PageId }.Order());
    }

    /// <summary>
    /// CVE-2026-37982 for what stands open already: two mails, both links opened, in every mixture of browsers. The first to post sets the password; the
    /// other is told that its link has run out, sets nothing and signs nobody in.
    /// </summary>
    [Theory]
    [InlineData("the browser that asked", "the browser that asked")]
    [InlineData("the browser that asked", "another")]
    [InlineData("another", "the browser that asked")]
    [InlineData("another", "a third")]
    public async Task Of_two_links_that_stand_open_the_first_sets_the_password(string first, string second)
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        using var asked = await ForgetAsync(server, "alice");
        var one = await sink.LinkAsync();
        await asked.GetAsync(asked.Links.First(l => l.Contains("reset-credentials", StringComparison.Ordinal)));
        await asked.SubmitAsync(("username", "alice"));
        var two = await sink.LinkAsync();
        Assert.NotEqual(one, two);
        using var another = server.Browser();
        using var third = server.Browser();
        TestBrowser Named(string name) => name switch { "another" => another, "a third" => third, _ => asked };

        await OpenAsync(Named(first), one);
        Assert.Equal("login-update-password", Named(first).PageId);
        var form = (Action: Named(first).Actions[0], Hidden: Named(first).Hidden().ToList());
        await OpenAsync(Named(second), two);
        Assert.Equal("login-update-password", Named(second).PageId);
        var late = (Action: Named(second).Actions[0], Hidden: Named(second).Hidden().ToList());

        await Named(first).PostAsync(form.Action, [.. form.Hidden, ("password-new", NewPassword), ("password-confirm", NewPassword)]);
        await Named(first).FollowAsync();
        Assert.True(Named(first).Code is not null || Named(first).PageId == "info", Named(first).Text);
        await Named(second).PostAsync(late.Action, [.. late.Hidden, ("password-new", "Third-horse-3"), ("password-confirm", "Third-horse-3")]);
        await Named(second).FollowAsync();
        Assert.True(Named(second).Status == HttpStatusCode.BadRequest && Named(second).PageId == "error", $"{Named(second).Status} {Named(second).PageId}");
        Assert.Contains("Action expired. Please continue with login now.", Named(second).Text, StringComparison.Ordinal);
        Assert.Null(Named(second).Code);
        if (first != second)
        {
            Assert.DoesNotContain("KEYCLOAK_IDENTITY", Named(second).Cookies.Keys);
        }

        using var stolen = await SignInAsync(server, "alice", "Third-horse-3");
        Assert.Null(stolen.Code);
        using var now = await SignInAsync(server, "alice", NewPassword);
        Assert.NotNull(now.Code);
    }

    /// <summary>In one browser that did not ask, the link that was opened last is the one that goes on: each has a sign-in of its own, and the browser carries one.</summary>
    [Fact]
    public async Task Of_two_links_in_one_strange_browser_the_last_goes_on()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        using var asked = await ForgetAsync(server, "alice");
        var one = await sink.LinkAsync();
        using var again = await ForgetAsync(server, "alice");
        var two = await sink.LinkAsync();
        using var browser = server.Browser();
        await OpenAsync(browser, one);
        var form = (Action: browser.Actions[0], Hidden: browser.Hidden().ToList());
        await OpenAsync(browser, two);
        var last = (Action: browser.Actions[0], Hidden: browser.Hidden().ToList());
        await browser.PostAsync(form.Action, [.. form.Hidden, ("password-new", "Third-horse-3"), ("password-confirm", "Third-horse-3")]);
        await browser.FollowAsync();
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));
        await browser.PostAsync(last.Action, [.. last.Hidden, ("password-new", NewPassword), ("password-confirm", NewPassword)]);
        await browser.FollowAsync();
        Assert.Equal("info", browser.PageId);
        using var now = await SignInAsync(server, "alice", NewPassword);
        Assert.NotNull(now.Code);
    }

    /// <summary>Posted at the same time: one wins, whichever, and its password is the one that counts.</summary>
    [Theory]
    [ClassData(typeof(Engines))]
    public async Task Of_links_that_are_posted_at_once_one_sets_the_password(DbEngine engine)
    {
        await using var sink = new SmtpSink();
        await using var server = await SignInServer.StartAsync(Realm(sink.Port), services => services.AddSingleton<IRealms>(s => new SlowWrites<PutCredential>(s.GetRequiredService<RealmCache>())), engine);
        var browsers = new List<TestBrowser>();
        for (var i = 0; i < 4; i++)
        {
            using var asked = await ForgetAsync(server, "alice");
            var browser = server.Browser();
            await OpenAsync(browser, await sink.LinkAsync());
            Assert.Equal("login-update-password", browser.PageId);
            browsers.Add(browser);
        }

        string Wanted(int i) => $"Racing-horse-{i}";
        await Task.WhenAll(browsers.Select((b, i) => Task.Run(() => b.SubmitAsync(("password-new", Wanted(i)), ("password-confirm", Wanted(i))))));
        Assert.Single(browsers, b => b.PageId == "info");
        Assert.Equal(browsers.Count - 1, browsers.Count(b => b.PageId == "error" && b.Status == HttpStatusCode.BadRequest));
        using var now = await SignInAsync(server, "alice", Wanted(browsers.FindIndex(b => b.PageId == "info")));
        Assert.NotNull(now.Code);
        browsers.ForEach(b => b.Dispose());
    }

    /// <summary>A password that the policy refuses uses up the link but no other: who asks again can still set one.</summary>
    [Fact]
    public async Task A_link_that_led_nowhere_does_not_stand_in_the_way_of_the_next()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        using var first = await ForgetAsync(server, "alice");
        await OpenAsync(first, await sink.LinkAsync());
        await first.SubmitAsync(("password-new", NewPassword), ("password-confirm", "something else"));
        Assert.Equal("login-update-password", first.PageId);
        using var second = await ForgetAsync(server, "alice");
        await OpenAsync(second, await sink.LinkAsync());
        await second.SubmitAsync(("password-new", NewPassword), ("password-confirm", NewPassword));
        Assert.NotNull(second.Code);
        await first.SubmitAsync(("password-new", "Third-horse-3"), ("password-confirm", "Third-horse-3"));
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (first.Status, first.PageId));
    }

    [Fact]
    public async Task Nobody_learns_who_has_an_account()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        sink.Refused = "alice";
        using var known = await ForgetAsync(server, "alice");
        using var unknown = await ForgetAsync(server, "nobody");
        Assert.Equal(Plain(known.Text), Plain(unknown.Text));
        Assert.Equal(0, sink.Waiting);

        // What is new on every page.
        static string Plain(string page) => Regex.Replace(page, "(session_code|tab_id|client_data|execution)=[^&\"]*|nonce=\"[^\"]*\"|nonce-[^']*", "");
    }

    /// <summary>The realm may want whoever set a forgotten password to sign in with it.</summary>
    [Theory, InlineData("true", false), InlineData("false", true), InlineData("only-federated", true)]
    public async Task Who_forgot_a_password_signs_in_with_the_new_one_where_the_realm_wants_that(string setting, bool enters)
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        await TestFlows.PutAsync(server, "shop", ("reset", ["R reset-credentials-choose-user", $"R reset-credential-email @ force-login={setting}", "R reset-password"]));
        var realms = server.Services.GetRequiredService<IRealms>();
        var realm = (await realms.FindAsync("shop"))!;
        var settings = realm.Settings.ShallowCopy();
        settings.ResetCredentialsFlow = "reset";
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
        using var browser = await ForgetAsync(server, "alice");
        await OpenAsync(browser, await sink.LinkAsync());
        await browser.SubmitAsync(("password-new", NewPassword), ("password-confirm", NewPassword));
        Assert.Equal(enters, browser.Code is not null);
        Assert.Equal(enters, browser.Cookies.ContainsKey("KEYCLOAK_IDENTITY"));
    }
}
