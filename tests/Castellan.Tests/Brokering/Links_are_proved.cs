using System.Net;
using System.Text.RegularExpressions;
using Castellan.Core.Codes;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Server.Mail;
using Castellan.Storage;
using Castellan.Tests.Login;
using Castellan.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Brokering;

/// <summary>An account of a provider is linked to somebody who is here already only when they prove it: an address alone, however verified, is none of theirs.</summary>
public sealed class Links_are_proved
{
    [Theory]
    [InlineData("up")]
    [InlineData("trusted")]
    public async Task An_address_alone_links_nobody(string alias)
    {
        await using var room = await BrokerRoom.OpenAsync();
        room.Up.Email = "alice@example.org";
        var browser = await room.ArriveAsync(alias);
        Assert.Equal("login-idp-link-confirm", browser.PageId);
        await browser.SubmitAsync(("submitAction", "linkAccount"));
        Assert.Equal("login", browser.PageId);
        foreach (var (name, password) in ((string, string)[])[("alice", "wrong"), ("", BrokerRoom.Password), ("una", BrokerRoom.Password), ("alice", "")])
        {
            await browser.SubmitAsync(("username", name), ("password", password));
            Assert.Equal("login", browser.PageId);
            Assert.Empty(await room.LinksAsync("alice"));
        }

        await browser.SubmitAsync(("username", "alice"), ("password", BrokerRoom.Password));
        Assert.NotNull(browser.Code);
        Assert.Equal("subject-1", Assert.Single(await room.LinksAsync("alice")).UserId);
    }

    [Fact]
    public async Task A_name_alone_links_nobody()
    {
        await using var room = await BrokerRoom.OpenAsync();
        room.Up.Username = "Alice";
        var browser = await room.ArriveAsync();
        Assert.Equal("login-idp-link-confirm", browser.PageId);
        Assert.Empty(await room.LinksAsync("alice"));
    }

