using System.Net;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Login;

/// <summary>Ways to sign in and what stands beside them; limits on sessions; scopes to be allowed.</summary>
public sealed class Choices_in_flows : IAsyncLifetime
{
    private const string Password = "Correct-horse-1";

    private const string Realm = $$"""
        {
          "realm": "shop", "enabled": true, "eventsEnabled": true,
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]},
                      {"clientId": "second", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]},
                      {"clientId": "asks", "publicClient": true, "consentRequired": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "{{Password}}"},
                       {"type": "otp", "secretData": "{\"value\":\"a-secret-of-twenty-b\"}", "credentialData": "{\"subType\":\"totp\",\"digits\":6,\"counter\":0,\"period\":30,\"algorithm\":\"HmacSHA1\"}"}] },
                    {"username": "carol", "enabled": true, "email": "carol@example.org", "firstName": "C", "lastName": "C", "credentials": [{"type": "password", "value": "{{Password}}"}]},
                    {"username": "dora", "enabled": false, "email": "dora@example.org", "firstName": "D", "lastName": "D", "credentials": [{"type": "password", "value": "{{Password}}"}]},
                    {"username": "nina", "enabled": true, "email": "nina@example.org", "firstName": "N", "lastName": "N"}]
        }
        """;

    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SignInServer.StartAsync(Realm);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<string[]> FailuresAsync() =>
        [.. (await _server.Services.GetRequiredService<IEventStore>().ListAsync((await _server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!.Id, new EventQuery())).Where(e => e.Error is not null).Select(e => e.Error!)];

    [Fact]
    public async Task Who_has_none_of_the_alternatives_is_turned_away_without_their_names()
    {
        await TestFlows.UseAsync(_server, "shop", ("either", ["R auth-username-form", "R > factor"]), ("factor", ["A auth-password-form", "A auth-otp-form"]));
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "nina"));
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));
        Assert.Contains("Invalid username or password.", browser.Text, StringComparison.Ordinal);
        Assert.Equal(["invalid_user_credentials"], await FailuresAsync());
    }

    [Fact]
    public async Task The_choice_stays_until_a_way_is_taken_and_only_what_is_offered_can_be()
    {
        await TestFlows.UseAsync(_server, "shop", ("either", ["R auth-username-form", "R > factor"]), ("factor", ["A auth-password-form", "A auth-otp-form"]));
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "alice"));
        var page = browser.Actions[0];
        await browser.PostAsync(page, ("tryAnotherWay", "on"));
        Assert.Equal("select-authenticator", browser.PageId);
        await browser.GetAsync(System.Text.RegularExpressions.Regex.Replace(browser.Actions[0], "session_code=[^&]*&", ""));
        Assert.Equal("select-authenticator", browser.PageId);
        await browser.SubmitAsync(("authenticationExecution", "factor-1"));
        Assert.Equal("login-otp", browser.PageId);
        await browser.PostAsync(browser.Actions[0], ("authenticationExecution", "nonsense"));
        Assert.Equal("error", browser.PageId);
    }

    [Fact]
    public async Task Beside_what_must_be_done_nothing_can_be_chosen()
    {
        await TestFlows.UseAsync(_server, "shop", ("mixed", ["C > never", "A auth-username-password-form"]), ("never", ["R conditional-user-role @ condUserRole=nobody", "R auth-otp-form"]));
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));
    }

    [Fact]
    public async Task Single_sign_on_at_another_client_is_one_session_more_of_that_client()
    {
        await TestFlows.UseAsync(_server, "shop", ("limited", ["R > entry", "R user-session-limits @ userClientLimit=1,behavior=Deny new session"]), ("entry", ["A auth-cookie", "A auth-username-password-form"]));
        async Task<TestBrowser> EnterAsync(string client)
        {
            var browser = _server.Browser();
            await browser.OpenAsync("shop", ("client_id", client));
            await browser.SubmitAsync(("username", "alice"), ("password", Password));
            return browser;
        }

        using var one = await EnterAsync("web");
        using var two = await EnterAsync("second");
        Assert.NotNull(two.Code);
        await one.OpenAsync("shop");
        Assert.NotNull(one.Code);
        await one.OpenAsync("shop", ("client_id", "second"));
        Assert.Equal((HttpStatusCode.Forbidden, "error"), (one.Status, one.PageId));
        Assert.Equal(["generic_authentication_error"], await FailuresAsync());
    }

    [Fact]
    public async Task The_session_of_somebody_else_does_not_count_as_ones_own()
    {
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "carol"), ("password", Password));
        Assert.NotNull(browser.Code);
        await TestFlows.UseAsync(_server, "shop", ("limited", ["R auth-username-password-form", "R user-session-limits @ userRealmLimit=1,behavior=Deny new session"]));
        using var elsewhere = _server.Browser();
        await elsewhere.OpenAsync("shop");
        await elsewhere.SubmitAsync(("username", "alice"), ("password", Password));
        Assert.NotNull(elsewhere.Code);
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        Assert.Equal((HttpStatusCode.Forbidden, "error"), (browser.Status, browser.PageId));
    }

    /// <summary>What a condition looks at, and whether the sub-flow behind it turns alice away.</summary>
    [Theory]
    [InlineData("conditional-credential @ credentials=none,included=true", false)]
    [InlineData("conditional-credential @ credentials=otp,included=true", true)]
    [InlineData("conditional-client-scope @ client_scope=there-is-none,negate=true", false)]
    [InlineData("conditional-client-scope @ client_scope=phone,negate=true", true)]
    public async Task A_condition_is_asked_again_until_it_holds(string condition, bool refused)
    {
        await TestFlows.UseAsync(_server, "shop", ("asks", ["R auth-username-password-form", "C > then", "R auth-otp-form"]), ("then", [$"R {condition}", "R deny-access-authenticator"]));
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        if (browser.PageId == "login-otp")
        {
            await browser.SubmitAsync(("otp", Walker.Now()));
        }

        Assert.Equal((refused, refused ? "error" : null), (browser.Code is null, browser.PageId));
    }

    /// <summary>Before anything is proved, nothing was used.</summary>
    [Fact]
    public async Task Who_used_nothing_used_none()
    {
        await TestFlows.UseAsync(_server, "shop", ("asks", ["C > nothing", "R auth-username-password-form"]), ("nothing", ["R conditional-credential @ credentials=none,included=true", "R deny-access-authenticator"]));
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        Assert.Equal("error", browser.PageId);
    }

    [Fact]
    public async Task Of_a_session_that_ends_for_another_there_is_an_event()
    {
        await TestFlows.UseAsync(_server, "shop", ("limited", ["R auth-username-password-form", "R user-session-limits @ userRealmLimit=1,behavior=Terminate oldest session"]));
        for (var time = 0; time < 2; time++)
        {
            using var browser = _server.Browser();
            await browser.OpenAsync("shop");
            await browser.SubmitAsync(("username", "carol"), ("password", Password));
            Assert.NotNull(browser.Code);
        }

        var events = await _server.Services.GetRequiredService<IEventStore>().ListAsync((await _server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!.Id, new EventQuery());
        var first = Assert.Single(events, e => e.Type == "LOGOUT");
        Assert.Contains(events, e => e.Type == "LOGIN" && e.SessionId == first.SessionId && e.UserId == first.UserId);
    }

    /// <summary>What the limit of the application ends leaves room in the realm's.</summary>
    [Fact]
    public async Task Of_too_many_sessions_those_of_the_application_end_first()
    {
        await TestFlows.UseAsync(_server, "shop", ("limited", ["R auth-username-password-form", "R user-session-limits @ userRealmLimit=3,userClientLimit=2,behavior=Terminate oldest session"]));
        foreach (var client in new[] { "second", "web", "web", "web" })
        {
            using var browser = _server.Browser();
            await browser.OpenAsync("shop", ("client_id", client));
            await browser.SubmitAsync(("username", "carol"), ("password", Password));
            Assert.NotNull(browser.Code);
        }

        var events = await _server.Services.GetRequiredService<IEventStore>().ListAsync((await _server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!.Id, new EventQuery());
        var ended = Assert.Single(events, e => e.Type == "LOGOUT");
        Assert.Equal("web", Assert.Single(events, e => e.Type == "LOGIN" && e.SessionId == ended.SessionId).ClientId);
    }

    /// <summary>A level that nothing is said of is proved each time anew.</summary>
    [Theory]
    [InlineData("", true), InlineData(",loa-max-age=soon", true), InlineData(",loa-store-in-user-session=true", false), InlineData(",loa-max-age=600", false)]
    public async Task A_level_lasts_as_long_as_is_said(string lasts, bool asked)
    {
        await TestFlows.UseAsync(_server, "shop", ("top", ["A auth-cookie", "A > entry"]), ("entry", ["C > first", "C > second"]),
            ("first", ["R conditional-level-of-authentication @ loa-condition-level=1,loa-max-age=600", "R auth-username-password-form"]),
            ("second", [$"R conditional-level-of-authentication @ loa-condition-level=2{lasts}", "R auth-otp-form"]));
        using var browser = _server.Browser();
        await browser.OpenAsync("shop", ("acr_values", "2"));
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        await browser.SubmitAsync(("otp", Walker.Now()));
        Assert.NotNull(browser.Code);
        await browser.OpenAsync("shop", ("acr_values", "2"));
        Assert.Equal(asked ? "login-otp" : null, browser.PageId);
    }

    [Fact]
    public async Task Who_set_up_nothing_is_not_let_off_by_a_flow_inside_the_flow()
    {
        await TestFlows.UseAsync(_server, "shop", ("asks", ["R auth-username-password-form", "C > second"]), ("second", ["R conditional-user-configured", "R > either"]),
            ("either", ["A auth-otp-form", "A webauthn-authenticator"]));
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "carol"), ("password", Password));
        Assert.Equal((HttpStatusCode.BadRequest, "error", null), (browser.Status, browser.PageId, browser.Code));
    }

    [Theory]
    [InlineData("auth-username-password-form"), InlineData("auth-username-form")]
    public async Task That_an_account_is_disabled_stands_above_the_form(string step)
    {
        await TestFlows.UseAsync(_server, "shop", ("entry", ["R " + step]));
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "dora"), ("password", Password));
        Assert.Contains("Account is disabled, contact your administrator.", browser.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"input-error", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_may_have_all_of_its_consent_asked_again()
    {
        using var browser = _server.Browser();
        await browser.OpenAsync("shop", ("client_id", "asks"));
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        await browser.SubmitAsync(("otp", Walker.Now()));
        Assert.Equal("login-oauth-grant", browser.PageId);
        await browser.SubmitAsync(("accept", "Yes"));
        Assert.NotNull(browser.Code);
        await browser.OpenAsync("shop", ("client_id", "asks"), ("prompt", "consent"), ("scope", "openid phone"));
        await browser.FollowAsync();
        Assert.Contains("Email address", browser.Text, StringComparison.Ordinal);
        Assert.Contains("Phone number", browser.Text, StringComparison.Ordinal);
        await browser.SubmitAsync(("accept", "Yes"));
        var events = await _server.Services.GetRequiredService<IEventStore>().ListAsync((await _server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!.Id, new EventQuery(["LOGIN"]));
        Assert.Equal(["consent_granted", "consent_granted"], events.Select(e => e.Details!["consent"]));
    }
}
