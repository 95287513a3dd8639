using System.Net;
using System.Text;
using Castellan.Core.Codes;
using Castellan.Tests.Login;
using Castellan.Tests.Rfc6749;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Security;

/// <summary>What was made for one client, one request, one use: codes, refresh tokens, sign-ins under way (security cases, part B).</summary>
public sealed class Bindings
{
    /// <summary>CVE-2026-55672, CVE-2026-28513: with its own proof, another's, or none.</summary>
    [Fact]
    public async Task Neither_a_code_nor_a_refresh_token_is_taken_from_another_client()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.Clients!.Add(new() { ClientId = "other", Secret = "other-secret", PublicClient = false, StandardFlowEnabled = true, RedirectUris = ["*"] }));
        foreach (var (from, to) in ((string, string)[])[("api", "web"), ("api", "other"), ("web", "api"), ("web", "other")])
        {
            var tokens = await realm.SignInAsync(client: from);
            Assert.Equal(400, (await realm.RefreshAsync(tokens.Refresh, to)).Status);
            // The refusal took nothing from the rightful client.
            Assert.Equal(200, (await realm.RefreshAsync(tokens.Refresh, from)).Status);
        }

        var code = await Section_4_1_3_Codes.CodeAsync(realm);
        (await realm.PostAsync("token", [.. TestRealm.Credentials("other"), ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", "http://localhost:3000/back")])).Refuses(400, "invalid_grant");
        (await realm.PostAsync("token", ("client_id", "api"), ("grant_type", "refresh_token"), ("refresh_token", (await realm.SignInAsync()).Refresh))).Refuses(401, "unauthorized_client");
    }

    /// <summary>CVE-2026-27840: a token is taken whole and unchanged, or not at all.</summary>
    [Fact]
    public async Task No_part_of_a_token_and_no_change_of_it_counts()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var tokens = await realm.SignInAsync();
        var random = new Random(31);
        foreach (var (token, isAccess) in ((string, bool)[])[(tokens.Access, true), (tokens.Refresh, false)])
        {
            List<string> changed = [token + " x", token + ".", "." + token, token + token, token.ToUpperInvariant(), token.Replace('.', ','), token[1..], token + "=", token + "%00"];
            changed.AddRange(Enumerable.Range(0, 40).Select(_ => token[..random.Next(1, token.Length)]));
            changed.AddRange(Enumerable.Range(0, 80).Select(_ => Flip(token, random)));
            foreach (var bad in changed.Where(c => c != token))
            {
                Assert.InRange(isAccess ? (await realm.UserInfoAsync(bad)).Status : (await realm.RefreshAsync(bad)).Status, 400, 401);
                Assert.Equal("False", (await realm.IntrospectAsync(bad))["active"]);
            }
        }

        Assert.Equal((200, 200), ((await realm.UserInfoAsync(tokens.Access)).Status, (await realm.RefreshAsync(tokens.Refresh)).Status));
    }

    private static readonly Dictionary<string, Func<TestRealm, Task<(string, string)[]>>> s_requests = new()
    {
        ["password"] = _ => Task.FromResult<(string, string)[]>([("grant_type", "password"), ("username", "alice"), ("password", "correct-horse"), ("scope", "openid phone")]),
        ["refresh_token"] = async r => [("grant_type", "refresh_token"), ("refresh_token", (await r.SignInAsync("openid phone")).Refresh), ("scope", "openid")],
        ["authorization_code"] = async r =>
        [
            ("grant_type", "authorization_code"), ("redirect_uri", Section_4_1_3_Codes.Redirect), ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            ("code", await Section_4_1_3_Codes.CodeAsync(r, c => c with { CodeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", CodeChallengeMethod = "S256" }, client: "api")),
        ],
        ["token exchange"] = async r =>
        [
            ("grant_type", Rfc8693.ExchangeRealm.Grant), ("subject_token", (await r.SignInAsync()).Access), ("subject_token_type", Rfc8693.ExchangeRealm.Kind("access_token")),
            ("scope", "openid phone"),
        ],
    };

    public static TheoryData<string> Requests => [.. s_requests.Keys];

    /// <summary>
    /// CVE-2026-9704: a parameter that is left out makes a request that is refused, or one for less: never a token for somebody else, or with more in it.
    /// The client could have a token of its own for the asking, so that there is something to fall back on.
    /// </summary>
    [Theory]
    [MemberData(nameof(Requests))]
    public async Task CVE_2026_9704_no_parameter_that_is_left_out_widens_a_token(string grant)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.Clients![0].Attributes = new() { [Rfc8693.ExchangeRealm.Enabled] = "true" });
        (string Name, string Value)[] whole = [.. TestRealm.Credentials("api"), .. await s_requests[grant](realm)];
        Assert.Equal(200, (await realm.PostAsync("token", whole)).Status);
        foreach (var left in whole.Select(p => p.Name))
        {
            (string Name, string Value)[] fresh = [.. TestRealm.Credentials("api"), .. await s_requests[grant](realm)];
            var answer = await realm.PostAsync("token", [.. fresh.Where(p => p.Name != left)]);
            if (left != "scope")
            {
                Assert.True(answer.Status is 400 or 401 && answer["access_token"] is null, $"{grant} without {left}: {answer.Text}");
            }
            else
            {
                Assert.Equal((await realm.AliceAsync()).Id, Tokens.Payload(answer.Access).GetProperty("sub").GetString());
                Assert.Empty(answer["scope"]!.Split(' ').Except(["openid", "phone", "profile", "email"]));
            }
        }
    }

    /// <summary>CVE-2026-9802: what was used or ended stays so when the server starts again.</summary>
    [Theory]
    [ClassData(typeof(Storage.Engines))]
    public async Task CVE_2026_9802_a_restart_forgets_no_use_and_no_end(Castellan.Storage.DbEngine engine)
    {
        await using var server = await SignInServer.StartAsync("""
            {
              "realm": "lasting", "enabled": true, "revokeRefreshToken": true, "refreshTokenMaxReuse": 0,
              "clients": [{"clientId": "web", "publicClient": true, "directAccessGrantsEnabled": true, "redirectUris": ["http://localhost:3000/callback"]}],
              "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "Correct-horse-1"}]}]
            }
            """, engine: engine);
        Task<System.Text.Json.JsonElement> Ask(params (string, string)[] more) => server.TokensAsync("lasting", "", more);
        Task<System.Text.Json.JsonElement> Refresh(string token) => Ask(("grant_type", "refresh_token"), ("refresh_token", token));
        static string Of(System.Text.Json.JsonElement answer, string name) => answer.TryGetProperty(name, out var value) ? value.GetString()! : throw new InvalidOperationException(answer.ToString());
        Task<System.Text.Json.JsonElement> SignIn() => Ask(("grant_type", "password"), ("username", "alice"), ("password", "Correct-horse-1"), ("scope", "openid"));

        var rotated = Of(await SignIn(), "refresh_token");
        var next = Of(await Refresh(rotated), "refresh_token");
        var kept = Of(await SignIn(), "refresh_token");
        var revoked = await SignIn();
        using var client = new HttpClient();
        async Task<HttpStatusCode> PostAsync(string path, params KeyValuePair<string, string>[] fields)
        {
            using var form = new FormUrlEncodedContent([new("client_id", "web"), .. fields]);
            using var answer = await client.PostAsync($"{server.Base}/realms/lasting/protocol/openid-connect/{path}", form);
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await PostAsync("revoke", new KeyValuePair<string, string>("token", Of(revoked, "access_token"))));
        var ended = Of(await SignIn(), "refresh_token");
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync("logout", new KeyValuePair<string, string>("refresh_token", ended)));
        using var browser = server.Browser();
        await browser.OpenAsync("lasting");
        await browser.SubmitAsync(("username", "alice"), ("password", "Correct-horse-1"));
        var code = browser.Code!;
        Assert.True((await server.TokensAsync("lasting", code)).TryGetProperty("access_token", out _));

        await server.RestartAsync();
        // A token that nothing was done to still counts, so that the others are not refused for the restart's sake.
        Of(await Refresh(kept), "access_token");
        foreach (var (what, answer) in new[] { ("rotated", await Refresh(rotated)), ("ended", await Refresh(ended)), ("code", await server.TokensAsync("lasting", code)) })
        {
            Assert.True(answer.GetProperty("error").GetString() == "invalid_grant", $"{what}: {answer}");
        }

        // The replay was seen as one: what had come of the token ends with it.
        Assert.Equal("invalid_grant", (await Refresh(next)).GetProperty("error").GetString());
        using var asking = new HttpRequestMessage(HttpMethod.Get, $"{server.Base}/realms/lasting/protocol/openid-connect/userinfo");
        asking.Headers.Authorization = new("Bearer", Of(revoked, "access_token"));
        using var info = await client.SendAsync(asking);
        Assert.Equal(HttpStatusCode.Unauthorized, info.StatusCode);
    }

    /// <summary>CVE-2026-4282: what is used once is kept by kind, so that nothing made for one place is found in another.</summary>
    [Fact]
    public async Task A_thing_of_one_use_is_nothing_at_the_place_of_another()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var oneUse = realm.Server.Services.GetRequiredService<IOneUse>();
        var id = (await realm.NowAsync()).Id;
        string[] kinds =
        [
            OneUseKinds.Code, OneUseKinds.AssertionId, OneUseKinds.DPoPProof, OneUseKinds.RevokedToken, OneUseKinds.PushedRequest, OneUseKinds.ActionToken, OneUseKinds.DeviceCode, OneUseKinds.UserCode, OneUseKinds.Ciba, OneUseKinds.CibaDevice,
            OneUseKinds.CibaPoll, OneUseKinds.DevicePoll, OneUseKinds.OtpUsed,
        ];
        Assert.Equal(kinds.Length, kinds.Distinct().Count());
        var until = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + 60_000;
        foreach (var kind in kinds)
        {
            var key = Core.Ids.New();
            await oneUse.PutAsync(id, kind, key, kind, until);
            foreach (var other in kinds.Where(k => k != kind))
            {
                Assert.Null(await oneUse.FindAsync(id, other, key));
                Assert.Null(await oneUse.TakeAsync(id, other, key));
            }

            Assert.Null(await oneUse.TakeAsync(Core.Ids.New(), kind, key));
            Assert.Equal(kind, await oneUse.TakeAsync(id, kind, key));
        }

        // And over the wire: the reference of a pushed request as a code, a code as a reference.
        var pushed = (await realm.PostAsync("ext/par/request", ("client_id", "web"), ("response_type", "code"), ("redirect_uri", "http://localhost:3000/x")))["request_uri"]!;
        (await realm.PostAsync("token", ("client_id", "web"), ("grant_type", "authorization_code"), ("code", pushed), ("redirect_uri", "http://localhost:3000/x"))).Refuses(400, "invalid_grant", "Code not valid");
        using var browser = new TestBrowser(realm.Server.Url);
        foreach (var reference in (string[])[await Section_4_1_3_Codes.CodeAsync(realm), "urn:ietf:params:oauth:request_uri:" + await Section_4_1_3_Codes.CodeAsync(realm)])
        {
            await browser.GetAsync($"{realm.Issuer}/protocol/openid-connect/auth?client_id=web&request_uri={Uri.EscapeDataString(reference)}");
            Assert.Equal((HttpStatusCode.BadRequest, (string?)null), (browser.Status, browser.Location));
        }
    }

    /// <summary>CVE-2024-23647: PKCE cannot be talked away: no challenge, no method, another method, no verifier.</summary>
    [Fact]
    public async Task A_client_that_must_prove_possession_of_its_request_cannot_be_talked_out_of_it()
    {
        const string Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.Clients![1].Attributes = new() { ["pkce.code.challenge.method"] = "S256" });
        using var browser = new TestBrowser(realm.Server.Url);
        foreach (var parameters in ((string, string)[][])
            [[], [("code_challenge", Challenge)], [("code_challenge_method", "S256")], [("code_challenge", Challenge), ("code_challenge_method", "plain")], [("code_challenge", Challenge), ("code_challenge_method", "s256")], [("code_challenge", "short"), ("code_challenge_method", "S256")]])
        {
            await browser.OpenAsync(realm.Name, parameters);
            Assert.StartsWith($"{SignInServer.Callback}?error=invalid_request&", browser.Location, StringComparison.Ordinal);
        }

        var code = await Section_4_1_3_Codes.CodeAsync(realm, c => c with { CodeChallenge = Challenge, CodeChallengeMethod = "S256" });
        // The challenge itself as the verifier is what `plain` would take.
        (await realm.PostAsync("token", ("client_id", "web"), ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", "http://localhost:3000/back"), ("code_verifier", Challenge))).Refuses(400, "invalid_grant");
    }

    /// <summary>CVE-2026-7571: a sign-in that ran out is taken up again only as what it was, and only while its client may still ask for that.</summary>
    [Fact]
    public async Task A_sign_in_that_is_taken_up_again_is_checked_anew()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.Clients![1].ImplicitFlowEnabled = true);
        using var browser = new TestBrowser(realm.Server.Url);
        await browser.OpenAsync(realm.Name, ("response_type", "id_token token"), ("nonce", "n"));
        Assert.Equal("login", browser.PageId);
        var again = $"{realm.Issuer}/login-actions/authenticate?client_id=web&tab_id=gone";
        await browser.GetAsync(again);
        await browser.FollowAsync();
        Assert.Equal("login", browser.PageId);

        await realm.SetClientAsync("web", c => c.ImplicitFlowEnabled = false);
        await browser.GetAsync(again);
        Assert.Equal((HttpStatusCode.BadRequest, (string?)null), (browser.Status, browser.Location));

        await realm.SetClientAsync("web", c => (c.ImplicitFlowEnabled, c.RedirectUris) = (true, ["http://localhost:3000/elsewhere"]));
        await browser.GetAsync(again);
        Assert.Equal((HttpStatusCode.BadRequest, (string?)null), (browser.Status, browser.Location));
    }

    [Fact]
    public async Task What_a_browser_says_of_a_sign_in_that_ran_out_counts_only_as_the_server_wrote_it()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        using var browser = new TestBrowser(realm.Server.Url);
        await browser.OpenAsync(realm.Name);
        var restart = browser.Cookies["KC_RESTART"];
        var random = new Random(7);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        foreach (var changed in Enumerable.Range(0, 40).Select(_ => Flip(restart, random)).Append("").Append("x").Append(restart[..40]).Append(restart + "AAAA").Where(c => c != restart))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{realm.Issuer}/login-actions/authenticate?client_id=web&tab_id=gone");
            request.Headers.TryAddWithoutValidation("Cookie", $"KC_RESTART={changed}");
            using var answer = await http.SendAsync(request);
            Assert.Equal((HttpStatusCode.BadRequest, (Uri?)null), (answer.StatusCode, answer.Headers.Location));
        }
    }

    /// <summary>CVE-2026-7507, CVE-2024-28197: a browser's sign-in gets an id of the server's making, whatever was planted.</summary>
    [Fact]
    public async Task An_id_that_somebody_planted_is_not_used()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        foreach (var planted in (string[])["planted", "planted.route", Convert.ToBase64String("planted.signature"u8)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{realm.Issuer}/protocol/openid-connect/auth?client_id=web&response_type=code&scope=openid&redirect_uri={Uri.EscapeDataString(SignInServer.Callback)}");
            request.Headers.TryAddWithoutValidation("Cookie", $"AUTH_SESSION_ID={planted}");
            using var answer = await http.SendAsync(request);
            var given = Assert.Single(answer.Headers.GetValues("Set-Cookie"), c => c.StartsWith("AUTH_SESSION_ID=", StringComparison.Ordinal));
            var text = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(given.Split(';')[0].Split('=')[1]));
            Assert.DoesNotContain("planted", text, StringComparison.Ordinal);
        }
    }

    /// <summary>CVE-2026-4634, CVE-2026-9803, CVE-2024-11734: no input without a limit. What is too long is refused or counts as absent, and quickly.</summary>
    [Fact]
    public async Task Long_inputs_come_to_nothing()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var scope = string.Join(' ', Enumerable.Range(0, 20_000).Select(i => $"s{i}"));
        Assert.InRange((await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials"), ("scope", scope)])).Status, 400, 414);
        Assert.InRange((await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials"), ("x", new string('x', 300_000))])).Status, 400, 414);
        Assert.InRange((await realm.PostAsync("token", [.. TestRealm.Credentials("api"), .. Enumerable.Range(0, 1_500).Select(i => ($"p{i}", "x"))])).Status, 400, 414);
        (string, string)[] asked = [("client_id", "web"), ("response_type", "code"), ("redirect_uri", SignInServer.Callback), ("state", new string('x', 5_000)), ("prompt", "none")];
        var pushed = System.Text.Json.JsonDocument.Parse((await realm.PostAsync("ext/par/request", asked)).Text).RootElement.GetProperty("request_uri").GetString()!;
        using var browser = new TestBrowser(realm.Server.Url);
        await browser.GetAsync($"{realm.Issuer}/protocol/openid-connect/auth?client_id=web&request_uri={Uri.EscapeDataString(pushed)}");
        Assert.EndsWith($"?error=login_required&iss={Uri.EscapeDataString(realm.Issuer)}", browser.Location, StringComparison.Ordinal);
        await browser.PostAsync($"{realm.Issuer}/protocol/openid-connect/auth",
            ("client_id", "web"), ("response_type", "code"), ("redirect_uri", SignInServer.Callback), ("scope", scope[..5_000]), ("state", new string('x', 5_000)), ("prompt", "none"));
        Assert.EndsWith($"?error=login_required&iss={Uri.EscapeDataString(realm.Issuer)}", browser.Location, StringComparison.Ordinal);
        await browser.PostAsync($"{realm.Issuer}/protocol/openid-connect/auth", [.. Enumerable.Range(0, 150).Select(i => ($"p{i}", "x"))]);
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
    }

    private static string Flip(string text, Random random)
    {
        var at = random.Next(text.Length - 1);
        return string.Concat(text.AsSpan(0, at), ((ReadOnlySpan<char>)[text[at] switch { 'A' => 'B', '.' => 'A', _ => 'A' }]), text.AsSpan(at + 1));
    }
}
