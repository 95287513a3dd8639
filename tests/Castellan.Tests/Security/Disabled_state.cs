using System.Net;
using System.Net.Http.Headers;

namespace Castellan.Tests.Security;

/// <summary>Every way in which somebody can be switched off, against every place that takes what they were given before.</summary>
public sealed class Disabled_state
{
    private static readonly Dictionary<string, Func<TestRealm, Task>> s_states = new()
    {
        ["client disabled"] = r => r.SetClientAsync("api", c => c.Enabled = false),
        ["user disabled"] = r => r.SetAliceAsync(u => u.Enabled = false),
        ["realm disabled"] = r => r.SetAsync(s => s.Enabled = false),
        ["session ended"] = async r => await r.Server.Sessions.DeleteByRealmAsync((await r.NowAsync()).Id),
        ["realm not before"] = r => r.SetAsync(s => s.NotBefore = Soon()),
        ["client not before"] = r => r.SetClientAsync("api", c => c.NotBefore = Soon()),
        ["user not before"] = r => r.SetAliceAsync(u => u.NotBefore = Soon()),
        ["user deleted"] = async r => await r.Server.Realms.ApplyAsync(new Core.Realms.ChangeSet((await r.NowAsync()).Id).Add(new Core.Realms.DeleteUser((await r.AliceAsync()).Id))),
    };

    public static TheoryData<string> States => [.. s_states.Keys];

    /// <summary>CVE-2026-43983, CVE-2025-29928, CVE-2026-8922: what was issued goes by the state of now.</summary>
    [Theory]
    [MemberData(nameof(States))]
    public async Task What_was_issued_before_is_refused_everywhere(string state)
    {
        // The audience holds the client, so that introspection would show the token if it still counted.
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.Clients![0].ProtocolMappers =
        [
            new()
            {
                Name = "aud", Protocol = "openid-connect", ProtocolMapper = "oidc-audience-mapper",
                Config = new() { ["included.client.audience"] = "api", ["access.token.claim"] = "true" },
            },
        ]);
        var tokens = await realm.SignInAsync();
        Assert.Equal("true", (await realm.IntrospectAsync(tokens.Access))["active"]?.ToLowerInvariant());
        Assert.Equal(200, (await realm.UserInfoAsync(tokens.Access)).Status);

        await s_states[state](realm);

        Assert.InRange((await realm.UserInfoAsync(tokens.Access)).Status, 401, 403);
        Assert.InRange((await realm.RefreshAsync(tokens.Refresh)).Status, 400, 403);
        var seen = await realm.IntrospectAsync(tokens.Access);
        Assert.True(seen.Status >= 400 || seen["active"] == "False", seen.Text);
    }

    /// <summary>The same, and what only those feel who show a token.</summary>
    private static readonly Dictionary<string, Func<TestRealm, Task>> s_shown = new(s_states)
    {
        ["client binds to keys"] = r => r.SetClientAsync("api", c => c.Attributes = new() { ["dpop.bound.access.tokens"] = "true" }),
        ["client binds to certificates"] = r => r.SetClientAsync("api", c => c.Attributes = new() { ["tls.client.certificate.bound.access.tokens"] = "true" }),
        [Offline] = r => r.SetClientAsync("api", c => c.OptionalClientScopes!.Remove("offline_access")),
    };

    private const string Offline = "offline access taken away";

    public static TheoryData<string> Shown => [.. s_shown.Keys];

    /// <summary>The account and the administration go by the state of now, too.</summary>
    [Theory]
    [MemberData(nameof(Shown))]
    public async Task What_was_issued_before_opens_no_interface(string state)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.Users![0].ClientRoles = new() { ["realm-management"] = ["view-users"] });
        var token = (await realm.SignInAsync(state == Offline ? "openid offline_access" : "openid")).Access;
        string[] interfaces = [$"{realm.Issuer}/account", $"{realm.Server.Url}/admin/realms/{realm.Name}/users"];
        foreach (var address in interfaces)
        {
            Assert.Equal(HttpStatusCode.OK, await OpenAsync(address, token));
        }

        await s_shown[state](realm);

        foreach (var address in interfaces)
        {
            Assert.InRange(await OpenAsync(address, token), HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden);
        }
    }

    private static async Task<HttpStatusCode> OpenAsync(string address, string token)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    public static TheoryData<string> SignInStates => ["client disabled", "user disabled", "realm disabled", "user deleted"];

    [Theory]
    [MemberData(nameof(SignInStates))]
    public async Task Nothing_new_is_issued(string state)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        await s_states[state](realm);
        Assert.InRange((await realm.SignInAsync()).Status, 400, 403);
        if (!state.StartsWith("user", StringComparison.Ordinal))
        {
            Assert.InRange((await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials")])).Status, 400, 403);
        }
    }

    private static readonly Dictionary<string, Func<TestRealm, Task>> s_between = new()
    {
        ["client disabled"] = r => r.SetClientAsync("web", c => c.Enabled = false),
        ["flow switched off"] = r => r.SetClientAsync("web", c => c.StandardFlowEnabled = false),
        ["user disabled"] = s_states["user disabled"],
        ["user deleted"] = s_states["user deleted"],
        ["realm disabled"] = s_states["realm disabled"],
        ["session ended"] = s_states["session ended"],
        ["realm not before"] = s_states["realm not before"],
        ["client not before"] = r => r.SetClientAsync("web", c => c.NotBefore = Soon()),
        ["user not before"] = s_states["user not before"],
    };

    public static TheoryData<string> Between => [.. s_between.Keys];

    [Theory]
    [MemberData(nameof(Between))]
    public async Task A_code_that_was_given_before_buys_nothing(string state)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var code = await Rfc6749.Section_4_1_3_Codes.CodeAsync(realm);
        await s_between[state](realm);
        var answer = await realm.PostAsync("token", ("client_id", "web"), ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", "http://localhost:3000/back"));
        Assert.InRange(answer.Status, 400, 403);
        Assert.Null(answer["access_token"]);
    }

    public static TheoryData<string> Asking => ["client disabled", "flow switched off", "realm disabled"];

    [Theory]
    [MemberData(nameof(Asking))]
    public async Task Nobody_is_asked_to_sign_in(string state)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var reference = (await realm.PostAsync("ext/par/request", ("client_id", "web"), ("response_type", "code"), ("redirect_uri", Login.SignInServer.Callback)))["request_uri"]!;
        using var browser = new Login.TestBrowser(realm.Server.Url);
        await browser.OpenAsync(realm.Name);
        var form = browser.Actions[0];
        await s_between[state](realm);

        await browser.OpenAsync(realm.Name);
        Assert.DoesNotContain("kc-form-login", browser.Text, StringComparison.Ordinal);
        await browser.GetAsync($"{realm.Issuer}/protocol/openid-connect/auth?client_id=web&request_uri={Uri.EscapeDataString(reference)}");
        Assert.DoesNotContain("kc-form-login", browser.Text, StringComparison.Ordinal);
        Assert.InRange((await realm.PostAsync("ext/par/request", ("client_id", "web"), ("response_type", "code"), ("redirect_uri", Login.SignInServer.Callback))).Status, 400, 403);
        if (state != "flow switched off")
        {
            // The page that was open before.
            await browser.PostAsync(form, ("username", "alice"), ("password", "correct-horse"));
            await browser.FollowAsync();
            Assert.Null(browser.Code);
        }
    }

    private static int Soon() => (int)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 10;
}
