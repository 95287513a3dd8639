using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Castellan.Core.Credentials;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Tests.Login;
using Castellan.Tests.Mail;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Security;

/// <summary>Section E of the security cases: second factors, step-up, lock-out and what strangers may learn. Random_walks holds the walks.</summary>
public sealed class Sign_in_defences
{
    private const string Password = Walker.Password;

    private static string Realm(int smtpPort = 1) => $$"""
        {
          "realm": "guarded", "enabled": true, "resetPasswordAllowed": true, "loginWithEmailAllowed": true,
          "bruteForceProtected": true, "failureFactor": 3, "waitIncrementSeconds": 600, "quickLoginCheckMilliSeconds": 0,
          "smtpServer": {"host": "127.0.0.1", "port": "{{smtpPort}}", "from": "shop@example.org"},
          "attributes": {"acr.loa.map": "{\"silver\":\"1\",\"gold\":\"2\"}"},
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "directAccessGrantsEnabled": true}],
          "users": [
            {"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "realmRoles": ["default-roles-guarded"], "credentials": [
              {"type": "password", "value": "{{Password}}"},
              {"id": "the-device", "type": "otp", "secretData": "{\"value\":\"{{Walker.Secret}}\"}", "credentialData": "{\"subType\":\"totp\",\"digits\":6,\"counter\":0,\"period\":30,\"algorithm\":\"HmacSHA1\"}"}]},
            {"username": "bob", "enabled": true, "email": "bob@example.org", "firstName": "B", "lastName": "B", "credentials": [{"type": "password", "value": "{{Password}}"}]},
            {"username": "carol", "enabled": false, "email": "carol@example.org", "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    private static readonly (string, string[])[] s_levels =
    [
        ("top", ["A auth-cookie", "A > entry"]), ("entry", ["C > first", "C > second"]),
        ("first", ["R conditional-level-of-authentication @ loa-condition-level=1,loa-max-age=36000", "R auth-username-password-form"]),
        ("second", ["R conditional-level-of-authentication @ loa-condition-level=2,loa-max-age=0", "R auth-otp-form"]),
    ];

    [Theory]
    [InlineData("bob", "BOB", "bob@example.org")]
    [InlineData("Bob@Example.ORG", " bob ", "bOb")]
    public async Task CVE_2025_24806_and_47203_every_spelling_of_a_name_counts_for_one_person(params string[] spellings)
    {
        await using var server = await SignInServer.StartAsync(Realm());
        foreach (var spelling in spellings)
        {
            Assert.Equal("Invalid user credentials", await GrantAsync(server, spelling, "wrong"));
        }

        foreach (var spelling in spellings)
        {
            Assert.Equal("Invalid user credentials", await GrantAsync(server, spelling, Password));
        }

        // What only looks like the name is nobody's.
        Assert.Equal("Invalid user credentials", await GrantAsync(server, "ｂob", Password));
    }

    [Fact]
    public async Task CVE_2026_9798_and_9792_pages_and_grants_count_together_and_lock_both()
    {
        await using var server = await SignInServer.StartAsync(Realm());
        using var browser = await PasswordAsync(server, "bob", "wrong");
        await browser.SubmitAsync(("username", "bob@example.org"), ("password", "wrong"));
        Assert.Equal("Invalid user credentials", await GrantAsync(server, "bob", "wrong"));

        Assert.Equal("Invalid user credentials", await GrantAsync(server, "bob", Password));
        await browser.SubmitAsync(("username", "bob"), ("password", Password));
        Assert.Null(browser.Code);
        Assert.Contains("Invalid username or password.", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CVE_2025_64103_and_CVE_2024_32868_wrong_codes_count_like_wrong_passwords()
    {
        await using var server = await SignInServer.StartAsync(Realm());
        using var browser = await PasswordAsync(server, "alice", Password);
        Assert.Equal("login-otp", browser.PageId);
        for (var i = 0; i < 3; i++)
        {
            await browser.SubmitAsync(("otp", "000000"));
        }

        await browser.SubmitAsync(("otp", Walker.Now()));
        Assert.Null(browser.Code);
        Assert.Equal("Invalid user credentials", await GrantAsync(server, "alice", Password, ("otp", Walker.Now())));
    }

    [Theory]
    [InlineData("nobody", "wrong"), InlineData("bob", "wrong"), InlineData("carol", "wrong"), InlineData("bob", "")]
    public async Task CVE_2026_4633_a_stranger_hears_the_same_of_everybody(string name, string password)
    {
        await using var server = await SignInServer.StartAsync(Realm());
        using var known = await PasswordAsync(server, "alice", "wrong");
        using var other = await PasswordAsync(server, name, password);
        Assert.Equal((known.Status, Plain(known, "alice")), (other.Status, Plain(other, name)));
        Assert.Equal(await GrantAsync(server, "alice", "wrong"), await GrantAsync(server, name, password));

        using var reset = await ForgetAsync(server, "alice");
        using var unknown = await ForgetAsync(server, name);
        Assert.Equal((reset.Status, Plain(reset, "alice")), (unknown.Status, Plain(unknown, name)));
    }

    [Fact]
    public async Task CVE_2024_41952_and_CVE_2026_22746_a_stranger_waits_as_long_for_everybody()
    {
        await using var server = await SignInServer.StartAsync(Realm());
        await UnguardAsync(server);
        await GrantAsync(server, "bob", "wrong");
        List<double> known = [], unknown = [];
        for (var i = 0; i < 5; i++)
        {
            known.Add(await HashedAsync(server, () => GrantAsync(server, "bob", "wrong")));
            unknown.Add(await HashedAsync(server, () => GrantAsync(server, $"nobody-{i}", "wrong")));
        }

        // The quickest of each: whatever else the machine does only makes them slower. A hash more or less is many times the rest.
        Assert.InRange(unknown.Min() / known.Min(), 0.5, 2.0);
    }

    [Fact]
    public async Task GHSA_qgqp_xh8r_v73r_a_mail_goes_to_the_address_that_is_stored()
    {
        await using var sink = new SmtpSink();
        await using var server = await SignInServer.StartAsync(Realm(sink.Port));
        using var browser = await ForgetAsync(server, "bob", ("email", "thief@example.org"), ("to", "thief@example.org"));
        Assert.Equal(["bob@example.org"], (await sink.NextAsync()).To);
    }

    [Fact]
    public async Task CVE_2024_47070_a_condition_that_breaks_lets_nobody_in()
    {
        await using var server = await SignInServer.StartAsync(Realm(), services => services.AddSingleton<ILoginCondition, BrokenCondition>());
        await TestFlows.UseAsync(server, "guarded", ("top", ["A auth-cookie", "A > entry"]), ("entry", ["R auth-username-password-form", "C > second"]), ("second", ["R conditional-broken", "R auth-otp-form"]));
        using var browser = server.Browser();
        await browser.OpenAsync("guarded");
        var action = browser.Actions[0];
        for (var tries = 0; tries < 3; tries++)
        {
            await browser.PostAsync(action, ("username", "alice"), ("password", Password));
            Assert.Null(browser.Code);
            await browser.GetAsync(Regex.Replace(action, "session_code=[^&]*&", ""));
            Assert.Null(browser.Code);
            action = browser.Actions.FirstOrDefault(a => a.Contains("authenticate", StringComparison.Ordinal)) ?? action;
        }

        await browser.OpenAsync("guarded");
        Assert.Null(browser.Code);
    }

    [Fact]
    public async Task CVE_2026_3429_a_second_factor_is_not_taken_away_by_a_password_alone()
    {
        await using var server = await SignInServer.StartAsync(Realm());
        await TestFlows.UseAsync(server, "guarded", s_levels);
        using var browser = await PasswordAsync(server, "alice", Password);
        var low = await server.TokensAsync("guarded", browser.Code!);
        Assert.Equal((403, "Insufficient level of authentication for removing credential of type 'otp'."), await DeleteAsync(server, low));

        // The action that an application asks for wants the code first, too.
        await browser.OpenAsync("guarded", ("kc_action", "delete_credential:the-device"));
        await browser.FollowAsync();
        Assert.Equal("login-otp", browser.PageId);
        Assert.Single(await DevicesAsync(server));

        await browser.SubmitAsync(("otp", Walker.Now()));
        Assert.Equal("delete-credential", browser.PageId);
        await browser.SubmitAsync(("accept", "on"));
        Assert.Empty(await DevicesAsync(server));
    }

    [Fact]
    public async Task CVE_2026_3429_a_second_factor_is_not_added_by_a_password_alone()
    {
        await using var server = await SignInServer.StartAsync(Realm());
        await TestFlows.UseAsync(server, "guarded", s_levels);
        using var browser = await PasswordAsync(server, "alice", Password);
        Assert.NotNull(browser.Code);
        await browser.OpenAsync("guarded", ("kc_action", "CONFIGURE_TOTP"));
        await browser.FollowAsync();
        Assert.Equal("login-otp", browser.PageId);

        // Somebody without one has nothing else to prove.
        using var other = await PasswordAsync(server, "bob", Password);
        await other.OpenAsync("guarded", ("kc_action", "CONFIGURE_TOTP"));
        await other.FollowAsync();
        Assert.Equal("login-config-totp", other.PageId);
    }

    private static async Task<TestBrowser> PasswordAsync(SignInServer server, string name, string password)
    {
        var browser = server.Browser();
        await browser.OpenAsync("guarded");
        await browser.SubmitAsync(("username", name), ("password", password));
        return browser;
    }

    private static async Task<TestBrowser> ForgetAsync(SignInServer server, string name, params (string, string)[] more)
    {
        var browser = server.Browser();
        await browser.OpenAsync("guarded");
        await browser.GetAsync(browser.Links.First(l => l.Contains("reset-credentials", StringComparison.Ordinal)));
        await browser.SubmitAsync([("username", name), .. more]);
        return browser;
    }

    /// <summary>The error's description; null when there are tokens.</summary>
    private static async Task<string?> GrantAsync(SignInServer server, string name, string password, params (string, string)[] more)
    {
        var answer = await server.TokensAsync("guarded", "", [("grant_type", "password"), ("username", name), ("password", password), .. more]);
        return answer.TryGetProperty("error_description", out var why) ? why.GetString() : null;
    }

    private static async Task<(int, string?)> DeleteAsync(SignInServer server, JsonElement tokens)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"{server.Base}/realms/guarded/account/credentials/the-device");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.GetProperty("access_token").GetString());
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, text.Length == 0 ? null : JsonDocument.Parse(text).RootElement.GetProperty("error").GetString());
    }

    private static async Task<List<Core.Representations.CredentialRepresentation>> DevicesAsync(SignInServer server)
    {
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("guarded"))!;
        var users = server.Services.GetRequiredService<IUserStore>();
        var alice = (await users.FindByUsernameAsync(realm.Id, "alice"))!;
        return [.. (await users.CredentialsAsync(realm.Id, alice.Id)).Where(c => c.Type == "otp")];
    }

    private static async Task UnguardAsync(SignInServer server)
    {
        var realms = server.Services.GetRequiredService<IRealms>();
        var realm = (await realms.FindAsync("guarded"))!;
        var settings = realm.Settings.ShallowCopy();
        settings.BruteForceProtected = false;
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
    }

    /// <summary>The processor time, in nanoseconds, that the one thread for hashes spends meanwhile: it is the least of all threads, and waits for the others.</summary>
    private static async Task<double> HashedAsync(SignInServer server, Func<Task> work)
    {
        var hashing = server.Services.GetRequiredService<HashingQueue>();
        static double Spent() => double.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        var before = await hashing.TryRun(Spent)!;
        await work();
        return await hashing.TryRun(Spent)! - before;
    }

    /// <summary>A page without what is new on every page, and without the name that was typed.</summary>
    private static string Plain(TestBrowser browser, string name) => Regex.Replace(
        browser.Text, "(session_code|tab_id|client_data|execution)=[^&\"]*|nonce=\"[^\"]*\"|nonce-[^']*|data-options=\"[^\"]*\"", "").Replace($"value=\"{name}\"", "value=\"\"", StringComparison.Ordinal);

    private sealed class BrokenCondition : ILoginCondition
    {
        public string Id => "conditional-broken";

        public ValueTask<bool> HoldsAsync(LoginContext context) => throw new InvalidOperationException("broken");
    }
}
