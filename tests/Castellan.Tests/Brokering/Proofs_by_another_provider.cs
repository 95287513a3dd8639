using System.Net;
using System.Text.RegularExpressions;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Tests.Login;

namespace Castellan.Tests.Brokering;

/// <summary>Whoever is to prove that an account here is theirs may do so by an account of another provider that is linked to it.</summary>
public sealed class Proofs_by_another_provider
{
    private static async Task<TestBrowser> AskedAsync(BrokerRoom room, bool linked)
    {
        var realm = await room.RealmAsync();
        var alice = (await room.Users.FindByUsernameAsync(realm.Id, "alice"))!;
        if (linked)
        {
            await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutFederatedIdentity(alice.Id, new() { IdentityProvider = "second", UserId = "alice-there", UserName = "alice-there" })));
        }

        room.Up.Email = "alice@example.org";
        var browser = await room.ArriveAsync();
        await browser.SubmitAsync(("submitAction", "linkAccount"));
        Assert.Equal("login", browser.PageId);
        return browser;
    }

    private static IEnumerable<string> Buttons(TestBrowser browser) => Regex.Matches(browser.Text, "id=\"social-([^\"]*)\"").Select(m => m.Groups[1].Value);

    private static async Task ProveAsync(BrokerRoom room, TestBrowser browser, string subject)
    {
        await browser.GetAsync(WebUtility.HtmlDecode(Regex.Match(browser.Text, "id=\"social-second\"[^>]*href=\"([^\"]*)\"").Groups[1].Value));
        (room.Up.Subject, room.Up.Username, room.Up.Email, room.Up.Nonce) = (subject, subject, "alice@second.example", BrokerRoom.Sent(browser, "nonce"));
        await browser.GetAsync(room.Answer(browser));
        await browser.FollowAsync();
    }

    [Fact]
    public async Task The_others_are_offered()
    {
        await using var room = await BrokerRoom.OpenAsync();
        using var browser = await AskedAsync(room, linked: false);
        Assert.Equal(["second", "trusted"], Buttons(browser));
    }

    [Fact]
    public async Task An_account_that_is_linked_proves_it()
    {
        await using var room = await BrokerRoom.OpenAsync();
        using var browser = await AskedAsync(room, linked: true);
        await ProveAsync(room, browser, "alice-there");
        Assert.NotNull(browser.Code);
        Assert.Equal(["second:alice-there", "up:subject-1"], (await room.LinksAsync("alice")).Select(l => $"{l.IdentityProvider}:{l.UserId}").Order(StringComparer.Ordinal));
        Assert.Equal(1, await room.CountAsync());
    }

    [Fact]
    public async Task One_that_nobody_has_proves_nothing_and_makes_nobody()
    {
        await using var room = await BrokerRoom.OpenAsync();
        using var browser = await AskedAsync(room, linked: false);
        await ProveAsync(room, browser, "somebody");
        Assert.Equal("login", browser.PageId);
        Assert.Contains("The second user somebody is not linked to any known user.", browser.Text, StringComparison.Ordinal);
        Assert.Empty(await room.LinksAsync("alice"));
        Assert.Equal(1, await room.CountAsync());
        await browser.SubmitAsync(("username", "alice"), ("password", BrokerRoom.Password));
        Assert.NotNull(browser.Code);
        Assert.Equal("up:subject-1", string.Join(' ', (await room.LinksAsync("alice")).Select(l => $"{l.IdentityProvider}:{l.UserId}")));
    }

    /// <summary>What the other provider demands behind each sign-in is demanded here, too.</summary>
    [Fact]
    public async Task The_flow_behind_the_other_provider_is_gone_through()
    {
        await using var room = await BrokerRoom.OpenAsync();
        await TestFlows.PutAsync(room.Server, BrokerRoom.RealmName, ("behind", ["R deny-access-authenticator"]));
        await room.ChangeAsync("second", p => p.PostBrokerLoginFlowAlias = "behind");
        using var browser = await AskedAsync(room, linked: true);
        await ProveAsync(room, browser, "alice-there");
        Assert.Null(browser.Code);
        Assert.Equal(HttpStatusCode.Unauthorized, browser.Status);
        Assert.Equal("second", Assert.Single(await room.LinksAsync("alice")).IdentityProvider);
    }
}
