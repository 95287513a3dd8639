namespace Castellan.Tests.Login;

/// <summary>Codes are bound and single use, sessions begin anew, tampered cookies are nothing (security cases B).</summary>
public sealed class Codes_and_sessions
{
    private const string Password = "Correct-horse-1";

    private const string Realm = $$"""
        {
          "realm": "shop", "enabled": true, "registrationAllowed": true, "rememberMe": true,
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "implicitFlowEnabled": true},
                      {"clientId": "other", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    private static async Task<TestBrowser> SignInAsync(SignInServer server, params (string, string)[] query)
    {
        var browser = server.Browser();
        await browser.OpenAsync("shop", query);
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        return browser;
    }

    [Fact]
    public async Task A_code_buys_tokens_once_and_its_replay_ends_what_it_bought()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await SignInAsync(server);
        var code = browser.Code!;
        var first = await server.TokensAsync("shop", code);
        Assert.True(first.TryGetProperty("access_token", out _), first.ToString());
        Assert.Equal("invalid_grant", (await server.TokensAsync("shop", code)).GetProperty("error").GetString());
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", first.GetProperty("access_token").GetString());
        Assert.Equal(401, (int)(await client.GetAsync($"{server.Base}/realms/shop/protocol/openid-connect/userinfo")).StatusCode);
    }

    [Fact]
    public async Task Of_parallel_redemptions_at_most_one_wins()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await SignInAsync(server);
        var code = browser.Code!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => server.TokensAsync("shop", code)));

        // Whoever comes second ends what the code gave (§4.1.2), which may be before the first has had its answer.
        Assert.InRange(answers.Count(a => a.TryGetProperty("access_token", out _)), 0, 1);
        Assert.All(answers.Where(a => a.TryGetProperty("error", out _)), a => Assert.Equal("invalid_grant", a.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task A_code_is_bound_to_its_client_and_its_verifier()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await SignInAsync(server);
        Assert.Equal("invalid_grant", (await server.TokensAsync("shop", browser.Code!, ("client_id", "other"))).TryGetProperty("error", out var error) ? error.GetString() : null);
        using var bound = await SignInAsync(server, ("code_challenge", new string('a', 43)), ("code_challenge_method", "S256"));
        Assert.Equal("invalid_grant", (await server.TokensAsync("shop", bound.Code!)).GetProperty("error").GetString());
    }

    [Fact]
    public async Task The_session_after_sign_in_is_not_the_one_before()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        var before = browser.Cookies["AUTH_SESSION_ID"];
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        var state = System.Text.RegularExpressions.Regex.Match(browser.Location!, "session_state=([^&]+)").Groups[1].Value;
        Assert.DoesNotContain(state, System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(before)), StringComparison.Ordinal);
        await browser.OpenAsync("shop", ("prompt", "login"));
        Assert.NotEqual(before, browser.Cookies["AUTH_SESSION_ID"]);
    }

    [Fact]
    public async Task A_cookie_that_somebody_made_is_nothing()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await SignInAsync(server);
        foreach (var name in (string[])["KEYCLOAK_IDENTITY", "AUTH_SESSION_ID", "KC_RESTART"])
        {
            if (!browser.Cookies.TryGetValue(name, out var good))
            {
                continue;
            }

            for (var at = 0; at < good.Length; at += Math.Max(1, good.Length / 12))
            {
                using var forged = server.Browser();
                ((Dictionary<string, string>)forged.Cookies)[name] = good[..at] + (good[at] == 'A' ? 'B' : 'A') + good[(at + 1)..];
                await forged.OpenAsync("shop", ("prompt", "none"));
                Assert.Null(forged.Code);
            }
        }
    }

    [Fact]
    public async Task An_access_token_is_no_identity_cookie()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await SignInAsync(server);
        var tokens = await server.TokensAsync("shop", browser.Code!);
        foreach (var kind in (string[])["access_token", "id_token", "refresh_token"])
        {
            using var forged = server.Browser();
            ((Dictionary<string, string>)forged.Cookies)["KEYCLOAK_IDENTITY"] = tokens.GetProperty(kind).GetString()!;
            await forged.OpenAsync("shop", ("prompt", "none"));
            Assert.Null(forged.Code);
        }
    }

    [Fact]
    public async Task A_page_posted_twice_does_not_sign_in_twice()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        var action = browser.Actions[0];
        await browser.PostAsync(action, ("username", "alice"), ("password", "wrong"));
        await browser.PostAsync(action, ("username", "alice"), ("password", Password));
        Assert.Null(browser.Code);
        await browser.FollowAsync();
        Assert.Equal("login", browser.PageId);
    }

    [Fact]
    public async Task A_tab_of_another_browser_cannot_be_continued()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = server.Browser();
        using var thief = server.Browser();
        await browser.OpenAsync("shop");
        await thief.OpenAsync("shop");
        await thief.PostAsync(browser.Actions[0], ("username", "alice"), ("password", Password));
        await thief.FollowAsync();
        Assert.Null(thief.Code);
    }

    [Fact]
    public async Task Pages_are_light_carry_no_inline_script_and_name_no_other_host()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = server.Browser();
        await browser.OpenAsync("shop", ("login_hint", "<script>alert(1)</script>\"'"));
        Assert.DoesNotContain("<script>alert", browser.Text, StringComparison.Ordinal);
        Assert.DoesNotMatch("<script(?![^>]*\\ssrc=)", browser.Text);
        Assert.DoesNotMatch("\\son\\w+=", browser.Text);
        var weight = browser.Text.Length;
        using var client = new HttpClient();
        foreach (System.Text.RegularExpressions.Match found in System.Text.RegularExpressions.Regex.Matches(browser.Text, "(?:src|href)=\"(http[^\"]+resources[^\"]+)\""))
        {
            Assert.StartsWith(server.Base, found.Groups[1].Value, StringComparison.Ordinal);
            weight += (await client.GetByteArrayAsync(found.Groups[1].Value)).Length;
        }

        Assert.InRange(weight, 2_000, 60_000);
    }

    /// <summary>The session lives longer than what one of its clients has of it; who comes back to that client begins there anew.</summary>
    [Fact]
    public async Task A_part_of_a_session_that_is_over_begins_anew()
    {
        await using var server = await SignInServer.StartAsync(Realm.Replace("\"implicitFlowEnabled\": true", "\"attributes\": {\"client.session.max.lifespan\": \"2\"}", StringComparison.Ordinal));
        using var browser = await SignInAsync(server);
        var first = await server.TokensAsync("shop", browser.Code!);
        await Task.Delay(3100);
        await browser.OpenAsync("shop");
        var second = await server.TokensAsync("shop", browser.Code!);
        Assert.True(second.TryGetProperty("refresh_token", out var token), second.ToString());
        Assert.Equal(first.GetProperty("session_state").GetString(), second.GetProperty("session_state").GetString());
        Assert.True((await server.TokensAsync("shop", "", ("grant_type", "refresh_token"), ("refresh_token", token.GetString()!))).TryGetProperty("access_token", out _));
    }
}
