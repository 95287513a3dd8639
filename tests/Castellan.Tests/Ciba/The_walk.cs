using System.Text.Json.Nodes;
using Castellan.Core.Ciba;
using Castellan.Core.Codes;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Storage;
using Castellan.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Ciba;

/// <summary>From a client's request over somebody's device to tokens, with a listener of this machine for the device and for the client (OpenID CIBA Core 1.0 §7 to §11).</summary>
public sealed class The_walk
{
    [Theory, ClassData(typeof(Engines))]
    public async Task A_client_polls_until_the_person_has_decided_and_one_of_its_polls_gets_the_tokens(DbEngine engine)
    {
        await using var house = await CibaHouse.StartAsync(engine);
        var sessions = house.Server.Services.GetRequiredService<ISessions>();
        var (realm, alice) = (await house.RealmAsync(), await house.PersonAsync());
        var asked = await house.AskAsync("till", ("binding_message", "W4SCT"), ("acr_values", "gold silver"), ("scope", "openid phone"));
        Assert.Equal((200, "120", null), (asked.Status, asked["expires_in"], asked["interval"]));
        var id = asked["auth_req_id"]!;
        var (_, device) = await house.BeginAsync("till", ("login_hint", "ALICE@example.org"), ("acr_values", "gold"), ("scope", "openid phone"));
        Assert.Equal(("alice", "False", "gold", "application/json"), (device["login_hint"], device["is_consent_required"], device["acr_values"], device.ContentType));
        Assert.Equal(["email", "openid", "phone", "profile", "roles"], device["scope"]!.Split(' ').Order());
        var claims = Tokens.Payload(device.Token);
        Assert.Equal((house.Issuer, house.Issuer, alice.Id, "till"), (Text("iss"), Text("aud"), Text("sub"), Text("azp")));
        Assert.Equal(120, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());

        (await house.PollAsync(id)).Refuses(400, "authorization_pending");
        (id, device) = await house.BeginAsync();
        (await house.PollAsync(id)).Refuses(400, "authorization_pending");
        Assert.Equal(200, (await house.DecideAsync(device.Token)).Status);
        Assert.Empty(await sessions.ListByUserAsync(realm.Id, alice.Id));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => house.PollAsync(id)));
        var tokens = Assert.Single(answers, a => a.Status == 200);
        Assert.All(answers.Where(a => a != tokens), a => a.Refuses(400, "invalid_grant", "Invalid auth_req_id"));
        Assert.Equal(("till", alice.Id, "1"), (tokens.Claims("access_token").GetProperty("azp").GetString(), tokens.Claims("id_token").GetProperty("sub").GetString(), tokens.Claims("id_token").GetProperty("acr").GetString()));
        Assert.Matches("^onrtci:", tokens.Claims("access_token").GetProperty("jti").GetString());
        Assert.True(tokens.Claims("id_token").GetProperty("auth_time").GetInt64() >= claims.GetProperty("iat").GetInt64());
        Assert.Equal(tokens["session_state"], Assert.Single(await sessions.ListByUserAsync(realm.Id, alice.Id)).Id);
        Assert.Equal(200, (await house.PostAsync("token", "till", ("grant_type", "refresh_token"), ("refresh_token", tokens.Refresh))).Status);
        (await house.PollAsync(id)).Refuses(400, "invalid_grant", "Invalid auth_req_id");
        (await house.DecideAsync(device.Token)).Refuses(403, "invalid_token", "Invalid token");

        string? Text(string name) => claims.GetProperty(name).GetString();
    }

    [Fact]
    public async Task A_client_of_the_ping_mode_is_told_once_and_then_asks()
    {
        var house = await CibaHouse.OneAsync();
        foreach (var (status, outcome) in ((string, int)[])[("SUCCEED", 200), ("CANCELLED", 400), ("UNAUTHORIZED", 400)])
        {
            await TellAsync(status, outcome);
        }

        async Task TellAsync(string status, int outcome)
        {
            var (id, device) = await house.BeginAsync("bell", ("client_notification_token", "8d67dc78-7faa.~+/="));
            Assert.Empty(house.Told(id));
            Assert.Equal(200, (await house.DecideAsync(device.Token, status)).Status);
            var told = Assert.Single(house.Told(id));
            Assert.Equal(("Bearer 8d67dc78-7faa.~+/=", "application/json"), (told.Authorization, told.ContentType));
            var answer = await house.PollAsync(id, "bell");
            Assert.Equal(outcome, answer.Status);
            Assert.Equal(outcome == 200 ? null : "access_denied", answer["error"]);
        }
    }

    /// <summary>§10.2: an answer that sends elsewhere is no leave to tell anybody there, and a client that does not answer is not told again. It may ask by itself.</summary>
    [Theory, InlineData("sent-on"), InlineData("broken")]
    public async Task A_client_that_cannot_be_told_still_gets_what_was_decided(string client)
    {
        var house = await CibaHouse.OneAsync();
        var (id, device) = await house.BeginAsync(client, ("client_notification_token", "t"));
        (await house.DecideAsync(device.Token)).Refuses(400, "invalid_request", "Failed to send request to client notification endpoint");
        Assert.Single(house.Told(id));
        Assert.Equal(200, (await house.PollAsync(id, client)).Status);
    }

    [Fact]
    public async Task Of_many_answers_of_a_device_one_counts()
    {
        var house = await CibaHouse.OneAsync();
        var (_, device) = await house.BeginAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => house.DecideAsync(device.Token, i % 2 == 0 ? "SUCCEED" : "CANCELLED")));
        Assert.Single(answers, a => a.Status == 200);
    }

    [Theory]
    [InlineData(200, "Unexpected response from authentication device"), InlineData(302, "Unexpected response from authentication device"), InlineData(500, "Unexpected response from authentication device")]
    public async Task A_device_that_does_not_take_the_request_leaves_nothing(int status, string description)
    {
        await using var house = await CibaHouse.StartAsync();
        house.DeviceStatus = status;
        (await house.AskAsync("till")).Refuses(503, "server_error", description);
    }

    [Theory, InlineData(""), InlineData("http://127.0.0.1:9/device")]
    public async Task Without_a_device_nobody_can_be_asked(string channel)
    {
        await using var house = await CibaHouse.StartAsync(channel: channel);
        (await house.AskAsync("till")).Refuses(503, "server_error", "Failed to send authentication request");
    }

    [Fact]
    public async Task A_client_that_asks_for_consent_has_it_with_the_tokens()
    {
        var house = await CibaHouse.OneAsync();
        var users = house.Server.Services.GetRequiredService<IUserStore>();
        var (realm, alice) = (await house.RealmAsync(), await house.PersonAsync());
        var (id, device) = await house.BeginAsync("asking", ("scope", "openid phone"));
        Assert.Equal("True", device["is_consent_required"]);
        await house.DecideAsync(device.Token);
        Assert.DoesNotContain(await users.ConsentsAsync(realm.Id, alice.Id), c => c.GrantedClientScopes!.Count > 0);
        Assert.Equal(200, (await house.PollAsync(id, "asking")).Status);
        var consent = Assert.Single(await users.ConsentsAsync(realm.Id, alice.Id));
        Assert.Superset(new HashSet<string> { "email", "profile", "phone" }, consent.GrantedClientScopes!.Select(s => realm.Scopes.First(r => r.Id == s).Name).ToHashSet());
    }

    /// <summary>Parameters that the protocol does not know reach the device and the session, but none can pass for what the server says there.</summary>
    [Fact]
    public async Task What_else_was_said_is_kept_with_the_session()
    {
        var house = await CibaHouse.OneAsync();
        var sessions = house.Server.Services.GetRequiredService<ISessions>();
        var (id, device) = await house.BeginAsync("till", ("amount", "12"), ("is_consent_required", "true"), ("empty", " "), ("long", new string('x', 201)), ("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"), ("e", "5"));
        Assert.Equal(("12", "False", null, null, "4", null), (device["amount"], device["is_consent_required"], device["empty"], device["long"], device["d"], device["e"]));
        Assert.DoesNotContain("secret", device.Body.ToString(), StringComparison.Ordinal);
        Assert.Equal(200, (await house.CallBackAsync("Bearer " + device.Token, """{"status":"SUCCEED","place":"home","floor":3}""")).Status);
        var session = (await sessions.FindAsync((await house.RealmAsync()).Id, (await house.PollAsync(id))["session_state"]!))!;
        var notes = session.Clients[0].Notes;
        Assert.Equal(("12", "home", "3"), (notes["ciba_backchannel_request_param_amount"], notes["ciba_callback_response_param_place"], notes["ciba_callback_response_param_floor"]));
    }

    /// <summary>The device's token speaks of a person and is signed by the realm, and is worth nothing anywhere else.</summary>
    [Fact]
    public async Task The_token_of_a_device_opens_no_other_door()
    {
        var house = await CibaHouse.OneAsync();
        var (_, device) = await house.BeginAsync();
        Assert.Equal(401, await house.BearerAsync("/realms/shop/protocol/openid-connect/userinfo", device.Token));
        Assert.Equal(401, await house.BearerAsync("/realms/shop/account/sessions/devices", device.Token));
        Assert.Equal(401, await house.BearerAsync("/admin/realms/shop", device.Token));
        await house.SetClientAsync("service", c => c.Attributes!["allow.token.introspection.without.audience.check"] = "true");
        Assert.Equal("False", (await house.PostAsync("token/introspect", "service", ("token", device.Token)))["active"]);
        (await house.PostAsync("token", "till", ("grant_type", "refresh_token"), ("refresh_token", device.Token))).Refuses(400, "invalid_grant");
        (await house.PollAsync(device.Token)).Refuses(400, "invalid_grant", "Invalid Auth Req ID");
        (await house.PollAsync(Tokens.Payload(device.Token).GetProperty("jti").GetString()!)).Refuses(400, "invalid_grant", "Invalid auth_req_id");
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Nothing_that_is_stored_shows_a_secret(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var kept = new Seen(new OneUseStore(db, TimeProvider.System));
        var requests = new CibaRequests(kept, TimeProvider.System);
        var realm = Core.Ids.New();
        var asked = new CibaRequest { ClientId = "c", UserId = "u", Scope = "openid", Expires = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + 60_000 };
        var (id, secret) = await requests.AddAsync(realm, asked, "told-by-this");
        Assert.All(kept.Values, v => Assert.DoesNotContain([id, secret, "told-by-this"], part => v.Contains(part, StringComparison.Ordinal)));
        var (key, found) = (await requests.FindByDeviceAsync(realm, secret))!.Value;
        Assert.Equal((CibaRequests.KeyOf(id), new Notice(id, "told-by-this")), (key, Notice.Open(found.Notice!, secret)));
        Assert.Null(Notice.Open(found.Notice!, secret + "x"));
        Assert.Null(await requests.FindByDeviceAsync(realm, id));
        Assert.Null(await requests.FindAsync(realm, CibaRequests.KeyOf(secret)));
    }

    /// <summary>What is written to a store of things used once.</summary>
    private sealed class Seen(IOneUse store) : IOneUse
    {
        public List<string> Values { get; } = [];

        public ValueTask<bool> TryAddAsync(string realmId, string kind, string key, long expires, CancellationToken ct) => store.TryAddAsync(realmId, kind, key, expires, ct);

        public ValueTask PutAsync(string realmId, string kind, string key, string value, long expires, CancellationToken ct)
        {
            Values.Add(value);
            return store.PutAsync(realmId, kind, key, value, expires, ct);
        }

        public ValueTask<string?> FindAsync(string realmId, string kind, string key, CancellationToken ct) => store.FindAsync(realmId, kind, key, ct);

        public ValueTask<string?> TakeAsync(string realmId, string kind, string key, CancellationToken ct) => store.TakeAsync(realmId, kind, key, ct);

        public ValueTask<bool> ReplaceAsync(string realmId, string kind, string key, string read, string value, CancellationToken ct) => store.ReplaceAsync(realmId, kind, key, read, value, ct);

        public ValueTask DeleteExpiredAsync(long now, CancellationToken ct) => store.DeleteExpiredAsync(now, ct);
    }
}
