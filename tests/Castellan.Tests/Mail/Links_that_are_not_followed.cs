using System.Buffers.Text;
using System.Net;
using System.Text;
using Castellan.Core.Events;
using Castellan.Core.Mail;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Storage;
using Castellan.Tests.Login;
using Castellan.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Mail;

/// <summary>What a person and an administrator learn of a link that leads nowhere; and links that lead somewhere more than once.</summary>
public sealed class Links_that_are_not_followed : IAsyncLifetime
{
    private const string Realm = """
        {
          "realm": "shop", "enabled": true, "eventsEnabled": true, "resetPasswordAllowed": true,
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "Correct-horse-1"}]},
                    {"username": "carol", "enabled": false, "email": "carol@example.org"}]
        }
        """;

    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SignInServer.StartAsync(Realm);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<Realm> RealmAsync() => (await _server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;

    private async Task<string> KeyAsync(string user, Func<ActionToken, ActionToken> change, string type = ActionTypes.ExecuteActions)
    {
        var realm = await RealmAsync();
        var found = (await _server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, user))!;
        var token = change(new ActionToken(type, found.Id, found.Email, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 300) { Client = "web", Actions = ["UPDATE_PROFILE"] });
        return await _server.Services.GetRequiredService<ActionTokens>().IssueAsync(realm, token, $"{_server.Base}/realms/shop");
    }

    private async Task<TestBrowser> OpenAsync(string key)
    {
        var browser = _server.Browser();
        await browser.GetAsync($"/realms/shop/login-actions/action-token?key={key}");
        return browser;
    }

