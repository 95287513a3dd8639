using Castellan.Core.Realms;
using Castellan.Core.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Login;

/// <summary>What a browser brings along from before: its session, its language, its other tabs.</summary>
public sealed class Signing_in_again
{
    private const string Password = "Correct-horse-1";

    private const string Realm = $$"""
        {
          "realm": "shop", "enabled": true, "resetPasswordAllowed": true, "internationalizationEnabled": true, "supportedLocales": ["en", "de"], "defaultLocale": "en",
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "attributes": {"locale": ["de"]}, "credentials": [{"type": "password", "value": "{{Password}}"}]},
                    {"username": "bob", "enabled": true, "email": "bob@example.org", "firstName": "B", "lastName": "B", "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    private static async Task<TestBrowser> SignInAsync(SignInServer server, string name)
    {
        var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", name), ("password", Password));
        Assert.NotNull(browser.Code);
        return browser;
    }

    [Fact]
    public async Task Whoever_is_asked_to_prove_themselves_anew_may_say_that_they_are_somebody_else()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await SignInAsync(server, "alice");
        await browser.OpenAsync("shop", ("prompt", "login"));
        Assert.Contains("kc-attempted-username", browser.Text, StringComparison.Ordinal);
        await browser.GetAsync(browser.Links.First(l => l.Contains("restart", StringComparison.Ordinal)));
        await browser.FollowAsync();
        Assert.DoesNotContain("kc-attempted-username", browser.Text, StringComparison.Ordinal);

        await browser.SubmitAsync(("username", "bob"), ("password", Password));
        var tokens = await server.TokensAsync("shop", browser.Code!);
        Assert.Equal("bob", Tokens.Payload(tokens.GetProperty("id_token").GetString()!).GetProperty("preferred_username").GetString());
    }

    [Fact]
    public async Task The_account_console_renews_the_session_and_its_cookies()
    {
        var time = new Later();
        await using var server = await SignInServer.StartAsync(Realm, services => services.AddSingleton<TimeProvider>(time));
        using var browser = await SignInAsync(server, "alice");
        for (var visits = 0; visits < 3; visits++)
        {
            var before = browser.Cookies["KEYCLOAK_IDENTITY"];
            time.Ahead += TimeSpan.FromMinutes(20);
            await browser.GetAsync("/realms/shop/account/");
            Assert.NotEqual(before, browser.Cookies["KEYCLOAK_IDENTITY"]);
        }

        // An hour after the sign-in, with half an hour of idleness allowed.
        await browser.OpenAsync("shop");
        Assert.NotNull(browser.Code);

        time.Ahead += TimeSpan.FromMinutes(40);
        var last = browser.Cookies["KEYCLOAK_IDENTITY"];
        await browser.GetAsync("/realms/shop/account/");
        Assert.Equal(last, browser.Cookies.GetValueOrDefault("KEYCLOAK_IDENTITY", last));
        await browser.OpenAsync("shop");
        Assert.Null(browser.Code);
    }

    private sealed class Later : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }

    [Fact]
    public async Task A_browser_shows_the_language_of_the_person_who_signed_in_last()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await SignInAsync(server, "alice");
        Assert.Equal("de", browser.Cookies["KEYCLOAK_LOCALE"]);
        browser.Forget("KEYCLOAK_IDENTITY");
        await browser.OpenAsync("shop");
        Assert.Contains("<html lang=\"de\"", browser.Text, StringComparison.Ordinal);

        // Somebody who never chose one takes the choice of the one before back.
        await browser.SubmitAsync(("username", "bob"), ("password", Password));
        Assert.DoesNotContain("KEYCLOAK_LOCALE", browser.Cookies.Keys);
    }

    [Theory, InlineData("de; Path=/"), InlineData("de\r\nSet-Cookie: x=y"), InlineData("{}")]
    public async Task A_language_that_is_none_is_not_written_into_a_cookie(string locale)
    {
        await using var server = await SignInServer.StartAsync(Realm);
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var bob = UserRepresentations.Copy((await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, "bob"))!.Representation);
        bob.Attributes = new() { ["locale"] = [locale] };
        await server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add(new PutUser(bob)));
        using var browser = await SignInAsync(server, "bob");
        Assert.DoesNotContain("KEYCLOAK_LOCALE", browser.Cookies.Keys);
    }

    /// <summary>Who is signed in is known: the mail goes to them, and the page asks for their password alone, session or not.</summary>
    [Theory]
    [InlineData("protocol/openid-connect/forgot-credentials?client_id=web&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback&response_type=code&scope=openid")]
    [InlineData("login-actions/reset-credentials")]
    public async Task Who_is_signed_in_need_not_say_whose_password_is_forgotten(string address)
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await SignInAsync(server, "bob");
        await browser.GetAsync($"/realms/shop/{address}");
        Assert.Equal("login", browser.PageId);
        Assert.Contains("You should receive an email shortly", browser.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"username\"", browser.Text, StringComparison.Ordinal);
        Assert.Contains("KEYCLOAK_IDENTITY", browser.Cookies.Keys);
    }

    [Fact]
    public async Task Who_was_disabled_half_way_goes_no_further()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        await TestFlows.UseAsync(server, "shop", ("two pages", ["R auth-username-form", "R auth-password-form"]));
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "bob"));
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var bob = UserRepresentations.Copy((await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, "bob"))!.Representation);
        bob.Enabled = false;
        await server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add(new PutUser(bob)));
        await browser.SubmitAsync(("password", "wrong"));
        Assert.Equal("error", browser.PageId);
        Assert.Contains("Account is disabled", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forgotten_password_leaves_the_tab_that_waits_and_the_sign_in_goes_on_in_another()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        var first = browser.Actions[0];
        await browser.GetAsync(browser.Links.First(l => l.Contains("reset-credentials", StringComparison.Ordinal)));
        await browser.SubmitAsync(("username", "alice"));
        Assert.NotEqual(Tab(first), Tab(browser.Actions[0]));

        await browser.SubmitAsync(("username", "bob"), ("password", Password));
        Assert.NotNull(browser.Code);

        static string Tab(string url) => System.Text.RegularExpressions.Regex.Match(url, "tab_id=([^&]*)").Value;
    }
}