    /// <summary>Where people sign in with name or address, nobody gets the one as the other.</summary>
    [Theory]
    [InlineData("alice@example.org", "una@example.org")]
    [InlineData("una", "bob@example.org")]
    public async Task A_name_is_no_address_of_another_nor_an_address_the_name_of_another(string username, string email)
    {
        await using var room = await BrokerRoom.OpenAsync();
        var realm = (await room.Realms.FindAsync(BrokerRoom.RealmName))!;
        await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutUser(new() { Id = "bob", Username = "bob@example.org", Enabled = true })));
        (room.Up.Username, room.Up.Email) = (username, email);
        Assert.Equal("login-idp-link-confirm", (await room.ArriveAsync()).PageId);
    }

    /// <summary>The address behind the flow opens only from within it.</summary>
    [Fact]
    public async Task Nobody_gets_behind_the_flow_but_through_it()
    {
        await using var room = await BrokerRoom.OpenAsync();
        room.Up.Email = "alice@example.org";
        var browser = await room.ArriveAsync();
        foreach (var behind in (string[])["broker/after-first-broker-login", "broker/after-post-broker-login"])
        {
            var address = Regex.Replace(browser.Actions[0], "login-actions/first-broker-login", behind);
            await browser.GetAsync(address);
            Assert.Null(browser.Code);
            await browser.FollowAsync();
            Assert.Equal("login-idp-link-confirm", browser.PageId);
        }

        Assert.Empty(await room.LinksAsync("alice"));
    }

    /// <summary>A part of the sign-in that belongs to a provider cannot be entered without one.</summary>
    [Theory]
    [InlineData("first-broker-login")]
    [InlineData("post-broker-login")]
    public async Task The_flow_begins_at_a_provider(string path)
    {
        await using var room = await BrokerRoom.OpenAsync();
        using var browser = room.Server.Browser();
        await browser.OpenAsync(BrokerRoom.RealmName);
        var action = browser.Actions[0].Replace("login-actions/authenticate", $"login-actions/{path}", StringComparison.Ordinal);
        await browser.GetAsync(Regex.Replace(action, "(session_code|execution)=[^&]*&", ""));
        await browser.FollowAsync();
        Assert.Equal("login", browser.PageId);
        await browser.PostAsync(browser.Actions[0].Replace("login-actions/authenticate", $"login-actions/{path}", StringComparison.Ordinal), ("submitAction", "linkAccount"));
        Assert.NotEqual(HttpStatusCode.InternalServerError, browser.Status);
        Assert.Null(browser.Code);
    }

    [Fact]
    public async Task A_disabled_person_is_neither_signed_in_nor_linked()
    {
        await using var room = await BrokerRoom.OpenAsync();
        room.Up.Email = "alice@example.org";
        var browser = await room.ArriveAsync();
        await browser.SubmitAsync(("submitAction", "linkAccount"));
        await room.ChangeUserAsync("alice", alice => alice.Enabled = false);
        await browser.SubmitAsync(("username", "alice"), ("password", BrokerRoom.Password));
        Assert.Null(browser.Code);
        Assert.Empty(await room.LinksAsync("alice"));
    }

    /// <summary>The others are turned away, and the people who were made for them go again.</summary>
    [Theory]
    [ClassData(typeof(Engines))]
    public async Task Of_several_who_link_one_account_at_once_one_gets_it(DbEngine engine)
    {
        await using var room = await BrokerRoom.OpenAsync(services => services.AddSingleton<IRealms>(s => new SlowWrites<PutFederatedIdentity>(s.GetRequiredService<RealmCache>())), engine: engine);
        await room.ChangeAsync("up", p => p.Config!["disableNonce"] = "true");
        var ready = new List<TestBrowser>();
        for (var i = 0; i < 4; i++)
        {
            var browser = room.Server.Browser();
            await browser.OpenAsync(BrokerRoom.RealmName, ("kc_idp_hint", "up"));
            await browser.GetAsync(browser.Location!);
            (room.Up.Username, room.Up.Email) = ($"una-{i}", $"una-{i}@example.org");
            await browser.GetAsync(room.Answer(browser));
            await browser.GetAsync(browser.Location!);
            Assert.Contains("broker/after-first-broker-login", browser.Location, StringComparison.Ordinal);
            ready.Add(browser);
        }

        Assert.Equal(5, await room.CountAsync());
        var doors = ready.ConvertAll(b => b.Location!);
        await Task.WhenAll(ready.Select((b, i) => Task.Run(() => b.GetAsync(doors[i]))));
        Assert.Single(ready, b => b.Code is not null);
        Assert.Equal(3, ready.Count(b => b.Status == HttpStatusCode.BadRequest));
        Assert.Equal(1, await room.Users.CountAsync((await room.RealmAsync()).Id, new UserQuery(IdentityProvider: "up", FederatedUserId: "subject-1")));
        var winner = ready.FindIndex(b => b.Code is not null);
        Assert.Equal(2, await room.CountAsync());
        Assert.Single(await room.LinksAsync($"una-{winner}"));

        // Who tries again is the person who was faster: it is the same account.
        var loser = (winner + 1) % ready.Count;
        await ready[loser].GetAsync(doors[loser]);
        Assert.Null(ready[loser].Code);
        using var again = await room.ArriveAsync();
        Assert.NotNull(again.Code);
        Assert.Equal(2, await room.CountAsync());
        ready.ForEach(b => b.Dispose());
    }

    /// <summary>One account twice at once under one name: one person is made, and nobody is linked to them by the name alone.</summary>
    [Theory]
    [ClassData(typeof(Engines))]
    public async Task Of_several_first_sign_ins_of_one_account_one_makes_the_person(DbEngine engine)
    {
        await using var room = await BrokerRoom.OpenAsync(engine: engine);
        await room.ChangeAsync("up", p => p.Config!["disableNonce"] = "true");
        var ready = new List<TestBrowser>();
        for (var i = 0; i < 4; i++)
        {
            var browser = room.Server.Browser();
            await browser.OpenAsync(BrokerRoom.RealmName, ("kc_idp_hint", "up"));
            await browser.GetAsync(browser.Location!);
            await browser.GetAsync(room.Answer(browser));
            Assert.Contains("login-actions/first-broker-login", browser.Location, StringComparison.Ordinal);
            ready.Add(browser);
        }

        await Task.WhenAll(ready.Select(b => Task.Run(async () =>
        {
            await b.GetAsync(b.Location!);
            await b.FollowAsync();
        })));
        Assert.Single(ready, b => b.Code is not null);
        Assert.Equal(3, ready.Count(b => b.PageId == "login-idp-link-confirm"));
        Assert.Equal(2, await room.CountAsync());
        Assert.Equal("subject-1", Assert.Single(await room.LinksAsync("una")).UserId);
        ready.ForEach(b => b.Dispose());
    }

    /// <summary>A double click or a reload while the account is being linked: whichever request goes on, the person whom it is linked to is there afterwards.</summary>
    [Fact]
    public async Task One_sign_in_in_two_requests_keeps_its_person()
    {
        await using var room = await BrokerRoom.OpenAsync(services => services.AddSingleton<IRealms>(s => new SlowWrites<PutFederatedIdentity>(s.GetRequiredService<RealmCache>())));
        using var browser = await BeforeTheLinkAsync(room);
        var door = browser.Location!;
        using var reload = browser.Copy();
        await Task.WhenAll(((TestBrowser[])[browser, reload]).Select((b, i) => Task.Run(async () =>
        {
            await Task.Delay(i * 100);
            await b.GetAsync(door);
            await b.FollowAsync();
        })));
        Assert.True(browser.Code is not null || reload.Code is not null);
        Assert.Equal("subject-1", Assert.Single(await room.LinksAsync("una")).UserId);
        Assert.Equal(2, await room.CountAsync());
    }

    /// <summary>A server that ended in the middle holds the account for a while; who comes meanwhile tries again, and nobody is deleted for it.</summary>
    [Fact]
    public async Task Who_finds_the_account_held_tries_again()
    {
        await using var room = await BrokerRoom.OpenAsync();
        using var browser = await BeforeTheLinkAsync(room);
        var (realm, held) = ((await room.RealmAsync()).Id, room.Server.Services.GetRequiredService<IOneUse>());
        var until = DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeMilliseconds();
        Assert.True(await held.TryAddAsync(realm, "broker-linking", "up.subject-1", until, TestContext.Current.CancellationToken));
        var door = browser.Location!;
        await browser.GetAsync(door);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, browser.Status);
        Assert.Equal(2, await room.CountAsync());

        Assert.NotNull(await held.TakeAsync(realm, "broker-linking", "up.subject-1", TestContext.Current.CancellationToken));
        await browser.GetAsync(door);
        await browser.FollowAsync();
        Assert.NotNull(browser.Code);
        Assert.Single(await room.LinksAsync("una"));
    }

    /// <summary>A browser whose next address links the person who was just made.</summary>
    private static async Task<TestBrowser> BeforeTheLinkAsync(BrokerRoom room)
    {
        var browser = await room.LeaveAsync();
        await browser.GetAsync(room.Answer(browser));
        await browser.GetAsync(browser.Location!);
        Assert.Contains("broker/after-first-broker-login", browser.Location, StringComparison.Ordinal);
        Assert.Equal(2, await room.CountAsync());
        return browser;
    }

    /// <summary>A person whose administrator keeps them from changing their account does not get another way into it.</summary>
    [Theory]
    [InlineData("manage-account", true)]
    [InlineData("manage-account-links", true)]
    [InlineData("view-profile", false)]
    public async Task Links_are_made_by_those_who_may(string role, bool may)
    {
        await using var room = await BrokerRoom.OpenAsync();
        var realm = await room.RealmAsync();
        var alice = (await room.Users.FindByUsernameAsync(realm.Id, "alice"))!;
        string Role(string name) => realm.Roles.OfClientNamed("account").First(r => r.Name == name).Id;
        var changes = new ChangeSet(realm.Id);
        foreach (var had in alice.RoleIds)
        {
            changes.Add(new RemoveRole(RoleOwner.User, alice.Id, had));
        }

        await room.Realms.ApplyAsync(changes.Add(new AddRole(RoleOwner.User, alice.Id, Role(role))));
        using var browser = room.Server.Browser();
        await browser.OpenAsync(BrokerRoom.RealmName, ("kc_action", "idp_link:up"));
        await browser.SubmitAsync(("username", "alice"), ("password", BrokerRoom.Password));
        Assert.Equal(may ? "link-idp-action" : null, browser.PageId);
        if (may)
        {
            await browser.SubmitAsync(("continue", ""));
            room.Up.Nonce = BrokerRoom.Sent(browser, "nonce");
            // What was taken away while they were there is gone when they come back.
            await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new RemoveRole(RoleOwner.User, alice.Id, Role(role))));
            await browser.GetAsync(room.Answer(browser));
            Assert.Equal(HttpStatusCode.BadGateway, browser.Status);
        }
        else
        {
            Assert.Contains("kc_action_status=error", browser.Location, StringComparison.Ordinal);
        }

        Assert.Empty(await room.LinksAsync("alice"));
    }

    /// <summary>Whoever has an account with somebody else's address at a provider can have so many mails sent to it, and no more.</summary>
    [Fact]
    public async Task Mails_that_ask_for_a_link_have_a_ceiling()
    {
        var sent = new SentLinks();
        await using var room = await BrokerRoom.OpenAsync(services => services.AddSingleton<IMailSender>(sent), mail: true);
        room.Up.Email = "alice@example.org";
        for (var round = 0; round < 8; round++)
        {
            using var browser = await room.ArriveAsync();
            await browser.SubmitAsync(("submitAction", "linkAccount"));
            Assert.Equal("login-idp-link-email", browser.PageId);
        }

        Assert.Equal(5, sent.Links.Count);
    }

    /// <summary>CVE-2026-9087: the mail confirms the account that it was sent for, not the one that came in its place.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_mail_confirms_the_account_that_it_was_sent_for(bool inAnotherBrowser)
    {
        var sent = new SentLinks();
        await using var room = await BrokerRoom.OpenAsync(services => services.AddSingleton<IMailSender>(sent), mail: true);
        room.Up.Email = "alice@example.org";
        var browser = await room.ArriveAsync();
        await browser.SubmitAsync(("submitAction", "linkAccount"));
        Assert.Equal("login-idp-link-email", browser.PageId);
        var link = Assert.Single(sent.Links);

        // In the same sign-in, another account at the provider: one that is not alice's.
        var start = browser.Links.First(l => l.Contains("first-broker-login", StringComparison.Ordinal));
        room.Up.Subject = "the-attackers";
        await browser.GetAsync(start.Replace("first-broker-login", "restart", StringComparison.Ordinal));
        await browser.FollowAsync();
        room.Up.Nonce = BrokerRoom.Sent(browser, "nonce");
        await browser.GetAsync(room.Answer(browser));
        await browser.FollowAsync();
        Assert.Equal("login-idp-link-confirm", browser.PageId);

        using var reader = room.Server.Browser();
        var opens = inAnotherBrowser ? reader : browser;
        await opens.GetAsync(link);
        if (opens.Links.FirstOrDefault(l => l.Contains("action-token", StringComparison.Ordinal)) is { } proceed)
        {
            await opens.GetAsync(proceed);
        }

        await opens.FollowAsync();
        Assert.Null(opens.Code);
        await browser.GetAsync(start);
        await browser.FollowAsync();
        Assert.Null(browser.Code);
        Assert.Empty(await room.LinksAsync("alice"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_mail_that_is_followed_links_once(bool inAnotherBrowser)
    {
        var sent = new SentLinks();
        await using var room = await BrokerRoom.OpenAsync(services => services.AddSingleton<IMailSender>(sent), mail: true);
        room.Up.Email = "alice@example.org";
        var browser = await room.ArriveAsync();
        await browser.SubmitAsync(("submitAction", "linkAccount"));
        var waiting = browser.Links.Last(l => l.Contains("first-broker-login", StringComparison.Ordinal));
        using var reader = room.Server.Browser();
        var opens = inAnotherBrowser ? reader : browser;
        await opens.GetAsync(sent.Links[0]);
        if (inAnotherBrowser)
        {
            Assert.Empty(await room.LinksAsync("alice"));
            await opens.GetAsync(opens.Links.First(l => l.Contains("action-token", StringComparison.Ordinal)));
            Assert.Null(opens.Code);
            await browser.GetAsync(waiting);
        }

        await browser.FollowAsync();
        Assert.NotNull(browser.Code);
        Assert.Single(await room.LinksAsync("alice"));
        await reader.GetAsync(sent.Links[0]);
        Assert.Equal("info", reader.PageId);
        Assert.Null(reader.Code);
    }

    /// <summary>Catches the link that a mail would carry.</summary>
    private sealed class SentLinks : IMailSender
    {
        public List<string> Links { get; } = [];

        public ValueTask<bool> SendAsync(SmtpSettings settings, string to, MailText mail, CancellationToken ct = default)
        {
            Links.Add(Regex.Match(mail.Text, "http\\S+").Value);
            return new(true);
        }
    }
}
