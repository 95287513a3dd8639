using Castellan.Core.Ciba;
using Castellan.Core.Realms;
using Castellan.Core.Users.LoginFailures;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Ciba;

/// <summary>What is refused, at each of the three places, in the words of each.</summary>
public sealed class Refusals
{
    private const string BadMessage = "the binding_message value has to be max 50 characters in length and must contain only basic plain-text characters without spaces";

    [Theory]
    [InlineData("plain", "", 401, "invalid_grant", CibaPolicy.NotAllowed)]
    [InlineData("open", "", 401, "invalid_grant", CibaPolicy.NotAllowed)]
    [InlineData("nobody", "", 401, "invalid_client", null)]
    [InlineData("till", "client_secret=wrong", 401, "unauthorized_client", null)]
    [InlineData("till", "scope=openid&scope=email", 400, "invalid_request", "duplicated parameter")]
    [InlineData("till", "login_hint", 400, "invalid_request", "missing parameter : login_hint")]
    [InlineData("till", "login_hint=", 400, "invalid_request", "invalid_user")]
    [InlineData("till", "login_hint=nobody", 400, "invalid_request", "invalid_user")]
    [InlineData("till", "login_hint=bob", 400, "invalid_request", "invalid_user")]
    [InlineData("till", "login_hint=service-account-service", 400, "invalid_request", "invalid_user")]
    [InlineData("till", "scope", 400, "invalid_request", "missing parameter : scope")]
    [InlineData("till", "scope=", 400, "invalid_scope", "Invalid scopes: ")]
    [InlineData("till", "scope=openid nonsense", 400, "invalid_scope", "Invalid scopes: openid nonsense")]
    [InlineData("till", "binding_message=", 400, "invalid_binding_message", BadMessage)]
    [InlineData("till", "binding_message=two words", 400, "invalid_binding_message", BadMessage)]
    [InlineData("till", "binding_message=012345678901234567890123456789012345678901234567890", 400, "invalid_binding_message", BadMessage)]
    [InlineData("till", "requested_expiry=soon", 400, "invalid_request", "For input string: \"soon\"")]
    [InlineData("till", "requested_expiry=0", 400, "invalid_request", "requested_expiry has to be positive")]
    [InlineData("till", "requested_expiry=-1", 400, "invalid_request", "requested_expiry has to be positive")]
    [InlineData("till", "max_age=", 400, "invalid_request", "For input string: \"\"")]
    [InlineData("till", "user_code=1234", 400, "invalid_request", "User code not supported")]
    [InlineData("till", "client_notification_token=t", 400, "invalid_request", "Client Notification token supported only for the ping mode")]
    [InlineData("bell", "", 400, "invalid_request", "Client Notification token needs to be provided with the ping mode")]
    [InlineData("bell", "client_notification_token=a b", 400, "invalid_request", "Client Notification token is no bearer token")]
    [InlineData("bell", "client_notification_token=", 400, "invalid_request", "Client Notification token is no bearer token")]
    [InlineData("till", "request=x&request_uri=y", 400, "invalid_request", "Illegal to use both 'request' and 'request_uri' parameters together")]
    [InlineData("till", "request_uri=https://evil.example/r", 400, "invalid_request", "Specified 'request_uri' not allowed for this client.")]
    public async Task At_the_endpoint(string client, string parameters, int status, string error, string? description)
    {
        var house = await CibaHouse.OneAsync();
        var form = parameters.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)).Select(p => (p[0], p.Length > 1 ? p[1] : null!)).ToArray();
        (await house.AskAsync(client, form)).Refuses(status, error, description);
    }

    [Theory, InlineData(200, 1, 1), InlineData(201, 1, 0), InlineData(1, 200, 1), InlineData(1, 201, 0)]
    public void A_parameter_of_the_clients_own_is_short(int name, int value, int taken) =>
        Assert.Equal(taken, CibaAsked.Read(new Protocol.Messages.Form([new(new string('n', name), new string('v', value))]), null).Ok(out var asked, out _) ? asked.Further.Count : -1);

    [Theory]
    [InlineData(1024, 200), InlineData(1025, 400)]
    public async Task A_notification_token_has_a_length(int length, int status) =>
        Assert.Equal(status, (await (await CibaHouse.OneAsync()).AskAsync("bell", ("client_notification_token", new string('x', length)))).Status);

    /// <summary>The recorded Keycloak takes these, and so do we: hints that the realm does not look at, and no scope openid.</summary>
    [Theory, InlineData("id_token_hint", "x"), InlineData("login_hint_token", "x"), InlineData("scope", "email"), InlineData("requested_expiry", "30")]
    public async Task What_does_not_matter_is_no_reason(string name, string value) => Assert.Equal(200, (await (await CibaHouse.OneAsync()).AskAsync("till", (name, value))).Status);

    [Theory]
    [InlineData("id_token_hint", "x", "invalid_user"), InlineData("login_hint_token", "x", "invalid_user")]
    [InlineData("id_token_hint", null, "missing parameter : id_token_hint"), InlineData("login_hint_token", null, "missing parameter : login_hint_token"), InlineData("name", null, "invalid user hint")]
    public async Task A_realm_says_which_hint_it_wants(string hint, string? value, string description)
    {
        await using var house = await CibaHouse.StartAsync(change: file => file["attributes"]!["cibaAuthRequestedUserHint"] = hint);
        (await house.AskAsync("till", (hint, value!))).Refuses(400, "invalid_request", description);
    }

    [Fact]
    public async Task Somebody_who_is_locked_out_is_nobody()
    {
        await using var house = await CibaHouse.StartAsync();
        await LockAsync(house);
        (await house.AskAsync("till")).Refuses(400, "invalid_request", "invalid_user");
    }

    [Theory]
    [InlineData(null, 401), InlineData("Basic eDp5", 401), InlineData("Bearer garbage", 403), InlineData("Bearer", 401), InlineData("an access token", 403), InlineData("an id token", 403), InlineData("another key", 403)]
    public async Task At_the_callback(string? authorization, int status)
    {
        var house = await CibaHouse.OneAsync();
        var (id, device) = await house.BeginAsync();
        if (authorization is "an access token" or "an id token")
        {
            var tokens = await house.PostAsync("token", "till", ("grant_type", "password"), ("username", "alice"), ("password", "Correct-horse-1"), ("scope", "openid"));
            authorization = "Bearer " + tokens[authorization == "an id token" ? "id_token" : "access_token"];
        }
        else if (authorization == "another key")
        {
            authorization = "Bearer " + device.Token[..^8] + "AAAAAAAA";
        }

        (await house.CallBackAsync(authorization, """{"status":"SUCCEED"}""")).Refuses(status, "invalid_token", "Invalid token");
        (await house.PollAsync(id)).Refuses(400, "authorization_pending");
    }

    [Theory]
    [InlineData("{}"), InlineData("""{"status":"succeed"}"""), InlineData("""{"status":null}"""), InlineData("""{"status":{"a":1}}"""), InlineData("[]"), InlineData("not json"), InlineData("")]
    public async Task A_device_that_says_nothing_sensible_decides_nothing(string body)
    {
        var house = await CibaHouse.OneAsync();
        var (id, device) = await house.BeginAsync();
        (await house.CallBackAsync("Bearer " + device.Token, body)).Refuses(400, "invalid_request", "Invalid authentication status");
        Assert.Equal(415, (await house.CallBackAsync("Bearer " + device.Token, "status=SUCCEED", "application/x-www-form-urlencoded")).Status);
        Assert.Equal(413, (await house.CallBackAsync("Bearer " + device.Token, $$"""{"status":"SUCCEED","x":"{{new string('x', 20_000)}}"}""")).Status);
        (await house.PollAsync(id)).Refuses(400, "authorization_pending");
        Assert.Equal(200, (await house.DecideAsync(device.Token)).Status);
        Assert.Equal(200, (await house.PollAsync(id)).Status);
    }

    /// <summary>A token that is seen twice was seen by somebody else: what came of its first use goes.</summary>
    [Fact]
    public async Task A_token_of_a_device_that_comes_again_takes_the_approval_away()
    {
        var house = await CibaHouse.OneAsync();
        var (id, device) = await house.BeginAsync();
        Assert.Equal(200, (await house.DecideAsync(device.Token)).Status);
        (await house.DecideAsync(device.Token)).Refuses(403, "invalid_token", "Invalid token");
        (await house.PollAsync(id)).Refuses(400, "invalid_grant", "Invalid auth_req_id");
    }

    [Fact]
    public async Task A_request_whose_time_is_over_is_neither_decided_nor_redeemed()
    {
        await using var house = await CibaHouse.StartAsync(change: file => file["attributes"]!["cibaExpiresIn"] = "0");
        // The device's own token outlives the request, since the client wished so.
        var (id, device) = await house.BeginAsync("till", ("requested_expiry", "60"));
        (await house.DecideAsync(device.Token)).Refuses(403, "invalid_token", "Invalid token");
        (await house.PollAsync(id)).Refuses(400, "expired_token", "authentication timed out");
    }

    [Theory]
    [InlineData("grant_type={0}", "invalid_request", "Missing parameter: auth_req_id")]
    [InlineData("grant_type={0}&auth_req_id=", "invalid_grant", "Invalid Auth Req ID")]
    [InlineData("grant_type={0}&auth_req_id=nonsense", "invalid_grant", "Invalid Auth Req ID")]
    [InlineData("grant_type={0}&auth_req_id=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "invalid_grant", "Invalid auth_req_id")]
    public async Task At_the_grant(string form, string error, string description)
    {
        var house = await CibaHouse.OneAsync();
        var fields = string.Format(null, form, CibaHouse.Grant).Split('&').Select(p => p.Split('=', 2)).Select(p => (p[0], p[1])).ToArray();
        (await house.PostAsync("token", "till", fields)).Refuses(400, error, description);
        (await house.PostAsync("token", "plain", fields)).Refuses(400, "invalid_grant", CibaPolicy.NotAllowed);
        (await house.PostAsync("token", "open", fields)).Refuses(400, "invalid_grant", CibaPolicy.NotAllowed);
    }

    [Fact]
    public async Task A_request_is_its_clients_own()
    {
        var house = await CibaHouse.OneAsync();
        var (id, device) = await house.BeginAsync();
        await house.DecideAsync(device.Token);
        (await house.PollAsync(id, "asking")).Refuses(400, "invalid_grant", "unauthorized client");
        Assert.Equal(200, (await house.PollAsync(id)).Status);
    }

    [Fact]
    public async Task Who_polls_before_the_interval_is_over_slows_down()
    {
        await using var house = await CibaHouse.StartAsync(change: file => file["attributes"]!["cibaInterval"] = "60");
        var asked = await house.AskAsync("till");
        Assert.Equal("60", asked["interval"]);
        (await house.PollAsync(asked["auth_req_id"]!)).Refuses(400, "authorization_pending");
        (await house.PollAsync(asked["auth_req_id"]!)).Refuses(400, "slow_down", "too early to access");
    }

    public static TheoryData<string, string, string> Changes => new()
    {
        { "disabled", "invalid_grant", "User disabled" },
        { "deleted", "invalid_grant", "Could not identify user" },
        { "locked", "invalid_grant", "User disabled" },
        { "something to do", "invalid_grant", "Account is not fully set up" },
        { "revoked for the person", "invalid_grant", "Invalid auth_req_id" },
        { "revoked for the client", "invalid_grant", "Invalid auth_req_id" },
        { "revoked for the realm", "invalid_grant", "Invalid auth_req_id" },
        { "client may not", "invalid_grant", CibaPolicy.NotAllowed },
        { "client disabled", "invalid_client", null! },
        { "realm disabled", "access_denied", "Realm not enabled" },
    };

    /// <summary>Between the approval and the tokens the world may have changed, and the approval is spent on the first try.</summary>
    [Theory, MemberData(nameof(Changes))]
    public async Task What_has_changed_since_the_approval_counts(string what, string error, string? description)
    {
        await using var house = await CibaHouse.StartAsync();
        var (id, device) = await house.BeginAsync();
        Assert.Equal(200, (await house.DecideAsync(device.Token)).Status);
        await ChangeAsync(house, what);
        var answer = await house.PollAsync(id);
        Assert.Equal((error, description ?? answer["error_description"]), (answer["error"], answer["error_description"]));
    }

    [Theory]
    [InlineData("client disabled", 400, "Invalid token recipient"), InlineData("client deleted", 400, "Invalid token recipient"), InlineData("realm disabled", 403, "Realm not enabled")]
    [InlineData("revoked for the person", 403, "Invalid token"), InlineData("revoked for the client", 403, "Invalid token"), InlineData("revoked for the realm", 403, "Invalid token")]
    public async Task What_has_changed_since_the_request_counts(string what, int status, string description)
    {
        await using var house = await CibaHouse.StartAsync();
        var (_, device) = await house.BeginAsync();
        await ChangeAsync(house, what);
        var answer = await house.DecideAsync(device.Token);
        Assert.Equal((status, description), (answer.Status, answer["error_description"]));
    }

    [Fact]
    public async Task Polls_fill_no_log_and_what_was_decided_stands_in_it()
    {
        await using var house = await CibaHouse.StartAsync();
        await house.AskAsync("plain");
        Assert.Equal(("LOGIN_ERROR", "not_allowed"), (await house.EventsAsync("plain")).Select(e => (e.Type, e.Error)).Single());
        foreach (var status in (string[])["CANCELLED", "UNAUTHORIZED", "SUCCEED"])
        {
            var (id, device) = await house.BeginAsync();
            await house.PollAsync(id);
            await house.DecideAsync(device.Token, status);
            await house.PollAsync(id);
        }

        var events = await house.EventsAsync("till");
        Assert.Equal(["AUTHREQID_TO_TOKEN", "LOGIN_ERROR consent_denied", "LOGIN_ERROR not_allowed"], events.Select(e => $"{e.Type} {e.Error}".Trim()));
        var given = events[0];
        Assert.Equal(((await house.PersonAsync()).Id, given.SessionId, "consent_granted", "alice"), (given.UserId, given.Details!["code_id"], given.Details["consent"], given.Details["username"]));
    }

    private static async Task ChangeAsync(CibaHouse house, string what)
    {
        var later = (int)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 5;
        await (what switch
        {
            "disabled" => house.SetAliceAsync(u => u.Enabled = false),
            "deleted" => house.ApplyAsync(new DeleteUser((await house.PersonAsync()).Id)),
            "locked" => LockAsync(house),
            "something to do" => house.SetAliceAsync(u => u.RequiredActions = ["UPDATE_PASSWORD"]),
            "revoked for the person" => house.SetAliceAsync(u => u.NotBefore = later),
            "revoked for the client" => house.SetClientAsync("till", c => c.NotBefore = later),
            "revoked for the realm" => house.SetRealmAsync(r => r.NotBefore = later),
            "client may not" => house.SetClientAsync("till", c => c.Attributes!["oidc.ciba.grant.enabled"] = "false"),
            "client disabled" => house.SetClientAsync("till", c => c.Enabled = false),
            "client deleted" => house.SetClientAsync("till", c => c.ClientId = "other"),
            _ => house.SetRealmAsync(r => r.Enabled = false),
        });
    }

    private static async Task LockAsync(CibaHouse house)
    {
        var guard = house.Server.Services.GetRequiredService<BruteForceGuard>();
        await using var attempt = await guard.BeginAsync(await house.RealmAsync(), await house.PersonAsync(), null);
        await attempt.FailedAsync();
    }
}
