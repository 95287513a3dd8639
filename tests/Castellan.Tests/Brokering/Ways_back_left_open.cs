using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Brokering;

/// <summary>Who left for a provider on the strength of a session comes back to nothing once that has ended: no account is linked, and no session begun without a proof.</summary>
public sealed class Ways_back_left_open
{
    private static async Task<TestBrowser> LeaveToLinkAsync(BrokerRoom room, string? ends)
    {
        await room.LetAliceLinkAsync();
        var browser = room.Server.Browser();
        await browser.OpenAsync(BrokerRoom.RealmName);
        await browser.SubmitAsync(("username", "alice"), ("password", BrokerRoom.Password));
        Assert.NotNull(browser.Code);
        await browser.OpenAsync(BrokerRoom.RealmName, ("kc_action", "idp_link:up"));
        await browser.FollowAsync();
        Assert.Equal("link-idp-action", browser.PageId);
        await browser.SubmitAsync(("continue", ""));
        Assert.StartsWith(FakeProvider.Issuer, browser.Location, StringComparison.Ordinal);
        room.Up.Nonce = BrokerRoom.Sent(browser, "nonce");
        var realm = await room.RealmAsync();
        var alice = (await room.Users.FindByUsernameAsync(realm.Id, "alice"))!;
        switch (ends)
        {
            case "session":
                Assert.Single(await room.Server.Services.GetRequiredService<ISessions>().DeleteByUserAsync(realm.Id, alice.Id));
                break;
            case "person":
                await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new DeleteUser(alice.Id)));
                break;
        }

        return browser;
    }

    private static string Back(BrokerRoom room, TestBrowser browser, bool refused) =>
        refused ? room.Answer(browser).Replace("code=a-code", "error=access_denied", StringComparison.Ordinal) : room.Answer(browser);

    [Theory]
    [InlineData("session", false)]
    [InlineData("session", true)]
    [InlineData("person", false)]
    [InlineData("person", true)]
    public async Task Begin_anew(string ends, bool refused)
    {
        await using var room = await BrokerRoom.OpenAsync();
        using var browser = await LeaveToLinkAsync(room, ends);
        var back = Back(room, browser, refused);
        for (var times = 0; times < 2; times++)
        {
            await browser.GetAsync(back);
            await browser.FollowAsync();
            Assert.Null(browser.Code);
            Assert.Equal("login", browser.PageId);
        }

        Assert.Empty(await room.LinksAsync("alice"));
        if (ends == "session")
        {
            var realm = await room.RealmAsync();
            var alice = (await room.Users.FindByUsernameAsync(realm.Id, "alice"))!;
            Assert.Empty(await room.Server.Services.GetRequiredService<ISessions>().ListByUserAsync(realm.Id, alice.Id));

            // Behind a proof it goes on.
            await browser.SubmitAsync(("username", "alice"), ("password", BrokerRoom.Password));
            Assert.Equal("link-idp-action", browser.PageId);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Go_on_while_the_session_lives(bool refused)
    {
        await using var room = await BrokerRoom.OpenAsync();
        using var browser = await LeaveToLinkAsync(room, null);
        await browser.GetAsync(Back(room, browser, refused));
        await browser.FollowAsync();
        Assert.NotNull(browser.Code);
        Assert.Contains($"kc_action_status={(refused ? "cancelled" : "success")}", browser.Location, StringComparison.Ordinal);
        Assert.Equal(refused ? 0 : 1, (await room.LinksAsync("alice")).Count);
    }
}
