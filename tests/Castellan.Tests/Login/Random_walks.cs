using System.Text;
using Castellan.Core.Login;

namespace Castellan.Tests.Login;

/// <summary>
/// CVE-2025-3910, CVE-2026-9091, CVE-2026-49443: no order of requests reaches a token below what the flow demands. Browsers wander over everything that
/// pages offer, in any order, with forms empty, doubled, swapped between tabs and people; what they can prove is limited, and so must be what they get.
/// </summary>
public sealed class Random_walks
{
    private const string Secret = "a-secret-of-twenty-b";
    private const string Password = "Correct-horse-1";

    private static readonly string s_realm = $$"""
        {
          "realm": "walk", "enabled": true, "registrationAllowed": false, "resetPasswordAllowed": true,
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "directAccessGrantsEnabled": true},
                      {"clientId": "asks", "publicClient": true, "consentRequired": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [
            {"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [
              {"type": "password", "value": "{{Password}}"},
              {"type": "otp", "secretData": "{\"value\":\"{{Secret}}\"}", "credentialData": "{\"subType\":\"totp\",\"digits\":6,\"counter\":0,\"period\":30,\"algorithm\":\"HmacSHA1\"}"}]},
            {"username": "bob", "enabled": true, "email": "bob@example.org", "firstName": "B", "lastName": "B", "requiredActions": ["UPDATE_PASSWORD"], "credentials": [{"type": "password", "value": "{{Password}}"}]},
            {"username": "carol", "enabled": false, "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3)]
    public async Task A_browser_that_knows_a_password_never_gets_past_the_second_factor(int seed)
    {
        await using var server = await SignInServer.StartAsync(s_realm);
        await WalkAsync(server, new Random(seed), steps: 250, knows: ["alice"], otp: false, code => Assert.Fail($"A code for a password alone: {code}"));
    }

    [Theory]
    [InlineData(4), InlineData(5)]
    public async Task A_browser_that_knows_no_password_never_gets_a_code(int seed)
    {
        await using var server = await SignInServer.StartAsync(s_realm);
        await WalkAsync(server, new Random(seed), steps: 250, knows: [], otp: true, code => Assert.Fail($"A code without a password: {code}"));
    }

    [Fact]
    public async Task The_walk_can_succeed_when_everything_is_known()
    {
        await using var server = await SignInServer.StartAsync(s_realm);
        using var browser = server.Browser();
        await browser.OpenAsync("walk");
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        Assert.Equal("login-otp", browser.PageId);
        await browser.SubmitAsync(("otp", Now()));
        Assert.NotNull(browser.Code);
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

    private static string Now() => new OneTimeCodes(Encoding.UTF8.GetBytes(Secret), false, 6, 0, 30, "HmacSHA1").Code(DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);

    /// <summary>Wanders with two browsers at random over links, forms and addresses seen so far, also those of the other browser.</summary>
    private static async Task WalkAsync(SignInServer server, Random random, int steps, string[] knows, bool otp, Action<string> arrived)
    {
        using var one = server.Browser();
        using var two = server.Browser();
        List<string> actions = [], links = [];
        for (var step = 0; step < steps; step++)
        {
            var browser = random.Next(4) == 0 ? two : one;
            switch (random.Next(10))
            {
                case 0:
                    await browser.OpenAsync("walk", ("client_id", random.Next(4) == 0 ? "asks" : "web"), ("prompt", Pick(random, ["", "", "login", "none", "consent", "create"])),
                        ("kc_action", Pick(random, ["", "", "UPDATE_PASSWORD", "CONFIGURE_TOTP", "delete_credential:x", "CONFIGURE_RECOVERY_AUTHN_CODES"])), ("acr_values", Pick(random, ["", "", "0", "1"])), ("max_age", Pick(random, ["", "", "0"])));
                    break;
                case 1 when links.Count > 0:
                    await browser.GetAsync(Pick(random, links));
                    break;
                case 2 when actions.Count > 0:
                    await browser.GetAsync(Twist(random, Pick(random, actions)));
                    break;
                case 3 when actions.Count > 0:
                    await browser.PostAsync(Twist(random, Pick(random, actions)), Form(random, knows, otp));
                    break;
                case 4:
                    browser.Forget(Pick(random, ["AUTH_SESSION_ID", "KC_RESTART", "KEYCLOAK_IDENTITY", "KC_AUTH_SESSION_HASH"]));
                    break;
                case 5 when browser.Location is { } next && next.StartsWith(server.Base, StringComparison.Ordinal):
                    await browser.GetAsync(next);
                    break;
                default:
                    if (browser.Actions.Count > 0)
                    {
                        await browser.PostAsync(Pick(random, browser.Actions), [.. browser.Hidden(), .. Form(random, knows, otp)]);
                        await browser.FollowAsync();
                    }

                    break;
            }

            actions.AddRange(browser.Actions.Where(a => a.StartsWith(server.Base, StringComparison.Ordinal)));
            links.AddRange(browser.Links);
            Assert.NotEqual(System.Net.HttpStatusCode.InternalServerError, browser.Text.Contains("Failed to send", StringComparison.Ordinal) ? 0 : browser.Status);
            if (browser.Code is { } code)
            {
                arrived(code);
            }
        }

        Assert.NotEmpty(actions);
    }

    private static string Twist(Random random, string url) => random.Next(5) switch
    {
        0 => url.Replace("authenticate", "required-action", StringComparison.Ordinal),
        1 => url.Replace("authenticate", "reset-credentials", StringComparison.Ordinal),
        2 => System.Text.RegularExpressions.Regex.Replace(url, "session_code=[^&]*&", ""),
        3 => System.Text.RegularExpressions.Regex.Replace(url, "execution=[^&]*&", ""),
        _ => url,
    };

    private static (string, string)[] Form(Random random, string[] knows, bool otp) => random.Next(9) switch
    {
        0 => [],
        1 => [("username", Pick(random, ["alice", "bob", "nobody", ""])), ("password", "wrong")],
        2 => [("otp", otp ? Now() : "000000")],
        3 => [("tryAnotherWay", "on")],
        4 => [("authenticationExecution", Guid.NewGuid().ToString())],
        5 => [("password-new", "x"), ("password-confirm", "x"), ("accept", "on"), ("totp", "123456"), ("cancel-aia", "true")],
        6 => [("username", "alice")],
        7 => [("recoveryCodeInput", "AAAAAAAAAAAA"), ("totpSecret", Secret), ("totp", Now())],
        _ => knows.Length > 0 ? [("username", Pick(random, knows)), ("password", Password)] : [("username", "alice"), ("password", "")],
    };

    private static T Pick<T>(Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
