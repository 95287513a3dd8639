using System.Net;
using System.Text.RegularExpressions;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Server.Mail;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;
using static Castellan.Tests.Mail.MailRealm;

namespace Castellan.Tests.Mail;

/// <summary>Verified and changed addresses by mail: through a real mail server, in a real browser's steps.</summary>
public sealed class Addresses_are_confirmed
{
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
}
