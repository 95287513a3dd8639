using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Tests.Login;
using Castellan.Tests.Mail;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Security;

/// <summary>What broke elsewhere in signing in, registering and links of mails, as tables (security cases, parts B, D, F and H).</summary>
public sealed class Sign_in_matrix
{
    private const string Password = Walker.Password;
    private const string Payload = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

    private static string Realm(int port = 1) => $$"""
        {
          "realm": "matrix", "enabled": true, "registrationAllowed": true, "resetPasswordAllowed": true, "loginWithEmailAllowed": true, "passwordPolicy": "length(8)",
          "smtpServer": {"host": "127.0.0.1", "port": "{{port}}", "from": "shop@example.org"},
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "directAccessGrantsEnabled": true}],
          "users": [
            {"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [
              {"type": "password", "value": "{{Password}}"},
              {"type": "otp", "secretData": "{\"value\":\"{{Walker.Secret}}\"}", "credentialData": "{\"subType\":\"totp\",\"digits\":6,\"counter\":0,\"period\":30,\"algorithm\":\"HmacSHA1\"}"}]},
            {"username": "bob", "enabled": true, "email": "bob@example.org", "firstName": "B", "lastName": "B", "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    /// <summary>CVE-2026-37982: a link of a mail counts once, and not at all when the password was changed since by another way.</summary>
    [Theory, InlineData("used"), InlineData("another link used"), InlineData("changed by the administrator")]
    public async Task CVE_2026_37982_an_action_token_is_worth_nothing_after_it_or_anything_else_changed_the_password(string how)
    {
        await using var sink = new SmtpSink();
        await using var server = await SignInServer.StartAsync(Realm(sink.Port));
        var link = await MailedAsync(server, sink, "bob");
        switch (how)
        {
            case "used":
                await SetAsync(server, link);
                break;
            case "another link used":
                await SetAsync(server, await MailedAsync(server, sink, "bob"));
                break;
            default:
                var realm = await NowAsync(server);
                var bob = (await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, "bob"))!;
                var change = await server.Services.GetRequiredService<Core.Credentials.PasswordChanges>().ReplaceAsync(realm, bob, "Fresh-horse-3", TestContext.Current.CancellationToken);
                await server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add([.. change.Changes]), TestContext.Current.CancellationToken);
                break;
        }

        using var thief = server.Browser();
        await thief.GetAsync(link);
        await thief.FollowAsync();
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (thief.Status, thief.PageId));
        Assert.DoesNotContain("KEYCLOAK_IDENTITY", thief.Cookies.Keys);
    }

    /// <summary>CVE-2026-22751: of parallel uses of anything that is used once, at most one wins.</summary>
    [Fact]
    public async Task CVE_2026_22751_of_parallel_uses_of_a_one_time_code_one_wins()
    {
        await using var server = await SignInServer.StartAsync(Realm());
        var code = Walker.Now();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => server.TokensAsync("matrix", "", ("grant_type", "password"), ("username", "alice"), ("password", Password), ("totp", code))));
        Assert.Single(answers, a => a.TryGetProperty("access_token", out var _));
    }

    /// <summary>CVE-2024-7318: a code counts in its own time step and one on either side, as the realm says.</summary>
    [Theory, InlineData(-3, false), InlineData(-2, false), InlineData(-1, true), InlineData(0, true), InlineData(1, true), InlineData(2, false), InlineData(3, false)]
    public async Task CVE_2024_7318_a_one_time_code_of_another_time_is_refused(int steps, bool counts)
    {
        await using var server = await SignInServer.StartAsync(Realm());
        // Not across the end of a step: what is asked is what the server sees then.
        var left = 30 - (DateTimeOffset.UtcNow.ToUnixTimeSeconds() % 30);
        await Task.Delay(TimeSpan.FromSeconds(left < 4 ? left + 1 : 0), TestContext.Current.CancellationToken);
        var codes = new OneTimeCodes(Encoding.UTF8.GetBytes(Walker.Secret), false, 6, 0, 30, "HmacSHA1");
        var answer = await server.TokensAsync("matrix", "", ("grant_type", "password"), ("username", "alice"), ("password", Password), ("totp", codes.Code((DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30) + steps)));
        Assert.Equal(counts, answer.TryGetProperty("access_token", out _));
    }

    /// <summary>CVE-2026-9791, CVE-2026-7500: what is switched off is off at each of its addresses, also for a page that stood open.</summary>
    [Theory, InlineData("registration"), InlineData("reset-credentials")]
    public async Task CVE_2026_9791_and_7500_a_page_that_is_switched_off_takes_no_form(string page)
    {
        await using var server = await SignInServer.StartAsync(Realm());
        using var browser = server.Browser();
        await browser.OpenAsync("matrix");
        await browser.GetAsync(browser.Links.First(l => l.Contains(page, StringComparison.Ordinal)));
        var form = browser.Actions[0];
        await ChangeAsync(server, s => (s.RegistrationAllowed, s.ResetPasswordAllowed) = (false, false));
        await browser.PostAsync(form, Newcomer());
        await browser.FollowAsync();
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Null(await FindAsync(server, "newcomer"));
        await browser.GetAsync($"/realms/matrix/login-actions/{page}?client_id=web");
        await browser.FollowAsync();
        Assert.Equal("error", browser.PageId);
        await browser.GetAsync("/realms/matrix/protocol/openid-connect/registrations?client_id=web&response_type=code&redirect_uri=" + Uri.EscapeDataString(SignInServer.Callback));
        await browser.FollowAsync();
        Assert.NotEqual("register", browser.PageId);
    }

    /// <summary>CVE-2024-49757, CVE-2026-29193, CVE-2026-27946, CVE-2026-54693: a registration says no more of a person than the form asks.</summary>
    [Theory]
    [InlineData("emailVerified", "true"), InlineData("user.attributes.emailVerified", "true"), InlineData("enabled", "true"), InlineData("id", "my-own-id"), InlineData("realmRoles", "admin"), InlineData("groups", "/staff")]
    [InlineData("user.attributes.role", "admin"), InlineData("attributes[role]", "admin"), InlineData("requiredActions", ""), InlineData("federationLink", "x"), InlineData("createdTimestamp", "1"), InlineData("LDAP_ID", "x")]
    public async Task CVE_2024_49757_and_CVE_2026_27946_a_registration_takes_only_what_it_asks(string field, string value)
    {
        await using var server = await SignInServer.StartAsync(Realm());
        using var browser = server.Browser();
        await browser.OpenAsync("matrix");
        await browser.GetAsync(browser.Links.First(l => l.Contains("registration", StringComparison.Ordinal)));
        await browser.PostAsync(browser.Actions[0], [.. Newcomer(), (field, value)]);
        await browser.FollowAsync();
        var made = await FindAsync(server, "newcomer");
        Assert.NotNull(made);
        Assert.False(made.Representation.EmailVerified ?? false);
        Assert.NotEqual("my-own-id", made.Id);
        Assert.Empty(made.GroupIds);
        Assert.Null(made.Representation.FederationLink);
        Assert.DoesNotContain(made.Representation.Attributes ?? [], a => a.Value.Contains("admin") || a.Key == "LDAP_ID");
    }

    [Theory, InlineData("short", "short"), InlineData("Correct-horse-1", "other"), InlineData("", "")]
    public async Task CVE_2026_29193_a_registration_keeps_to_the_policy_of_passwords(string password, string again)
    {
        await using var server = await SignInServer.StartAsync(Realm());
        using var browser = server.Browser();
        await browser.OpenAsync("matrix");
        await browser.GetAsync(browser.Links.First(l => l.Contains("registration", StringComparison.Ordinal)));
        await browser.PostAsync(browser.Actions[0], [.. Newcomer().Where(f => !f.Item1.StartsWith("password", StringComparison.Ordinal)), ("password", password), ("password-confirm", again)]);
        Assert.Null(browser.Code);
        Assert.Null(await FindAsync(server, "newcomer"));
    }

    /// <summary>CVE-2024-52287: no way to a token gives a scope that the client does not have.</summary>
    [Theory, InlineData("openid nonsense"), InlineData("openid roles.admin"), InlineData("admin")]
    public async Task CVE_2024_52287_a_scope_that_the_client_does_not_have_is_not_given(string scope)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.Clients![0].Attributes = new() { ["oauth2.device.authorization.grant.enabled"] = "true" });
        foreach (var answer in new[]
        {
            await realm.SignInAsync(scope), await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials"), ("scope", scope)]),
            await realm.RefreshAsync((await realm.SignInAsync()).Refresh), await realm.PostAsync("ext/par/request", [.. TestRealm.Credentials("api"), ("response_type", "code"), ("redirect_uri", "http://localhost:3000/back"), ("scope", scope)]),
        })
        {
            Assert.True(answer.Status >= 400 || answer["scope"] is not { } given || !given.Split(' ').Intersect(["nonsense", "roles.admin", "admin"]).Any(), answer.Text);
        }
    }

    /// <summary>CVE-2025-24070: a sign-in under way in the browser of one person, finished by another, is the other's alone.</summary>
    [Fact]
    public async Task CVE_2025_24070_the_session_goes_on_for_its_own_person_only()
    {
        await using var server = await SignInServer.StartAsync(Realm());
        using var browser = server.Browser();
        await browser.OpenAsync("matrix");
        await browser.SubmitAsync(("username", "bob"), ("password", Password));
        var first = Regex.Match(browser.Location!, "session_state=([^&]*)").Groups[1].Value;
        await browser.OpenAsync("matrix", ("prompt", "login"));
        await browser.GetAsync(browser.Links.First(l => l.Contains("restart", StringComparison.Ordinal)));
        await browser.FollowAsync();
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        await browser.SubmitAsync(("otp", Walker.Now()));
        var second = Regex.Match(browser.Location!, "session_state=([^&]*)").Groups[1].Value;
        Assert.NotEqual(first, second);
        var sessions = server.Services.GetRequiredService<ISessions>();
        var realm = await NowAsync(server);
        Assert.Null(await sessions.FindAsync(realm.Id, first, ct: TestContext.Current.CancellationToken));
        var tokens = await server.TokensAsync("matrix", browser.Code!);
        Assert.Equal("alice", Tokens.Payload(tokens.GetProperty("id_token").GetString()!).GetProperty("preferred_username").GetString());
    }

    /// <summary>CVE-2026-37980, CVE-2026-33525, CVE-2026-42849, CVE-2025-67495: whatever is typed or asked for comes back as text.</summary>
    [Theory, InlineData("sign in"), InlineData("registration"), InlineData("reset-credentials"), InlineData("device"), InlineData("logout"), InlineData("error")]
    public async Task CVE_2026_37980_and_33525_nothing_that_is_typed_becomes_markup(string page)
    {
        await using var server = await SignInServer.StartAsync(Realm());
        await ChangeAsync(server, s => (s.DisplayName, s.DisplayNameHtml) = ("Shop " + Payload, "Shop " + Payload));
        using var browser = server.Browser();
        await browser.OpenAsync("matrix", ("login_hint", Payload), ("state", Payload), ("ui_locales", Payload), ("acr_values", Payload), ("nonce", Payload));
        Clean(browser);
        switch (page)
        {
            case "device":
                await browser.PostAsync("/realms/matrix/device", ("device_user_code", Payload));
                break;
            case "logout":
                await browser.GetAsync("/realms/matrix/protocol/openid-connect/logout?client_id=web&state=" + Uri.EscapeDataString(Payload) + "&ui_locales=" + Uri.EscapeDataString(Payload));
                break;
            case "error":
                await browser.GetAsync("/realms/matrix/protocol/openid-connect/auth?client_id=" + Uri.EscapeDataString(Payload) + "&redirect_uri=" + Uri.EscapeDataString(Payload));
                break;
            default:
                if (page != "sign in")
                {
                    await browser.GetAsync(browser.Links.First(l => l.Contains(page, StringComparison.Ordinal)));
                    Clean(browser);
                }

                await browser.PostAsync(browser.Actions[0], [.. Regex.Matches(browser.Text, "<input[^>]*name=\"([^\"]+)\"").Select(m => (m.Groups[1].Value, Payload)).DistinctBy(f => f.Item1)]);
                break;
        }

        Clean(browser);
        Assert.Null(browser.Code);
    }

    private static void Clean(TestBrowser browser)
    {
        Assert.DoesNotContain("<script>alert", browser.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img src=x", browser.Text, StringComparison.OrdinalIgnoreCase);
    }

    private static (string, string)[] Newcomer() =>
        [("username", "newcomer"), ("email", "newcomer@example.org"), ("firstName", "New"), ("lastName", "Comer"), ("password", Password), ("password-confirm", Password)];

    private static async Task<string> MailedAsync(SignInServer server, SmtpSink sink, string name)
    {
        using var browser = server.Browser();
        await browser.OpenAsync("matrix");
        await browser.GetAsync(browser.Links.First(l => l.Contains("reset-credentials", StringComparison.Ordinal)));
        await browser.SubmitAsync(("username", name));
        return await sink.LinkAsync();
    }

    private static async Task SetAsync(SignInServer server, string link)
    {
        using var browser = server.Browser();
        await browser.GetAsync(link);
        await browser.FollowAsync();
        Assert.Equal("login-update-password", browser.PageId);
        await browser.SubmitAsync(("password-new", "Another-horse-2"), ("password-confirm", "Another-horse-2"));
        Assert.Equal("info", browser.PageId);
    }

    private static async Task<Realm> NowAsync(SignInServer server) => (await server.Services.GetRequiredService<IRealms>().FindAsync("matrix"))!;

    private static async Task<User?> FindAsync(SignInServer server, string name) => await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync((await NowAsync(server)).Id, name);

    private static async Task ChangeAsync(SignInServer server, Action<RealmRepresentation> change)
    {
        var realm = await NowAsync(server);
        var settings = realm.Settings.ShallowCopy();
        change(settings);
        await server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
    }
}
