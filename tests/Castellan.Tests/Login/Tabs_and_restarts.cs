using System.Net;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Login;

/// <summary>Addresses of a sign-in opened at the wrong moment: from before, from behind, from another tab, with somebody else signed in.</summary>
public sealed class Tabs_and_restarts : IAsyncLifetime
{
    private const string Password = "Correct-horse-1";

    private const string Realm = $$"""
        {
          "realm": "shop", "enabled": true, "registrationAllowed": true, "resetPasswordAllowed": true, "eventsEnabled": true,
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]},
                      {"clientId": "other", "publicClient": true, "redirectUris": ["http://localhost:3000/other"]},
                      {"clientId": "pkce", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "attributes": {"pkce.code.challenge.method": "S256"} },
                      {"clientId": "pushes", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "attributes": {"require.pushed.authorization.requests": "true"} },
                      {"clientId": "objects", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "attributes": {"request.object.required": "request only"} },
                      {"clientId": "direct", "publicClient": true, "standardFlowEnabled": false, "redirectUris": ["http://localhost:3000/callback"]},
                      {"clientId": "api", "bearerOnly": true, "redirectUris": ["http://localhost:3000/callback"]},
                      {"clientId": "saml", "protocol": "saml", "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "{{Password}}"}]},
                    {"username": "bob", "enabled": true, "email": "bob@example.org", "firstName": "B", "lastName": "B", "requiredActions": ["TERMS_AND_CONDITIONS"], "credentials": [{"type": "password", "value": "{{Password}}"}]}],
          "requiredActions": [{"alias": "TERMS_AND_CONDITIONS", "name": "Terms", "providerId": "TERMS_AND_CONDITIONS", "enabled": true, "defaultAction": false, "priority": 20}]
        }
        """;

    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SignInServer.StartAsync(Realm);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<TestBrowser> SignedInAsync()
    {
        var browser = _server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        Assert.NotNull(browser.Code);
        return browser;
    }

    private async Task<string[]> FailuresAsync() =>
        [.. (await _server.Services.GetRequiredService<IEventStore>().ListAsync((await RealmAsync()).Id, new EventQuery())).Where(e => e.Error is not null).Select(e => $"{e.Type} {e.Error}")];

    private async Task<Realm> RealmAsync() => (await _server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;

    private static string Address(TestBrowser page, string path, string? execution = null) =>
        System.Text.RegularExpressions.Regex.Replace(page.Actions[0].Replace("login-actions/authenticate", "login-actions/" + path, StringComparison.Ordinal), "(session_code|execution)=[^&]*&", "")
            + (execution is null ? "" : "&execution=" + execution);

    // Scripts that sign people in look for the address in the page's text, and not all of them read HTML.
    [Fact]
    public async Task A_form_is_taken_at_its_address_as_the_page_spells_it()
    {
        using var script = _server.Browser();
        await script.OpenAsync("shop");
        await script.PostAsync(script.Actions[0].Replace("&", "&amp;", StringComparison.Ordinal), ("username", "alice"), ("password", Password));
        Assert.NotNull(script.Code);
    }

    [Fact]
    public async Task Somebody_else_in_another_tab_is_told_who_is_signed_in()
    {
        using var one = _server.Browser();
        await one.OpenAsync("shop");
        using var two = one.Copy();
        await two.OpenAsync("shop");
        await one.SubmitAsync(("username", "alice"), ("password", Password));
        using var late = one.Copy();
        await late.PostAsync(two.Actions[0], ("username", "carol"), ("password", Password));
        await late.PostAsync(late.Actions[0], ("username", "bob"), ("password", Password));
        await late.FollowAsync();
        await late.SubmitAsync(("accept", "on"));
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (late.Status, late.PageId));
        Assert.Contains("already authenticated as different user", late.Text, StringComparison.Ordinal);
        Assert.Contains("LOGIN_ERROR different_user_authenticated", await FailuresAsync());

        // Alice's session lives on.
        await one.OpenAsync("shop");
        Assert.NotNull(one.Code);
    }

    /// <summary>A page of the sign-in and a page of what must be done have lifespans of their own; the tab outlives both.</summary>
    [Theory]
    [InlineData("login", "login", false)]
    [InlineData("login", "terms", true)]
    [InlineData("action", "login", true)]
    [InlineData("action", "terms", false)]
    public async Task Who_takes_too_long_for_a_page_begins_anew_in_the_same_tab(string lifespan, string page, bool inTime)
    {
        var realms = _server.Services.GetRequiredService<IRealms>();
        var settings = (await RealmAsync()).Settings.ShallowCopy();
        (settings.AccessCodeLifespanLogin, settings.AccessCodeLifespanUserAction) = lifespan == "login" ? (1, 300) : (300, 1);
        await realms.ApplyAsync(new ChangeSet((await RealmAsync()).Id).Add(new PutRealm(settings)));
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        if (page == "terms")
        {
            await browser.SubmitAsync(("username", "bob"), ("password", Password));
        }

        Assert.Equal(page, browser.PageId);
        var before = Tab(browser.Actions[0]);
        await Task.Delay(1200);
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        Assert.Equal(inTime, browser.Code is not null);
        if (!inTime)
        {
            Assert.Contains("Your login attempt timed out", browser.Text, StringComparison.Ordinal);
            Assert.Equal(before, Tab(browser.Actions[0]));
            Assert.Equal([page == "terms" ? "CUSTOM_REQUIRED_ACTION_ERROR expired_code" : "LOGIN_ERROR expired_code"], await FailuresAsync());
        }

        static string Tab(string url) => System.Text.RegularExpressions.Regex.Match(url, "tab_id=([^&]*)").Value;
    }

