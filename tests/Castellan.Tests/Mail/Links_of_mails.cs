using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Castellan.Core.Mail;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;
using Castellan.Server.Mail;
using Castellan.Storage;
using Castellan.Tests.Login;
using Castellan.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Mail;

/// <summary>Forgotten passwords, verified and changed addresses, required actions by mail: through a real mail server, in a real browser's steps.</summary>
public sealed class Links_of_mails
{
    private const string Password = "Correct-horse-1";
    private const string NewPassword = "Another-horse-2";

    private static string Realm(int port, string more = "") => $$"""
        {
          "realm": "shop", "displayName": "The <Shop>", "enabled": true, "resetPasswordAllowed": true, "loginWithEmailAllowed": true,
          "smtpServer": {"host": "127.0.0.1", "port": "{{port}}", "from": "shop@example.org", "fromDisplayName": "Shöp", "envelopeFrom": "bounces@example.org"},
          "internationalizationEnabled": true, "supportedLocales": ["en", "de"], "defaultLocale": "en",{{more}}
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "emailVerified": true, "credentials": [{"type": "password", "value": "{{Password}}"}]},
                    {"username": "bob", "enabled": true, "email": "bob@example.org", "firstName": "B", "lastName": "B", "requiredActions": ["VERIFY_EMAIL"], "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    private static async Task<(SmtpSink Sink, SignInServer Server)> StartAsync(string more = "")
    {
        var sink = new SmtpSink();
        return (sink, await SignInServer.StartAsync(Realm(sink.Port, more)));
    }

    private static async Task<TestBrowser> ForgetAsync(SignInServer server, string username)
    {
        var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.GetAsync(browser.Links.First(l => l.Contains("reset-credentials", StringComparison.Ordinal)));
        await browser.SubmitAsync(("username", username));
        Assert.Equal("login", browser.PageId);
        Assert.Contains("You should receive an email shortly", browser.Text, StringComparison.Ordinal);
        return browser;
    }

    private static async Task<TestBrowser> SignInAsync(SignInServer server, string username, string password, params (string, string)[] query)
    {
        var browser = server.Browser();
        await browser.OpenAsync("shop", query);
        await browser.SubmitAsync(("username", username), ("password", password));
        return browser;
    }

    private static async Task OpenAsync(TestBrowser browser, string link)
    {
        await browser.GetAsync(link);
        await browser.FollowAsync();
    }

    private static async Task<User> UserAsync(SignInServer server, string username)
    {
        var realm = await server.Services.GetRequiredService<IRealms>().FindAsync("shop");
        return (await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm!.Id, username))!;
    }

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

    [Fact]
    public async Task An_address_is_verified_in_the_browser_that_waits()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        using var browser = await SignInAsync(server, "bob", Password);
        Assert.Equal("login-verify-email", browser.PageId);
        var link = await sink.LinkAsync();
        await browser.GetAsync(browser.Links.First(l => l.Contains("required-action", StringComparison.Ordinal)));
        Assert.Contains("You must wait", browser.Text, StringComparison.Ordinal);
        Assert.Equal(0, sink.Waiting);
        await OpenAsync(browser, link);
        Assert.NotNull(browser.Code);
        Assert.True((await UserAsync(server, "bob")).Representation.EmailVerified);
        await OpenAsync(browser, link);
        Assert.Contains("has been verified already", browser.Text, StringComparison.Ordinal);
    }

    /// <summary>The pause between two mails is the realm's to set, for each action that sends them; zero is none.</summary>
    [Theory]
    [InlineData("VERIFY_EMAIL", null, 30)]
    [InlineData("VERIFY_EMAIL", "600", 600)]
    [InlineData("VERIFY_EMAIL", "soon", 30)]
    [InlineData("VERIFY_EMAIL", "0", 0)]
    [InlineData("UPDATE_EMAIL", "600", 30)]
    public async Task How_soon_a_mail_is_sent_again_is_set_in_the_realm(string action, string? setting, int pause)
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        await server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add(new PutPart(PartKind.RequiredAction, PartIds.RequiredAction(realm.Id, action), action,
            new RequiredActionProviderRepresentation { Alias = action, ProviderId = action, Name = action, Enabled = true, Priority = 50, Config = new() { ["emailResendCooldownSeconds"] = setting } })));
        using var browser = await SignInAsync(server, "bob", Password);
        await sink.NextAsync();
        await browser.GetAsync(browser.Links.First(l => l.Contains("required-action", StringComparison.Ordinal)));
        if (pause == 0)
        {
            await sink.NextAsync();
            Assert.DoesNotContain("You must wait", browser.Text, StringComparison.Ordinal);
            return;
        }

        var left = int.Parse(Regex.Match(browser.Text, "You must wait ([0-9]+) seconds").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(left, pause - 20, pause);
        Assert.Equal(0, sink.Waiting);
    }

    [Fact]
    public async Task In_another_browser_the_person_confirms_first()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        using var waits = await SignInAsync(server, "bob", Password);
        using var other = server.Browser();
        await OpenAsync(other, await sink.LinkAsync());
        Assert.Contains("Confirm validity of e-mail address bob@example.org", other.Text, StringComparison.Ordinal);
        Assert.NotEqual(true, (await UserAsync(server, "bob")).Representation.EmailVerified);
        await OpenAsync(other, other.Links.First(l => l.Contains("action-token", StringComparison.Ordinal)));
        Assert.Contains("Your email address has been verified.", other.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("KEYCLOAK_IDENTITY", other.Cookies.Keys);
    }

    [Fact]
    public async Task A_changed_address_counts_when_its_own_mailbox_says_so()
    {
        var (sink, server) = await StartAsync("\"verifyEmail\": true, \"requiredActions\": [{\"alias\": \"UPDATE_EMAIL\", \"name\": \"Update Email\", \"providerId\": \"UPDATE_EMAIL\", \"enabled\": true, \"priority\": 70}],");
        await using var box = sink;
        await using var running = server;
        using var browser = await SignInAsync(server, "alice", Password, ("kc_action", "UPDATE_EMAIL"));
        Assert.Equal("update-email", browser.PageId);
        await browser.SubmitAsync(("email", "bob@example.org"));
        Assert.Contains("Email already exists.", browser.Text, StringComparison.Ordinal);
        await browser.SubmitAsync(("email", "new@example.org"));
        Assert.Equal("info", browser.PageId);
        var (_, to, mail) = await sink.NextAsync();
        Assert.Equal(["new@example.org"], to);
        Assert.Equal("alice@example.org", (await UserAsync(server, "alice")).Email);
        var link = Regex.Match(mail.TextBody!, "http\\S+").Value;

        // Until then each sign-in asks for it.
        Assert.Equal("new@example.org", (await UserAsync(server, "alice")).Attribute("kc.email.pending"));
        using var again = await SignInAsync(server, "alice", Password);
        Assert.Equal("update-email", again.PageId);
        Assert.Contains("A mail to verify your new address new@example.org was sent.", again.Text, StringComparison.Ordinal);
        using var other = server.Browser();
        await OpenAsync(other, link);
        Assert.Null((await UserAsync(server, "alice")).Attribute("kc.email.pending"));
        Assert.Contains("successfully updated to new@example.org", other.Text, StringComparison.Ordinal);
        Assert.Equal(("new@example.org", true), ((await UserAsync(server, "alice")).Email, (await UserAsync(server, "alice")).Representation.EmailVerified ?? false));
        await OpenAsync(other, link);
        Assert.Equal(HttpStatusCode.BadRequest, other.Status);
    }

    private const string ConfirmedAddresses = "\"requiredActions\": [{\"alias\": \"UPDATE_EMAIL\", \"name\": \"Update Email\", \"providerId\": \"UPDATE_EMAIL\", \"enabled\": true, \"priority\": 70, \"config\": {\"verifyEmail\": \"true\", \"emailResendCooldownSeconds\": \"0\"}}, {\"alias\": \"UPDATE_PROFILE\", \"name\": \"Update Profile\", \"providerId\": \"UPDATE_PROFILE\", \"enabled\": true, \"priority\": 40}],";

    /// <summary>Until the new address is confirmed each sign-in asks for it, and the old one counts.</summary>
    [Fact]
    public async Task A_change_that_waits_for_its_confirmation_is_kept_in_mind()
    {
        var (sink, server) = await StartAsync(ConfirmedAddresses);
        await using var box = sink;
        await using var running = server;
        using var browser = await SignInAsync(server, "alice", Password, ("kc_action", "UPDATE_EMAIL"));
        await browser.SubmitAsync(("email", "New@example.org"));
        Assert.Equal("info", browser.PageId);
        var first = await sink.LinkAsync();
        var alice = await UserAsync(server, "alice");
        Assert.Equal(("alice@example.org", true, "New@example.org"), (alice.Email, alice.Representation.EmailVerified ?? false, alice.Attribute("kc.email.pending")));

        using var later = await SignInAsync(server, "alice", Password);
        Assert.Equal("update-email", later.PageId);
        Assert.Contains("A mail to verify your new address New@example.org was sent", later.Text, StringComparison.Ordinal);
        Assert.Contains("value=\"New@example.org\"", later.Text, StringComparison.Ordinal);
        await later.SubmitAsync(("email", "newer@example.org"));
        var second = await sink.LinkAsync();

        // The person wants another address by now: the first link does nothing.
        using var other = server.Browser();
        await OpenAsync(other, first);
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (other.Status, other.PageId));
        Assert.Equal("alice@example.org", (await UserAsync(server, "alice")).Email);
        await OpenAsync(other, second);
        alice = await UserAsync(server, "alice");
        Assert.Equal(("newer@example.org", null), (alice.Email, alice.Attribute("kc.email.pending")));
        using var last = await SignInAsync(server, "alice", Password);
        Assert.NotNull(last.Code);
    }

    [Fact]
    public async Task A_change_that_an_administrator_takes_back_is_not_confirmed_any_more()
    {
        var (sink, server) = await StartAsync(ConfirmedAddresses);
        await using var box = sink;
        await using var running = server;
        using var browser = await SignInAsync(server, "alice", Password, ("kc_action", "UPDATE_EMAIL"));
        await browser.SubmitAsync(("email", "new@example.org"));
        var link = await sink.LinkAsync();
        var (realms, alice) = (server.Services.GetRequiredService<IRealms>(), await UserAsync(server, "alice"));
        var changed = UserRepresentations.Copy(alice.Representation);
        changed.Attributes!.Remove("kc.email.pending");
        await realms.ApplyAsync(new ChangeSet((await realms.FindAsync("shop"))!.Id).Add(new PutUser(changed)));
        using var other = server.Browser();
        await OpenAsync(other, link);
        Assert.Equal(HttpStatusCode.BadRequest, other.Status);
        Assert.Contains("cancelled", other.Text, StringComparison.Ordinal);
        Assert.Equal("alice@example.org", (await UserAsync(server, "alice")).Email);
    }

    /// <summary>What happens to a person while their mail is on its way stays; and a mail that could not be sent leaves no address that waits for its answer.</summary>
    [Theory]
    [InlineData("renamed", true, "alice@example.org Ames new@example.org")]
    [InlineData("renamed", false, "alice@example.org Ames -")]
    [InlineData("confirmed", true, "new@example.org A -")]
    [InlineData("removed", true, null)]
    [InlineData("removed", false, null)]
    public async Task What_is_changed_while_the_mail_is_sent_stays(string what, bool sent, string? after)
    {
        var sender = new SlowSender(sent);
        await using var server = await SignInServer.StartAsync(Realm(1, ConfirmedAddresses), services => services.AddSingleton<IMailSender>(sender));
        var realms = server.Services.GetRequiredService<IRealms>();
        sender.OnTheWay = async () =>
        {
            var alice = await UserAsync(server, "alice");
            Assert.Equal("new@example.org", alice.Attribute("kc.email.pending"));
            var changed = UserRepresentations.Copy(alice.Representation);
            if (what == "confirmed")
            {
                changed.Email = "new@example.org";
                changed.Attributes!.Remove("kc.email.pending");
            }

            changed.LastName = what == "renamed" ? "Ames" : changed.LastName;
            await realms.ApplyAsync(new ChangeSet((await realms.FindAsync("shop"))!.Id).Add(what == "removed" ? new DeleteUser(alice.Id) : new PutUser(changed)));
        };
        using var browser = await SignInAsync(server, "alice", Password, ("kc_action", "UPDATE_EMAIL"));
        await browser.SubmitAsync(("email", "new@example.org"));
        Assert.Equal(sent ? "info" : "error", browser.PageId);
        var found = await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync((await realms.FindAsync("shop"))!.Id, "alice");
        Assert.Equal(after, found is null ? null : $"{found.Email} {found.Representation.LastName} {found.Attribute("kc.email.pending") ?? "-"}");
    }

    /// <summary>Something happens while the mail is on its way.</summary>
    private sealed class SlowSender(bool sent) : IMailSender
    {
        public Func<Task>? OnTheWay { get; set; }

        public async ValueTask<bool> SendAsync(SmtpSettings settings, string to, MailText mail, CancellationToken ct)
        {
            await OnTheWay!();
            return sent;
        }
    }

    /// <summary>In other letter case it is the same address: nothing is to be confirmed.</summary>
    [Fact]
    public async Task The_own_address_in_other_letters_is_no_change()
    {
        var (sink, server) = await StartAsync(ConfirmedAddresses);
        await using var box = sink;
        await using var running = server;
        using var browser = await SignInAsync(server, "alice", Password, ("kc_action", "UPDATE_EMAIL"));
        await browser.SubmitAsync(("email", "ALICE@example.org"));
        Assert.NotNull(browser.Code);
        var alice = await UserAsync(server, "alice");
        Assert.Equal(("alice@example.org", true, null), (alice.Email, alice.Representation.EmailVerified ?? false, alice.Attribute("kc.email.pending")));
    }

    /// <summary>A profile that lacks an address gets one by its form, and where addresses are confirmed the mail goes out at once.</summary>
    [Theory]
    [InlineData("", "bob", "bob")]
    [InlineData("\"registrationEmailAsUsername\": true,", "bob@example.org", "bob.2@example.org")]
    public async Task An_address_that_a_profile_lacked_is_confirmed_as_well(string more, string before, string after)
    {
        var (sink, server) = await StartAsync(more + ConfirmedAddresses);
        await using var box = sink;
        await using var running = server;
        var (realms, bob) = (server.Services.GetRequiredService<IRealms>(), await UserAsync(server, before));
        var changed = UserRepresentations.Copy(bob.Representation);
        (changed.Email, changed.RequiredActions) = (null, ["UPDATE_PROFILE"]);
        await realms.ApplyAsync(new ChangeSet((await realms.FindAsync("shop"))!.Id).Add(new PutUser(changed)));
        using var browser = await SignInAsync(server, before, Password);
        Assert.Equal("login-update-profile", browser.PageId);
        await browser.SubmitAsync(("email", "bob.2@example.org"), ("firstName", "B"), ("lastName", "B"));
        Assert.Equal("info", browser.PageId);
        Assert.Null((await UserAsync(server, before)).Email);
        using var other = server.Browser();
        await OpenAsync(other, await sink.LinkAsync());
        bob = await UserAsync(server, after);
        Assert.Equal(("bob.2@example.org", true, 0), (bob.Email, bob.Representation.EmailVerified ?? false, bob.Representation.RequiredActions?.Count ?? 0));
    }

    /// <summary>What the application asks for the person starts: no mail before they say so. Each sign-in that waits for a mail has one of its own.</summary>
    [Fact]
    public async Task A_verification_that_the_application_asks_for_begins_with_the_person()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        await StripAsync(server, "bob");
        using var browser = await SignInAsync(server, "bob", Password, ("kc_action", "VERIFY_EMAIL"));
        Assert.Equal("login-verify-email", browser.PageId);
        Assert.Contains("we are about to send you", browser.Text, StringComparison.Ordinal);
        await browser.SubmitAsync();
        Assert.Contains("has been sent to your address bob@example.org", browser.Text, StringComparison.Ordinal);
        await sink.NextAsync();
        Assert.Equal(0, sink.Waiting);
        await browser.SubmitAsync(("cancel-aia", "true"));
        Assert.Contains("kc_action_status=cancelled", browser.Location, StringComparison.Ordinal);
    }

    private static async Task StripAsync(SignInServer server, string username)
    {
        var (realms, user) = (server.Services.GetRequiredService<IRealms>(), await UserAsync(server, username));
        var changed = UserRepresentations.Copy(user.Representation);
        changed.RequiredActions = [];
        await realms.ApplyAsync(new ChangeSet((await realms.FindAsync("shop"))!.Id).Add(new PutUser(changed)));
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

    /// <summary>No application waits behind an administrator's mail: whoever signs in there comes out at their account.</summary>
    [Fact]
    public async Task Who_signs_in_where_a_link_began_comes_out_at_their_account()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var alice = await UserAsync(server, "alice");
        var token = new ActionToken(ActionTypes.ExecuteActions, alice.Id, alice.Email, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 300) { Actions = ["UPDATE_PASSWORD"] };
        using var browser = server.Browser();
        await browser.GetAsync($"{server.Base}/realms/shop/login-actions/action-token?key={await server.Services.GetRequiredService<ActionTokens>().IssueAsync(realm, token, $"{server.Base}/realms/shop")}");
        Assert.Equal("info", browser.PageId);
        await browser.GetAsync($"{server.Base}/realms/shop/login-actions/authenticate?{browser.Links[0].Split('&', 2)[1]}");
        Assert.Equal("login", browser.PageId);
        await browser.PostAsync(browser.Actions[0], ("username", "alice"), ("password", Password));
        Assert.Equal((HttpStatusCode.Found, $"{server.Base}/realms/shop/account/"), (browser.Status, browser.Location));
    }

    /// <summary>The client's addresses may have changed since the mail was sent.</summary>
    [Theory, InlineData("http://localhost:3000/callback", HttpStatusCode.OK), InlineData("http://localhost:3000/elsewhere", HttpStatusCode.BadRequest)]
    public async Task A_link_leads_back_only_where_its_client_may(string back, HttpStatusCode status)
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var alice = await UserAsync(server, "alice");
        var token = new ActionToken(ActionTypes.ExecuteActions, alice.Id, alice.Email, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 300) { Client = "web", RedirectUri = back, Actions = ["UPDATE_PASSWORD"] };
        using var browser = server.Browser();
        await OpenAsync(browser, $"/realms/shop/login-actions/action-token?key={await server.Services.GetRequiredService<ActionTokens>().IssueAsync(realm, token, $"{server.Base}/realms/shop")}");
        Assert.Equal(status, browser.Status);
        Assert.Equal(status != HttpStatusCode.OK, browser.Text.Contains("Invalid redirect uri", StringComparison.Ordinal));
    }

    /// <summary>Every way in which a link can be another than the one that was sent.</summary>
    [Fact]
    public async Task A_link_that_is_not_the_one_that_was_sent_does_nothing()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var tokens = server.Services.GetRequiredService<ActionTokens>();
        var alice = await UserAsync(server, "alice");
        var (issuer, soon) = ($"{server.Base}/realms/shop", DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 300);
        var good = new ActionToken(ActionTypes.ExecuteActions, alice.Id, alice.Email, soon) { Actions = ["UPDATE_PASSWORD"] };
        var parts = (await tokens.IssueAsync(realm, good, issuer)).Split('.');
        var none = $"{Base64Url.EncodeToString("""{"alg":"none"}"""u8)}.{parts[1]}.";
        foreach (var (text, words) in new[]
        {
            ("nonsense", "An error occurred"), ("", "Invalid Request"), (none, "An error occurred"), ($"{parts[0]}.{parts[1]}.AAAA", "An error occurred"),
            ($"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes("{}"))}.{parts[2]}", "An error occurred"),
            (await tokens.IssueAsync(realm, good with { Expires = soon - 400 }, issuer), "Action expired."),
            (await tokens.IssueAsync(realm, good, "http://elsewhere.example/realms/shop"), "An error occurred"),
            (await tokens.IssueAsync(realm, good with { Type = "Refresh" }, issuer), "An error occurred"),
            (await tokens.IssueAsync(realm, good with { Email = "old@example.org" }, issuer), "Invalid email address"),
            (await tokens.IssueAsync(realm, good with { UserId = "nobody" }, issuer), "Invalid username or password"),
        })
        {
            using var browser = server.Browser();
            await OpenAsync(browser, $"/realms/shop/login-actions/action-token?key={text}");
            Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));
            Assert.True(browser.Text.Contains(words, StringComparison.OrdinalIgnoreCase), $"{text}: not '{words}' but {browser.Text}");
        }

        using var bob = await SignInAsync(server, "alice", Password);
        await OpenAsync(bob, $"/realms/shop/login-actions/action-token?key={await tokens.IssueAsync(realm, good with { UserId = (await UserAsync(server, "bob")).Id, Email = "bob@example.org" }, issuer)}");
        Assert.Contains("already authenticated as different user", bob.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_has_two_parts_and_values_are_text_in_both()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        using var asked = await ForgetAsync(server, "alice");
        var (from, to, mail) = await sink.NextAsync();
        Assert.Equal(("bounces@example.org", "alice@example.org"), (from, Assert.Single(to)));
        Assert.Equal("Shöp", mail.From.Mailboxes.Single().Name);
        Assert.Equal("shop@example.org", mail.ReplyTo.Mailboxes.Single().Address);
        Assert.Equal("Reset password", mail.Subject);
        Assert.Contains("The <Shop>", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("The &lt;Shop&gt;", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("expire within 5 minutes", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("rel=\"nofollow\"", mail.HtmlBody, StringComparison.Ordinal);
    }
}