    [Theory]
    [InlineData("none", "EXECUTE_ACTION_TOKEN_ERROR not_allowed invalidRequestMessage", "Invalid Request")]
    [InlineData("nonsense", "EXECUTE_ACTION_TOKEN_ERROR invalid_code Failed to parse JWT", "An error occurred")]
    [InlineData("of another kind", "EXECUTE_ACTION_TOKEN_ERROR invalid_code Invalid action token operation", "An error occurred")]
    [InlineData("run out", "EXECUTE_ACTION_TOKEN_ERROR expired_code Token is not active", "Action expired.")]
    [InlineData("not signed: execute-actions", "EXECUTE_ACTION_TOKEN_ERROR not_allowed Invalid token signature", "An error occurred")]
    [InlineData("not signed: reset-credentials", "EXECUTE_ACTION_TOKEN_ERROR not_allowed Invalid token signature", "Reset Credential not allowed")]
    [InlineData("not signed: verify-email", "EXECUTE_ACTION_TOKEN_ERROR invalid_token Invalid token signature", "stale link")]
    [InlineData("of somebody disabled", "EXECUTE_ACTIONS_ERROR user_disabled accountDisabledMessage", "Account is disabled")]
    [InlineData("of nobody", "EXECUTE_ACTIONS_ERROR user_not_found invalidUserMessage", "Invalid username or password.")]
    [InlineData("of another address", "EXECUTE_ACTIONS_ERROR invalid_email invalidEmailMessage", "Invalid email address.")]
    [InlineData("of another address: verify-email", "VERIFY_EMAIL_ERROR invalid_email staleEmailVerificationLink", "stale link")]
    [InlineData("back to nowhere", "EXECUTE_ACTIONS_ERROR invalid_redirect_uri invalidRedirectUriMessage", "Invalid redirect uri")]
    public async Task A_link_that_is_not_followed_is_told_with_its_reason(string link, string told, string words)
    {
        var type = link.Split(": ") is [_, var named] ? named : ActionTypes.ExecuteActions;
        var key = link.Split(": ")[0] switch
        {
            "none" => "",
            "nonsense" => "garbage",
            "of another kind" => await KeyAsync("alice", t => t, "unheard-of"),
            "run out" => await KeyAsync("alice", t => t with { Expires = t.Expires - 400 }),
            "not signed" => (await KeyAsync("alice", t => t, type))[..^8] + "AAAAAAAA",
            "of somebody disabled" => await KeyAsync("carol", t => t),
            "of nobody" => await KeyAsync("alice", t => t with { UserId = "nobody" }),
            "of another address" => await KeyAsync("alice", t => t with { Email = "old@example.org" }, type),
            _ => await KeyAsync("alice", t => t with { RedirectUri = "https://elsewhere.example/" }),
        };
        using var browser = await OpenAsync(key);
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));
        Assert.Contains(words, browser.Text, StringComparison.Ordinal);
        var happened = Assert.Single(await _server.Services.GetRequiredService<IEventStore>().ListAsync((await RealmAsync()).Id, new EventQuery()));
        Assert.Equal(told, $"{happened.Type} {happened.Error} {happened.Details!["reason"]}");
        Assert.Equal(link is not ("none" or "nonsense"), happened.Details.ContainsKey("token_id"));
    }

    /// <summary>What can be done but once is; a profile may be looked through again as long as the link lives.</summary>
    [Theory, InlineData("UPDATE_PROFILE", true), InlineData("UPDATE_PASSWORD", false)]
    public async Task A_link_leads_again_to_what_can_be_done_again(string action, bool again)
    {
        var key = await KeyAsync("alice", t => t with { Actions = [action] });
        for (var time = 0; time < 2; time++)
        {
            using var browser = await OpenAsync(key);
            if (time > 0 && !again)
            {
                Assert.Contains("Action expired. Please continue with login now.", browser.Text, StringComparison.Ordinal);
                return;
            }

            Assert.Equal("info", browser.PageId);
            await browser.GetAsync(browser.Links[0]);
            await browser.FollowAsync();
            await browser.SubmitAsync(("email", "alice@example.org"), ("firstName", "A"), ("lastName", $"B{time}"), ("password-new", "Another-horse-2"), ("password-confirm", "Another-horse-2"));
            Assert.Contains("Your account has been updated.", browser.Text, StringComparison.Ordinal);
        }
    }

    /// <summary>Mail servers look whether a link leads anywhere.</summary>
    [Fact]
    public async Task Looking_at_a_link_does_nothing()
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Head, $"{_server.Base}/realms/shop/login-actions/action-token?key={await KeyAsync("alice", t => t)}");
        Assert.Equal(HttpStatusCode.OK, (await http.SendAsync(request)).StatusCode);
    }

    /// <summary>What a token says that nobody here signed may be anything, and stands in an event only where it could name somebody.</summary>
    [Theory, ClassData(typeof(Engines))]
    public async Task What_a_stranger_wrote_changes_nothing_but_the_log(DbEngine engine)
    {
        await using var server = await SignInServer.StartAsync(Realm, engine: engine);
        var issuer = $"{server.Base}/realms/shop";
        foreach (var subject in (string[])["somebody", "a\\u0000b", new string('x', 3_000)])
        {
            var claims = $$"""{"typ":"execute-actions","iss":"{{issuer}}","aud":"{{issuer}}","exp":9999999999,"nonce":"n","sub":"{{subject}}"}""";
            using var browser = server.Browser();
            await browser.GetAsync($"/realms/shop/login-actions/action-token?key={Encode("""{"alg":"HS512"}""")}.{Encode(claims)}.{Encode("signed")}");
            Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));
        }

        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var events = await server.Services.GetRequiredService<IEventStore>().ListAsync(realm.Id, new EventQuery());
        Assert.Equal([null, null, "somebody"], events.Select(e => e.UserId).Order(StringComparer.Ordinal));

        static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>A sign-in that began by a link may post as long as its pages last, and the link stays taken as long.</summary>
    [Theory, InlineData(60, 43_200), InlineData(43_200, 60)]
    public async Task A_link_is_taken_as_long_as_a_sign_in_by_it_may_last(int login, int action)
    {
        var (realms, realm) = (_server.Services.GetRequiredService<IRealms>(), await RealmAsync());
        var settings = realm.Settings.ShallowCopy();
        (settings.AccessCodeLifespanLogin, settings.AccessCodeLifespanUserAction) = (login, action);
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
        var token = new ActionToken(ActionTypes.ExecuteActions, "u", null, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 300);
        Assert.True(await _server.Services.GetRequiredService<ActionTokens>().TakeAsync(await RealmAsync(), token));
        var kept = await _server.Database.ListAsync($"SELECT expires FROM one_use", static row => row.GetInt64(0));
        Assert.InRange(kept.Max(), (token.Expires + 43_200) * 1000, (token.Expires + 44_000) * 1000);
    }
}
