namespace Castellan.Tests.Login;

/// <summary>
/// CVE-2025-3910, CVE-2026-9091, CVE-2026-49443, CVE-2026-54730: no order of requests reaches a token below what the flow demands. What a browser
/// can prove is limited, and so must be what it gets.
/// </summary>
public sealed class Random_walks
{
    private const string Password = Walker.Password;

    private static readonly string s_realm = $$"""
        {
          "realm": "walk", "enabled": true, "registrationAllowed": false, "resetPasswordAllowed": true, "passwordPolicy": "length(8)",
          "attributes": {"acr.loa.map": "{\"silver\":\"1\",\"gold\":\"2\"}"},
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "directAccessGrantsEnabled": true},
                      {"clientId": "asks", "publicClient": true, "consentRequired": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [
            {"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [
              {"type": "password", "value": "{{Password}}"},
              {"id": "the-device", "type": "otp", "secretData": "{\"value\":\"{{Walker.Secret}}\"}", "credentialData": "{\"subType\":\"totp\",\"digits\":6,\"counter\":0,\"period\":30,\"algorithm\":\"HmacSHA1\"}"}]},
            {"username": "bob", "enabled": true, "email": "bob@example.org", "firstName": "B", "lastName": "B", "requiredActions": ["UPDATE_PASSWORD"], "credentials": [{"type": "password", "value": "{{Password}}"}]},
            {"username": "dora", "enabled": true, "email": "dora@example.org", "firstName": "D", "lastName": "D", "requiredActions": ["VERIFY_EMAIL"], "credentials": [{"type": "password", "value": "{{Password}}"}]},
            {"username": "eve", "enabled": true, "email": "eve@example.org", "firstName": "E", "lastName": "E", "credentials": [{"type": "password", "value": "{{Password}}"}]},
            {"username": "carol", "enabled": false, "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    /// <summary>The flows that are walked over. Each asks alice for her device, unless a level is not asked for.</summary>
    private static readonly Dictionary<string, (string, string[])[]> s_flows = new()
    {
        ["built in"] = [],
        ["password and code"] = [("top", ["A auth-cookie", "A > entry"]), ("entry", ["R auth-username-password-form", "R auth-otp-form"])],
        ["two pages and a code"] = [("top", ["A auth-cookie", "A > entry"]), ("entry", ["R auth-username-form", "R auth-password-form", "R > second"]), ("second", ["A auth-otp-form", "A auth-recovery-authn-code-form"])],
        ["code of those who have one"] = [("top", ["A auth-cookie", "A > entry"]), ("entry", ["R auth-username-password-form", "C > second"]), ("second", ["R conditional-user-configured", "R auth-otp-form"])],
    };

    private static readonly (string, string[])[] s_levels =
    [
        ("top", ["A auth-cookie", "A > entry"]), ("entry", ["C > first", "C > second"]),
        ("first", ["R conditional-level-of-authentication @ loa-condition-level=1,loa-max-age=36000", "R auth-username-password-form"]),
        ("second", ["R conditional-level-of-authentication @ loa-condition-level=2,loa-max-age=0", "R auth-otp-form"]),
    ];

    public static TheoryData<string, int> Walks
    {
        get
        {
            var walks = new TheoryData<string, int>();
            foreach (var flow in s_flows.Keys)
            {
                walks.Add(flow, 1);
                walks.Add(flow, 2);
            }

            return walks;
        }
    }

    [Theory, MemberData(nameof(Walks))]
    public async Task A_browser_that_knows_a_password_never_gets_past_the_second_factor(string flow, int seed)
    {
        var pages = await WalkAsync(s_flows[flow], seed, new Means(["alice"]), code => Assert.Fail($"A code for a password alone: {code}"));
        Assert.Contains("login-otp", pages);
    }

    [Theory, MemberData(nameof(Walks))]
    public async Task A_browser_that_knows_no_password_never_gets_a_code(string flow, int seed) =>
        await WalkAsync(s_flows[flow], seed, new Means([], Otp: true), code => Assert.Fail($"A code without a password: {code}"));

    [Theory, InlineData("bob", 1), InlineData("bob", 2), InlineData("dora", 3), InlineData("dora", 4), InlineData("carol", 5)]
    public async Task Whoever_has_something_left_to_do_or_is_disabled_never_gets_a_code(string person, int seed) =>
        await WalkAsync([], seed, new Means([person], Otp: true), code => Assert.Fail($"A code for {person}: {code}"));

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task A_client_that_asks_for_consent_gets_no_code_without(int seed)
    {
        await using var server = await SignInServer.StartAsync(s_realm);
        var walker = new Walker(server, "walk", seed, new Means(["eve"], Accepts: false, Client: "asks"));
        await walker.WalkAsync(250, async code =>
        {
            var tokens = await server.TokensAsync("walk", code, ("client_id", "asks"));
            Assert.False(tokens.TryGetProperty("access_token", out _), "The client that asks got a code without consent.");
        });
        Assert.Contains("login-oauth-grant", walker.Pages);
    }

    /// <summary>GHSA-hp74-gm6m-2qm5, CVE-2024-45042: the level in a token is the one that was proved.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public async Task A_password_alone_never_makes_a_token_of_the_higher_level(int seed)
    {
        await using var server = await SignInServer.StartAsync(s_realm);
        await TestFlows.UseAsync(server, "walk", s_levels);
        var walker = new Walker(server, "walk", seed, new Means(["alice", "eve"], Client: "web"));
        var codes = 0;
        await walker.WalkAsync(300, async code =>
        {
            codes++;
            var tokens = await server.TokensAsync("walk", code);
            if (tokens.TryGetProperty("id_token", out var token))
            {
                Assert.NotEqual("gold", Tokens.Payload(token.GetString()!).GetProperty("acr").GetString());
            }
        });
        Assert.NotEqual(0, codes);
    }

    /// <summary>Somebody without a device where the flow demands one, while an administrator switches the set-up on and off.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task A_factor_that_cannot_be_set_up_now_is_not_left_out(int seed)
    {
        await using var server = await StartAsync(s_flows["password and code"]);
        var walker = new Walker(server, "walk", seed, new Means(["eve"]));
        await walker.WalkAsync(
            250,
            code =>
            {
                Assert.Fail($"A code for a password alone: {code}");
                return Task.CompletedTask;
            },
            random => random.Next(6) == 0 ? Set_ups_that_are_switched_off.SwitchAsync(server, "walk", "CONFIGURE_TOTP", random.Next(3) > 0) : Task.CompletedTask);
        Assert.Contains("login-config-totp", walker.Pages);
        Assert.Contains("error", walker.Pages);
    }

    [Fact]
    public async Task The_walk_can_succeed_when_everything_is_known()
    {
        foreach (var flow in s_flows.Values)
        {
            await using var server = await StartAsync(flow);
            using var browser = server.Browser();
            await browser.OpenAsync("walk");
            await browser.SubmitAsync(("username", "alice"), ("password", Password));
            if (browser.PageId == "login-password")
            {
                await browser.SubmitAsync(("password", Password));
            }

            Assert.Equal("login-otp", browser.PageId);
            await browser.SubmitAsync(("otp", Walker.Now()));
            Assert.NotNull(browser.Code);
        }
    }

    [Fact]
    public async Task Whoever_must_change_the_password_gets_no_code_before()
    {
        await using var server = await SignInServer.StartAsync(s_realm);
        using var browser = server.Browser();
        await browser.OpenAsync("walk");
        await browser.SubmitAsync(("username", "bob"), ("password", Password));
        Assert.Equal("login-update-password", browser.PageId);
        foreach (var url in (string[])[browser.Actions[0].Replace("required-action", "authenticate", StringComparison.Ordinal), browser.Actions[0].Replace("required-action", "consent", StringComparison.Ordinal)])
        {
            await browser.PostAsync(url, ("accept", "on"), ("cancel-aia", "true"), ("username", "bob"), ("password", Password));
            await browser.FollowAsync();
            Assert.Null(browser.Code);
        }

        await browser.OpenAsync("walk");
        Assert.Null(browser.Code);
    }

    [Fact]
    public async Task A_disabled_person_gets_no_code()
    {
        await using var server = await SignInServer.StartAsync(s_realm);
        using var browser = server.Browser();
        await browser.OpenAsync("walk");
        await browser.SubmitAsync(("username", "carol"), ("password", Password));
        Assert.Null(browser.Code);
        Assert.Contains("Account is disabled", browser.Text, StringComparison.Ordinal);
    }

    private static async Task<HashSet<string>> WalkAsync((string, string[])[] flow, int seed, Means means, Action<string> arrived)
    {
        await using var server = await StartAsync(flow);
        var walker = new Walker(server, "walk", seed, means);
        await walker.WalkAsync(200, code =>
        {
            arrived(code);
            return Task.CompletedTask;
        });
        return walker.Pages;
    }

    private static async Task<SignInServer> StartAsync((string, string[])[] flow)
    {
        var server = await SignInServer.StartAsync(s_realm);
        if (flow.Length > 0)
        {
            await TestFlows.UseAsync(server, "walk", flow);
        }

        return server;
    }
}