    [Fact]
    public async Task Who_registers_is_not_the_one_who_is_signed_in()
    {
        using var browser = await SignedInAsync();
        await browser.OpenAsync("shop", ("prompt", "create"));
        Assert.Equal("register", browser.PageId);
        await browser.SubmitAsync(("username", "dave"), ("email", "dave@example.org"), ("firstName", "D"), ("lastName", "D"), ("password", Password), ("password-confirm", Password));
        var tokens = await _server.TokensAsync("shop", browser.Code!);
        Assert.Contains("dave", Payload(tokens.GetProperty("id_token").GetString()!), StringComparison.Ordinal);
        await browser.OpenAsync("shop", ("prompt", "none"));
        tokens = await _server.TokensAsync("shop", browser.Code!);
        Assert.Contains("dave", Payload(tokens.GetProperty("id_token").GetString()!), StringComparison.Ordinal);
        await browser.OpenAsync("shop", ("prompt", "create login"));
        Assert.Equal("login", browser.PageId);

        static string Payload(string token) => System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]));
    }

    /// <summary>Any page may have an image whose address this is.</summary>
    [Theory, InlineData("auth", "prompt=create&"), InlineData("registrations", ""), InlineData("forgot-credentials", "")]
    public async Task Nobody_is_signed_out_by_a_link_to_register(string door, string more)
    {
        using var browser = await SignedInAsync();
        await browser.GetAsync($"/realms/shop/protocol/openid-connect/{door}?{more}client_id=web&response_type=code&scope=openid&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        await browser.OpenAsync("shop", ("prompt", "none"));
        Assert.NotNull(browser.Code);
    }

    [Fact]
    public async Task A_start_from_the_beginning_ends_the_session_and_changes_the_id_of_the_browser()
    {
        using var browser = await SignedInAsync();
        await browser.OpenAsync("shop", ("prompt", "login"));
        var before = browser.Cookies["AUTH_SESSION_ID"];
        await browser.GetAsync(Address(browser, "restart"));
        Assert.NotEqual(before, browser.Cookies["AUTH_SESSION_ID"]);
        Assert.False(browser.Cookies.ContainsKey("KEYCLOAK_IDENTITY"));
        Assert.True(browser.Cookies.ContainsKey("KC_RESTART"));
        await browser.FollowAsync();
        Assert.Equal("login", browser.PageId);
        var events = await _server.Services.GetRequiredService<IEventStore>().ListAsync((await RealmAsync()).Id, new EventQuery(["RESTART_AUTHENTICATION"]));
        Assert.Equal("web", Assert.Single(events).ClientId);
    }

    [Fact]
    public async Task A_start_from_the_beginning_leads_where_the_application_began()
    {
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        await browser.GetAsync(Address(browser, "registration"));
        await browser.GetAsync(browser.Actions[0].Replace("login-actions/registration", "login-actions/restart", StringComparison.Ordinal));
        Assert.Contains("login-actions/authenticate", browser.Location, StringComparison.Ordinal);
        await browser.OpenAsync("shop", ("prompt", "create"));
        await browser.GetAsync(browser.Actions[0].Replace("login-actions/registration", "login-actions/restart", StringComparison.Ordinal));
        Assert.Contains("login-actions/registration", browser.Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_is_spent_shows_its_page_again_and_says_so()
    {
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        var spent = browser.Actions[0];
        await browser.PostAsync(spent, ("username", "alice"), ("password", "wrong"));
        await browser.PostAsync(spent, ("username", "alice"), ("password", Password));
        await browser.FollowAsync();
        Assert.Equal("login", browser.PageId);
        Assert.Contains("Action expired.", browser.Text, StringComparison.Ordinal);
        await browser.PostAsync(browser.Actions[0].Replace("execution=", "execution=x", StringComparison.Ordinal), ("username", "alice"), ("password", Password));
        Assert.Equal("login-page-expired", browser.PageId);
    }

    [Fact]
    public async Task Parts_are_entered_in_their_order()
    {
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        var authenticate = Address(browser, "authenticate");
        await browser.GetAsync(Address(browser, "required-action"));
        Assert.Equal("login-page-expired", browser.PageId);
        Assert.Contains("CUSTOM_REQUIRED_ACTION_ERROR invalid_code", await FailuresAsync());
        await browser.GetAsync(authenticate);
        await browser.SubmitAsync(("username", "bob"), ("password", Password));
        Assert.Equal("terms", browser.PageId);
        var terms = browser.Actions[0];
        await browser.GetAsync(authenticate);
        Assert.Equal("login-page-expired", browser.PageId);
        await browser.PostAsync(terms.Replace("TERMS_AND_CONDITIONS", "UPDATE_PASSWORD", StringComparison.Ordinal), ("accept", "on"));
        Assert.Contains("login-actions/required-action?execution=TERMS_AND_CONDITIONS", browser.Location, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, HttpStatusCode, string, string> Lost => new()
    {
        { "authenticate", "client_id=web&tab_id=gone&client_data=garbage", HttpStatusCode.BadRequest, "Invalid Request", "LOGIN_ERROR invalid_request" },
        { "authenticate", "client_id=web&tab_id=gone", HttpStatusCode.Found, "", "LOGIN_ERROR expired_code" },
        { "registration", "client_id=web&tab_id=gone", HttpStatusCode.Found, "", "REGISTER_ERROR expired_code" },
        { "authenticate", "client_id=other&tab_id=gone", HttpStatusCode.BadRequest, "An error occurred, please login again through your application.", "LOGIN_ERROR invalid_code" },
        { "required-action", "client_id=other&tab_id=gone", HttpStatusCode.BadRequest, "An error occurred, please login again through your application.", "CUSTOM_REQUIRED_ACTION_ERROR invalid_code" },
    };

    [Theory, MemberData(nameof(Lost))]
    public async Task A_sign_in_that_is_gone_begins_anew_or_says_why_not(string path, string query, HttpStatusCode status, string words, string failure)
    {
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        await browser.GetAsync($"/realms/shop/login-actions/{path}?{query}");
        Assert.Equal(status, browser.Status);
        Assert.Contains(words, browser.Text, StringComparison.Ordinal);
        Assert.StartsWith(status == HttpStatusCode.Found ? $"{_server.Base}/realms/shop/login-actions/authenticate?" : "", browser.Location ?? "", StringComparison.Ordinal);
        Assert.Contains(failure, await FailuresAsync());
    }

    public static TheoryData<string, HttpStatusCode, string> Resets => new()
    {
        { "", HttpStatusCode.OK, "kc-reset-password-form" },
        { "?client_id=web", HttpStatusCode.OK, "kc-reset-password-form" },
        { "?client_id=web&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback", HttpStatusCode.OK, "kc-reset-password-form" },
        { "?client_id=web&redirect_uri=https%3A%2F%2Fevil.tld%2F", HttpStatusCode.BadRequest, "Invalid parameter: redirect_uri" },
        { "?redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback", HttpStatusCode.BadRequest, "Missing parameters: client_id" },
        { "?client_id=nobody", HttpStatusCode.BadRequest, "Client not found" },
        { "?client_id=pkce", HttpStatusCode.OK, "kc-reset-password-form" },
        { "?client_id=pkce&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback", HttpStatusCode.BadRequest, "Invalid Request" },
        { "?client_id=pushes&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback", HttpStatusCode.BadRequest, "Invalid Request" },
        { "?client_id=objects&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback", HttpStatusCode.BadRequest, "Invalid Request" },
        { "?client_id=direct&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback", HttpStatusCode.BadRequest, "Invalid Request" },
        { "?client_id=api&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback", HttpStatusCode.Forbidden, "Bearer-only" },
        { "?client_id=saml&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback", HttpStatusCode.BadRequest, "Wrong client protocol" },
    };

    [Theory, MemberData(nameof(Resets))]
    public async Task An_application_may_link_to_the_forgotten_password(string query, HttpStatusCode status, string words)
    {
        using var browser = _server.Browser();
        await browser.GetAsync("/realms/shop/login-actions/reset-credentials" + query);
        Assert.Equal(status, browser.Status);
        Assert.Contains(words, browser.Text, StringComparison.Ordinal);
    }

    /// <summary>CVE-2026-8922: what was issued before a not-before counts no more, the cookie of the browser neither.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task Single_sign_on_from_before_a_not_before_is_nothing(bool ofRealm)
    {
        using var browser = await SignedInAsync();
        var realm = await RealmAsync();
        var after = (int)DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1;
        if (ofRealm)
        {
            var settings = realm.Settings.ShallowCopy();
            settings.NotBefore = after;
            await _server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
        }
        else
        {
            var alice = UserRepresentations.Copy((await _server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, "alice"))!.Representation);
            alice.NotBefore = after;
            await _server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add(new PutUser(alice)));
        }

        await browser.OpenAsync("shop", ("prompt", "none"));
        Assert.Contains("error=login_required", browser.Location, StringComparison.Ordinal);
        Assert.False(browser.Cookies.ContainsKey("KEYCLOAK_IDENTITY"));
    }
}
