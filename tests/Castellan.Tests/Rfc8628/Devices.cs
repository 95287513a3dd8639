using System.Net;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Rfc8628;

/// <summary>Devices without a keyboard: what they get, when, how often, and what their person sees of it.</summary>
public sealed class Devices
{
    private const string Grant = "urn:ietf:params:oauth:grant-type:device_code";
    private const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    private const string Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    private static readonly Lazy<Task<TestRealm>> s_realm = new(() => RealmAsync("0"));

    [Fact]
    public async Task A_device_gets_tokens_of_the_session_of_who_approved_once()
    {
        var realm = await s_realm.Value;
        var device = await AskAsync(realm, ("nonce", "n-1"));
        using var browser = await SignInAsync(realm, device["verification_uri_complete"]!);
        (await PollAsync(realm, device)).Refuses(400, "authorization_pending");
        await browser.SubmitAsync(("accept", "Yes"));
        Assert.Equal("info", browser.PageId);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PollAsync(realm, device)));
        var tokens = Assert.Single(answers, a => a.Status == 200);
        Assert.Equal(("web", "n-1"), (tokens.Claims("access_token").GetProperty("azp").GetString(), tokens.Claims("id_token").GetProperty("nonce").GetString()));
        Assert.NotNull(await realm.Server.Sessions.FindAsync((await realm.NowAsync()).Id, tokens["session_state"]!));
        Assert.Equal(200, (await realm.RefreshAsync(tokens.Refresh, "web")).Status);
        (await PollAsync(realm, device)).Refuses(400, "invalid_grant", "Device code not valid");
    }

    [Fact]
    public async Task It_hears_that_its_person_refused()
    {
        var realm = await s_realm.Value;
        var device = await AskAsync(realm);
        using var browser = await SignInAsync(realm, device["verification_uri_complete"]!);
        await browser.SubmitAsync(("cancel", "No"));
        Assert.Contains("Consent denied", browser.Text, StringComparison.Ordinal);
        (await PollAsync(realm, device)).Refuses(400, "access_denied");
        await browser.GetAsync(device["verification_uri_complete"]!);
        Assert.Contains("Invalid code", browser.Text, StringComparison.Ordinal);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_its_person_took_back_it_does_not_get(bool takenBack)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
        {
            file.Clients![1].ConsentRequired = true;
            file.Clients[1].Attributes = new() { ["oauth2.device.authorization.grant.enabled"] = "true", ["oauth2.device.polling.interval"] = "0" };
        });
        var device = await AskAsync(realm);
        using var browser = await SignInAsync(realm, device["verification_uri_complete"]!);
        await browser.SubmitAsync(("accept", "Yes"));
        if (takenBack)
        {
            var users = realm.Server.Services.GetRequiredService<IUserStore>();
            var now = await realm.NowAsync();
            var alice = (await users.FindByUsernameAsync(now.Id, "alice"))!;
            var consent = Assert.Single(await users.ConsentsAsync(now.Id, alice.Id));
            await realm.Server.Realms.ApplyAsync(new ChangeSet(now.Id).Add(new DeleteConsent(alice.Id, consent.ClientId!)));
        }

        var answer = await PollAsync(realm, device);
        if (takenBack)
        {
            answer.Refuses(400, "invalid_scope", "Client no longer has requested consent from user");
        }
        else
        {
            Assert.Equal(200, answer.Status);
        }
    }

    [Theory, InlineData("realm"), InlineData("client"), InlineData("person")]
    public async Task An_approval_that_is_older_than_a_revocation_is_worth_nothing(string whose)
    {
        var realm = await RealmAsync("0");
        var device = await AskAsync(realm);
        using var browser = await SignInAsync(realm, device["verification_uri_complete"]!);
        await browser.SubmitAsync(("accept", "Yes"));
        var later = (int)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 5;
        await (whose switch
        {
            "realm" => realm.SetAsync(r => r.NotBefore = later),
            "client" => realm.SetClientAsync("web", c => c.NotBefore = later),
            _ => realm.SetAliceAsync(u => u.NotBefore = later),
        });
        (await PollAsync(realm, device)).Refuses(400, "invalid_grant", "Session not active");
    }

    /// <summary>CVE-2026-88770: a browser that is signed in asks for no password, and so does not meet the lock.</summary>
    [Fact]
    public async Task Who_was_locked_out_since_they_signed_in_gets_nothing()
    {
        var realm = await RealmAsync("0");
        await realm.SetAsync(r => (r.BruteForceProtected, r.FailureFactor, r.WaitIncrementSeconds) = (true, 1, 600));
        var device = await AskAsync(realm);
        using var browser = await SignInAsync(realm, device["verification_uri_complete"]!);
        await browser.SubmitAsync(("accept", "Yes"));
        var now = await realm.NowAsync();
        var alice = (await realm.Server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(now.Id, "alice"))!;
        await using (var attempt = await realm.Server.Services.GetRequiredService<BruteForceGuard>().BeginAsync(now, alice, null))
        {
            await attempt.FailedAsync();
        }

        (await PollAsync(realm, device)).Refuses(400, "invalid_grant", "User disabled");
    }

    [Fact]
    public async Task Who_polls_before_the_interval_is_over_slows_down()
    {
        var realm = await RealmAsync("60");
        var device = await AskAsync(realm);
        Assert.Equal("60", device["interval"]);
        (await PollAsync(realm, device)).Refuses(400, "authorization_pending");
        (await PollAsync(realm, device)).Refuses(400, "slow_down");
    }

    [Fact]
    public async Task A_device_whose_time_is_over_hears_so_and_so_does_its_person()
    {
        var realm = await RealmAsync("0", "0");
        var device = await AskAsync(realm);
        (await PollAsync(realm, device)).Refuses(400, "expired_token", "Device code is expired");
        using var browser = new TestBrowser(realm.Server.Url);
        await browser.GetAsync(device["verification_uri_complete"]!);
        Assert.Contains("The code has expired", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_is_its_clients_own_and_nobody_guesses_one()
    {
        var realm = await s_realm.Value;
        var device = await AskAsync(realm);
        (await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", Grant), ("device_code", device["device_code"]!)])).Refuses(400, "invalid_grant", "unauthorized client");
        (await realm.PostAsync("token", ("client_id", "web"), ("grant_type", Grant), ("device_code", device["user_code"]!))).Refuses(400, "invalid_grant", "Device code not valid");
        (await realm.PostAsync("token", ("client_id", "web"), ("grant_type", Grant), ("device_code", ""))).Refuses(400, "invalid_grant", "Device code not valid");
        (await realm.PostAsync("token", ("client_id", "web"), ("grant_type", Grant))).Refuses(400, "invalid_request", "Missing parameter: device_code");
    }

    [Fact]
    public async Task A_client_that_may_not_is_refused_at_both_endpoints()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        (await realm.PostAsync("auth/device", ("client_id", "web"))).Refuses(400, "unauthorized_client");
        (await realm.PostAsync("token", ("client_id", "web"), ("grant_type", Grant), ("device_code", "x"))).Refuses(400, "invalid_grant", "Client not allowed OAuth 2.0 Device Authorization Grant");
    }

    /// <summary>RFC 7636: the code alone is worth nothing to who did not begin the request, and one try spends it.</summary>
    [Fact]
    public async Task The_verifier_is_held_against_the_challenge()
    {
        var realm = await s_realm.Value;
        await RedeemAsync(realm, Verifier, wrong: false);
        await RedeemAsync(realm, Verifier + "x", wrong: true);
        (await realm.PostAsync("auth/device", ("client_id", "web"), ("code_challenge", "short"))).Refuses(400, "invalid_request", "Invalid parameter: code_challenge");
    }

    [Fact]
    public async Task The_page_takes_the_code_as_people_type_it_and_says_when_it_is_wrong()
    {
        var realm = await s_realm.Value;
        var device = await AskAsync(realm);
        using var browser = new TestBrowser(realm.Server.Url);
        await browser.GetAsync(device["verification_uri"]!);
        Assert.Equal("login-oauth2-device-verify-user-code", browser.PageId);
        await browser.SubmitAsync(("device_user_code", "AAAA-AAAA"));
        Assert.Equal((HttpStatusCode.OK, "login-oauth2-device-verify-user-code"), (browser.Status, browser.PageId));
        Assert.Contains("Invalid code", browser.Text, StringComparison.Ordinal);
        await browser.SubmitAsync(("device_user_code", new string('B', 5000)));
        Assert.Contains("Invalid code", browser.Text, StringComparison.Ordinal);
        await browser.SubmitAsync(("device_user_code", " " + device["user_code"]!.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal)));
        Assert.Equal("login", browser.PageId);
    }

    /// <summary>RFC 8628 §5.4: a link that somebody was sent does nothing by itself, however often they allowed the client before.</summary>
    [Fact]
    public async Task Somebody_signed_in_already_is_asked_each_time()
    {
        var realm = await s_realm.Value;
        using var browser = await SignInAsync(realm, (await AskAsync(realm))["verification_uri_complete"]!);
        await browser.SubmitAsync(("accept", "Yes"));
        var second = await AskAsync(realm);
        await browser.GetAsync(second["verification_uri_complete"]!);
        await browser.FollowAsync();
        Assert.Equal("login-oauth-grant", browser.PageId);
        (await PollAsync(realm, second)).Refuses(400, "authorization_pending");
    }

    [Fact]
    public async Task A_sign_in_for_a_device_that_ran_out_begins_anew()
    {
        var realm = await s_realm.Value;
        var device = await AskAsync(realm);
        using var browser = new TestBrowser(realm.Server.Url);
        await browser.GetAsync(device["verification_uri_complete"]!);
        await browser.FollowAsync();
        browser.Forget("AUTH_SESSION_ID");
        await browser.SubmitAsync(("username", "alice"), ("password", "correct-horse"));
        Assert.Equal("login", browser.PageId);
        await browser.SubmitAsync(("username", "alice"), ("password", "correct-horse"));
        await browser.SubmitAsync(("accept", "Yes"));
        Assert.Equal(200, (await PollAsync(realm, device)).Status);
    }

    /// <summary>What ties a sign-in to a device is the server's own note: no parameter of another request is taken for it.</summary>
    [Fact]
    public async Task No_authorization_request_approves_a_device()
    {
        var realm = await s_realm.Value;
        var device = await AskAsync(realm);
        using var browser = new TestBrowser(realm.Server.Url);
        await browser.OpenAsync(realm.Name, (Core.Login.LoginNotes.Device, Core.Codes.DeviceAuthorizations.KeyOf(device["device_code"]!)));
        await browser.SubmitAsync(("username", "alice"), ("password", "correct-horse"));
        Assert.NotNull(browser.Code);
        (await PollAsync(realm, device)).Refuses(400, "authorization_pending");
    }

    private static async Task RedeemAsync(TestRealm realm, string verifier, bool wrong)
    {
        var device = await AskAsync(realm, ("code_challenge", Challenge), ("code_challenge_method", "S256"));
        using var browser = await SignInAsync(realm, device["verification_uri_complete"]!);
        await browser.SubmitAsync(("accept", "Yes"));
        var answer = await PollAsync(realm, device, ("code_verifier", verifier));
        if (!wrong)
        {
            Assert.Equal(200, answer.Status);
            return;
        }

        answer.Refuses(400, "invalid_grant", "PKCE verification failed: Code mismatch");
        (await PollAsync(realm, device, ("code_verifier", Verifier))).Refuses(400, "invalid_grant", "Device code not valid");
    }

    private static async Task<TestRealm> RealmAsync(string interval, string? life = null) => await (await TestServer.OneAsync()).RealmAsync(file =>
    {
        foreach (var client in file.Clients!)
        {
            client.Attributes = new() { ["oauth2.device.authorization.grant.enabled"] = "true", ["oauth2.device.polling.interval"] = interval, ["oauth2.device.code.lifespan"] = life };
        }
    });

    private static async Task<Answer> AskAsync(TestRealm realm, params (string, string)[] more)
    {
        var answer = await realm.PostAsync("auth/device", [("client_id", "web"), ("scope", "openid"), .. more]);
        Assert.Equal(200, answer.Status);
        return answer;
    }

    private static Task<Answer> PollAsync(TestRealm realm, Answer device, params (string, string)[] more) =>
        realm.PostAsync("token", [("client_id", "web"), ("grant_type", Grant), ("device_code", device["device_code"]!), .. more]);

    private static async Task<TestBrowser> SignInAsync(TestRealm realm, string address)
    {
        var browser = new TestBrowser(realm.Server.Url);
        await browser.GetAsync(address);
        await browser.FollowAsync();
        await browser.SubmitAsync(("username", "alice"), ("password", "correct-horse"));
        Assert.Equal("login-oauth-grant", browser.PageId);
        return browser;
    }

    [Fact]
    public async Task A_realm_may_have_a_shorter_address_for_people_to_type()
    {
        var realm = await RealmAsync("0");
        await realm.SetAsync(r => (r.Attributes ??= [])["shortVerificationUri"] = "https://tv.example/link");
        var device = await AskAsync(realm);
        Assert.Equal(("https://tv.example/link", $"https://tv.example/link?user_code={device["user_code"]}"), (device["verification_uri"], device["verification_uri_complete"]));
    }

    /// <summary>A device asks every few seconds: that its person has not decided yet is no event.</summary>
    [Fact]
    public async Task Of_its_polls_those_are_recorded_that_go_wrong()
    {
        var realm = await RealmAsync("60");
        await realm.SetAsync(r => (r.EventsEnabled, r.EnabledEventTypes) = (true, ["OAUTH2_DEVICE_CODE_TO_TOKEN_ERROR"]));
        var device = await AskAsync(realm);
        (await PollAsync(realm, device)).Refuses(400, "authorization_pending");
        var (store, id) = (realm.Server.Services.GetRequiredService<IEventStore>(), (await realm.NowAsync()).Id);
        Assert.Empty(await store.ListAsync(id, new EventQuery(Max: 10)));
        (await PollAsync(realm, device)).Refuses(400, "slow_down", "Slow down");
        var left = Assert.Single(await store.ListAsync(id, new EventQuery(Max: 10)));
        Assert.Equal(("slow_down", false), (left.Error, left.Details!.ContainsKey("reason")));
    }
}
