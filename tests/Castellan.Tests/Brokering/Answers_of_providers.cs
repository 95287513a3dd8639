using System.Net;
using Castellan.Core.Realms;
using Castellan.Tests.Login;

namespace Castellan.Tests.Brokering;

/// <summary>An answer counts once, in the browser and the sign-in that asked, for the provider that was asked (RFC 9700 §4.4, §4.7; RFC 9207).</summary>
public sealed class Answers_of_providers
{
    [Fact]
    public async Task It_counts_in_the_browser_that_asked()
    {
        await using var room = await BrokerRoom.OpenAsync();
        var asked = await room.LeaveAsync();
        using var victim = room.Server.Browser();
        await room.LeaveAsync(victim);
        await victim.GetAsync(room.Answer(asked));
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (victim.Status, victim.PageId));
        Assert.Empty(room.Up.Codes);
    }

    [Fact]
    public async Task It_counts_once()
    {
        await using var room = await BrokerRoom.OpenAsync();
        var browser = await room.LeaveAsync();
        var answer = room.Answer(browser);
        await browser.GetAsync(answer);
        await browser.GetAsync(answer);
        Assert.Single(room.Up.Codes);
    }

    /// <summary>Every address of a sign-in by a provider, from the button to the client, as one browser passes them.</summary>
    private static async Task<List<string>> PassAsync(BrokerRoom room, TestBrowser browser, Func<string, Task>? before = null)
    {
        var passed = new List<string>();
        await browser.OpenAsync(BrokerRoom.RealmName, ("kc_idp_hint", "up"));
        while (browser.Code is null)
        {
            var next = browser.Location!;
            if (next.StartsWith(FakeProvider.Issuer, StringComparison.Ordinal))
            {
                room.Up.Nonce = BrokerRoom.Sent(browser, "nonce");
                next = room.Answer(browser);
            }

            if (before is not null)
            {
                await before(next);
            }

            await browser.GetAsync(next);
            passed.Add(next);
            Assert.True(passed.Count < 8, string.Join('\n', passed));
        }

        return passed;
    }

    /// <summary>CVE-2025-46815: nothing of a sign-in that is over signs in again, neither in its own browser nor in one that has its cookies only.</summary>
    [Theory]
    [InlineData("the same browser")]
    [InlineData("the same browser, signed out")]
    [InlineData("another browser")]
    public async Task CVE_2025_46815_no_address_of_a_sign_in_counts_twice(string where)
    {
        await using var room = await BrokerRoom.OpenAsync();
        using var browser = room.Server.Browser();
        var passed = await PassAsync(room, browser);
        Assert.Contains(passed, p => p.Contains("after-first-broker-login", StringComparison.Ordinal));
        using var other = room.Server.Browser();
        foreach (var address in passed)
        {
            var again = where == "another browser" ? other : browser;
            if (where == "the same browser, signed out")
            {
                again.Forget("KEYCLOAK_IDENTITY");
                again.Forget("KEYCLOAK_SESSION");
            }

            await again.GetAsync(address);
            Assert.True(again.Code is null, address);
            Assert.NotEqual(HttpStatusCode.InternalServerError, again.Status);
        }

        Assert.Single(room.Up.Codes);
        Assert.Equal(2, await room.CountAsync());
    }

    /// <summary>CVE-2025-52553: an address of a sign-in under way is worth nothing in another session, even one that is under way itself; and to try it disturbs nobody.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CVE_2025_52553_no_address_of_a_sign_in_counts_in_another_session(bool underWay)
    {
        await using var room = await BrokerRoom.OpenAsync();
        using var browser = room.Server.Browser();
        using var thief = room.Server.Browser();
        if (underWay)
        {
            await room.LeaveAsync(thief);
        }

        await PassAsync(room, browser, async next =>
        {
            await thief.GetAsync(next);
            Assert.True(thief.Code is null, next);
            Assert.False(thief.Location?.StartsWith(SignInServer.Callback, StringComparison.Ordinal) ?? false, next);
            Assert.DoesNotContain("KEYCLOAK_IDENTITY", thief.Cookies.Keys);
        });
        Assert.Single(room.Up.Codes);
        Assert.Single(await room.LinksAsync("una"));
    }

    [Fact]
    public async Task Of_many_at_once_one_counts()
    {
        await using var room = await BrokerRoom.OpenAsync();
        var browser = await room.LeaveAsync();
        var (answer, cookie) = (room.Answer(browser), string.Join("; ", browser.Cookies.Select(c => $"{c.Key}={c.Value}")));
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, answer) { Headers = { { "Cookie", cookie } } };
            using var got = await client.SendAsync(request);
            Assert.NotEqual(HttpStatusCode.InternalServerError, got.StatusCode);
        }));
        Assert.Single(room.Up.Codes);
    }

    public static TheoryData<string, string?, string> Mixed => new()
    {
        { "at another provider", "second", "" },
        { "of another issuer", null, "&iss=https%3A%2F%2Fother.example" },
        { "of another issuer, an error", null, "&iss=https%3A%2F%2Fother.example&error=access_denied" },
    };

    [Theory]
    [MemberData(nameof(Mixed))]
    public async Task It_counts_for_the_provider_that_was_asked(string what, string? alias, string more)
    {
        await using var room = await BrokerRoom.OpenAsync();
        var browser = await room.LeaveAsync();
        await browser.GetAsync(room.Answer(browser, alias: alias, more: more));
        Assert.True(browser.Status == HttpStatusCode.BadGateway, what);
        // The code was shown to nobody, and the request is spent: what comes later counts no more.
        await browser.GetAsync(room.Answer(await room.LeaveAsync()));
        Assert.Empty(room.Up.Codes);
    }

    [Fact]
    public async Task A_newer_request_takes_the_place_of_an_older_one()
    {
        await using var room = await BrokerRoom.OpenAsync();
        var browser = await room.LeaveAsync();
        var old = room.Answer(browser);
        await browser.GetAsync(room.Answer(browser).Replace("code=a-code", "error=temporarily_unavailable&error_description=authentication_expired", StringComparison.Ordinal));
        Assert.StartsWith(FakeProvider.Issuer, browser.Location, StringComparison.Ordinal);
        await browser.GetAsync(old);
        Assert.Empty(room.Up.Codes);
    }

    private static readonly Dictionary<string, Func<BrokerRoom, Task>> s_closed = new()
    {
        ["provider"] = room => room.ChangeAsync("up", p => p.Enabled = false),
        ["client"] = async room =>
        {
            var realm = await room.RealmAsync();
            var client = (await Get<Core.Clients.IClients>(room).FindAsync(realm, "web"))!.Representation;
            client = System.Text.Json.JsonSerializer.Deserialize(System.Text.Json.JsonSerializer.Serialize(client, Core.Representations.AdminJson.Default.ClientRepresentation), Core.Representations.AdminJson.Default.ClientRepresentation)!;
            client.Enabled = false;
            await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutClient(client)));
        },
        ["realm"] = async room =>
        {
            var realm = await room.RealmAsync();
            var settings = System.Text.Json.JsonSerializer.Deserialize(System.Text.Json.JsonSerializer.Serialize(realm.Settings, Core.Representations.AdminJson.Default.RealmRepresentation), Core.Representations.AdminJson.Default.RealmRepresentation)!;
            settings.Enabled = false;
            await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
        },
    };

    public static TheoryData<string, string> Closed => [.. from what in s_closed.Keys from when in (string[])["on the way there", "at the answer", "in the first sign-in", "behind it"] select (what, when)];

    /// <summary>CVE-2026-1486, CVE-2026-3009, CVE-2026-2603: what was disabled meanwhile signs nobody in, wherever they stand.</summary>
    [Theory]
    [MemberData(nameof(Closed))]
    public async Task What_is_disabled_meanwhile_signs_nobody_in(string what, string when)
    {
        await using var room = await BrokerRoom.OpenAsync();
        using var browser = room.Server.Browser();
        await browser.OpenAsync(BrokerRoom.RealmName, ("kc_idp_hint", "up"));
        var next = browser.Location!;
        if (when != "on the way there")
        {
            await browser.GetAsync(next);
            room.Up.Nonce = BrokerRoom.Sent(browser, "nonce");
            next = room.Answer(browser);
        }

        for (var hops = when switch { "in the first sign-in" => 1, "behind it" => 2, _ => 0 }; hops > 0; hops--)
        {
            await browser.GetAsync(next);
            next = browser.Location!;
        }

        await s_closed[what](room);
        await browser.GetAsync(next);
        await browser.FollowAsync();
        Assert.Null(browser.Code);
        Assert.False(browser.Location?.StartsWith(FakeProvider.Issuer, StringComparison.Ordinal) ?? false, browser.Location);
        Assert.NotEqual(HttpStatusCode.InternalServerError, browser.Status);
        Assert.Empty(await room.LinksAsync("una"));
    }

    [Fact]
    public async Task A_provider_for_linking_signs_nobody_in()
    {
        await using var room = await BrokerRoom.OpenAsync();
        using var browser = room.Server.Browser();
        await browser.OpenAsync(BrokerRoom.RealmName, ("kc_idp_hint", "linking"));
        await browser.FollowAsync();
        Assert.Equal(HttpStatusCode.BadGateway, browser.Status);
    }

    private static T Get<T>(BrokerRoom room) where T : notnull => Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<T>(room.Server.Services);
}
