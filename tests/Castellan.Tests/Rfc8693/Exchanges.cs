using Castellan.Core.Realms;
using Castellan.Core.Representations;
using static Castellan.Tests.Rfc8693.ExchangeRealm;

namespace Castellan.Tests.Rfc8693;

/// <summary>What an exchange gives (RFC 8693 §2.2.1), and how long that counts.</summary>
public sealed class Exchanges
{
    [Fact]
    public async Task An_access_token_is_the_asking_clients_for_the_same_person_in_the_same_session()
    {
        var realm = await OpenAsync();
        var subject = await realm.SignInAsync();
        var before = await realm.SessionsAsync();
        var answer = await realm.ExchangeAsync(subject.Access, "gate", ("scope", "openid email"));
        Assert.Equal((200, Kind("access_token"), "Bearer", "0", null), (answer.Status, answer["issued_token_type"], answer["token_type"], answer["refresh_expires_in"], answer["refresh_token"]));
        var claims = answer.Claims("access_token");
        Assert.Equal(
            ("gate", (await realm.AliceAsync()).Id, subject["session_state"], "email openid profile"),
            (claims.GetProperty("azp").GetString(), claims.GetProperty("sub").GetString(), claims.GetProperty("sid").GetString(), Sorted(answer["scope"])));
        Assert.Contains("target", claims.GetProperty("aud").EnumerateArray().Select(a => a.GetString()));
        Assert.StartsWith("ntrtte:", claims.GetProperty("jti").GetString(), StringComparison.Ordinal);
        Assert.Equal("gate", answer.Claims("id_token").GetProperty("aud").GetString());
        Assert.True(answer.Claims("id_token").TryGetProperty("at_hash", out _));
        Assert.Equal(before, await realm.SessionsAsync());

        var happened = await realm.LastAsync("TOKEN_EXCHANGE");
        Assert.Equal(
            ("gate", "alice", "api", Kind("access_token"), "token_exchange", subject["session_state"]),
            (happened.ClientId, happened.Details!["username"], happened.Details["subject_token_client_id"], happened.Details["requested_token_type"], happened.Details["auth_method"], happened.SessionId));
        Assert.Contains("target", happened.Details["audience"].Split(' '));
        Assert.Equal(claims.GetProperty("jti").GetString(), happened.Details["token_id"]);
    }

    [Fact]
    public async Task It_counts_until_the_session_ends_though_its_client_has_no_part_in_it()
    {
        var realm = await OpenAsync();
        var subject = await realm.SignInAsync();
        var token = (await realm.ExchangeAsync(subject.Access, "gate", ("scope", "openid"))).Access;
        Assert.Equal(200, (await realm.UserInfoAsync(token)).Status);
        Assert.Equal("True", (await IntrospectAsync(realm, token))["active"]);
        Assert.Equal(200, (await realm.ExchangeAsync(token, "gate")).Status);
        Assert.Equal(200, (await realm.PostAsync("revoke", [.. TestRealm.Credentials("gate"), ("token", (await realm.ExchangeAsync(token)).Access)])).Status);
        Assert.Equal(204, (await realm.PostAsync("logout", [.. TestRealm.Credentials("api"), ("refresh_token", subject.Refresh)])).Status);
        Assert.Equal(401, (await realm.UserInfoAsync(token)).Status);
        Assert.Equal("False", (await IntrospectAsync(realm, token))["active"]);
        (await realm.ExchangeAsync(token, "gate")).Refuses(400, "invalid_request", "Invalid token");
    }

    [Fact]
    public async Task A_client_that_has_a_part_in_the_session_gets_a_token_of_that()
    {
        var realm = await OpenAsync();
        var subject = await realm.SignInAsync();
        var (id, sid, gate) = ((await realm.NowAsync()).Id, subject["session_state"]!, (await realm.ClientAsync("gate")).Id);
        var session = (await realm.Server.Sessions.FindAsync(id, sid))!;
        await realm.Server.Sessions.AttachAsync(id, session.NewClient(gate, session.Started) with { Notes = new Dictionary<string, string> { ["level-of-authentication"] = "3" } });
        var before = await realm.SessionsAsync();
        var answer = await realm.ExchangeAsync(subject.Access, "gate", ("scope", "openid"));
        Assert.StartsWith("onrtte:", answer.Claims("access_token").GetProperty("jti").GetString(), StringComparison.Ordinal);
        // A token proves no sign-in at that level.
        Assert.Equal("1", answer.Claims("access_token").GetProperty("acr").GetString());
        Assert.Equal(before, await realm.SessionsAsync());
        await realm.Server.Sessions.DetachAsync(id, sid, gate);
        Assert.Equal(401, (await realm.UserInfoAsync(answer.Access)).Status);
    }

    [Fact]
    public async Task An_id_token_is_what_was_asked_for_and_no_bearer_token()
    {
        var realm = await OpenAsync();
        var answer = await realm.ExchangeAsync((await realm.SignInAsync()).Access, "gate", ("requested_token_type", Kind("id_token")));
        Assert.Equal((200, Kind("id_token"), "N_A", null, null), (answer.Status, answer["issued_token_type"], answer["token_type"], answer["id_token"], answer["refresh_token"]));
        var claims = answer.Claims("access_token");
        Assert.Equal(("ID", "gate"), (claims.GetProperty("typ").GetString(), claims.GetProperty("aud").GetString()));
        Assert.False(claims.TryGetProperty("at_hash", out _));
        Assert.InRange(long.Parse(answer["expires_in"]!), 1, 300);
        Assert.Equal(401, (await realm.UserInfoAsync(answer.Access)).Status);
    }

    [Fact]
    public async Task An_audience_leaves_out_what_is_for_others()
    {
        var realm = await OpenAsync();
        var subject = (await realm.SignInAsync()).Access;
        var whole = (await realm.ExchangeAsync(subject)).Claims("access_token");
        Assert.True(whole.GetProperty("resource_access").TryGetProperty("account", out _));
        var narrow = (await realm.ExchangeAsync(subject, "gate", ("audience", "target"))).Claims("access_token");
        Assert.Equal("target", narrow.GetProperty("aud").GetString());
        Assert.Equal("{}", narrow.GetProperty("resource_access").GetRawText());
        var both = (await realm.ExchangeAsync(subject, "gate", ("audience", "target"), ("audience", "account"), ("audience", "target"))).Claims("access_token");
        Assert.Equal(["account", "target"], both.GetProperty("aud").EnumerateArray().Select(a => a.GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(["account"], both.GetProperty("resource_access").EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task A_scope_that_only_roles_of_others_open_is_left_out_with_them()
    {
        var realm = await OpenAsync(file =>
        {
            file.Roles = new() { Client = new() { ["target"] = [new() { Name = "reader" }], ["other"] = [new() { Name = "reader" }] } };
            file.Users![0].ClientRoles = new() { ["target"] = ["reader"], ["other"] = ["reader"] };
            file.ClientScopes = [new() { Name = "to-target", Protocol = "openid-connect" }, new() { Name = "to-other", Protocol = "openid-connect" }, Roles()];
            file.ClientScopeMappings = new()
            {
                ["target"] = [new() { ClientScope = "to-target", Roles = ["reader"] }], ["other"] = [new() { ClientScope = "to-other", Roles = ["reader"] }],
            };
            foreach (var client in file.Clients!)
            {
                client.DefaultClientScopes = ["to-target", "to-other", "roles"];
            }
        });
        var subject = (await realm.SignInAsync()).Access;
        Assert.Equal("roles to-other to-target", Sorted((await realm.ExchangeAsync(subject))["scope"]));
        Assert.Equal("roles to-target", Sorted((await realm.ExchangeAsync(subject, "gate", ("audience", "target")))["scope"]));
    }

    [Fact]
    public async Task A_refresh_token_makes_the_client_take_part_in_the_session_and_stays_as_narrow_as_it_was()
    {
        var realm = await OpenAsync();
        var subject = await realm.SignInAsync();
        var first = await realm.ExchangeAsync(subject.Access, "renewing", ("requested_token_type", Kind("refresh_token")), ("audience", "target"), ("scope", "openid"));
        Assert.Equal((200, Kind("refresh_token")), (first.Status, first["issued_token_type"]));
        Assert.StartsWith("onrtte:", first.Claims("access_token").GetProperty("jti").GetString(), StringComparison.Ordinal);
        Assert.Equal(subject["session_state"], first.Claims("refresh_token").GetProperty("sid").GetString());
        Assert.Equal(["target"], first.Claims("refresh_token").GetProperty("req-aud").EnumerateArray().Select(a => a.GetString()));
        var (id, renewing) = ((await realm.NowAsync()).Id, (await realm.ClientAsync("renewing")).Id);
        Assert.NotNull((await realm.Server.Sessions.FindAsync(id, subject["session_state"]!))!.Client(renewing));
        Assert.Equal("Refresh", (await realm.LastAsync("TOKEN_EXCHANGE")).Details!["refresh_token_type"]);

        var second = await realm.RefreshAsync(first.Refresh, "renewing");
        Assert.Equal("target", second.Claims("access_token").GetProperty("aud").GetString());
        Assert.Equal("{}", second.Claims("access_token").GetProperty("resource_access").GetRawText());
        Assert.Equal("target", (await realm.RefreshAsync(second.Refresh, "renewing")).Claims("access_token").GetProperty("aud").GetString());
        (await realm.RefreshAsync(second.Refresh, "gate")).Refuses(400, "invalid_grant");
        var whole = await realm.RefreshAsync((await realm.ExchangeAsync(subject.Access, "renewing", ("requested_token_type", Kind("refresh_token")))).Refresh, "renewing");
        Assert.Contains("account", whole.Claims("access_token").GetProperty("aud").EnumerateArray().Select(a => a.GetString()));
    }

    /// <summary>CVE-2026-93999: at a refresh as at the exchange.</summary>
    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task CVE_2026_93999_for_an_audience_that_is_disabled_since_there_are_no_more_tokens(bool gone)
    {
        var realm = await OpenAsync();
        var first = await realm.ExchangeAsync((await realm.SignInAsync()).Access, "renewing", ("requested_token_type", Kind("refresh_token")), ("audience", "target"));
        if (gone)
        {
            await realm.Server.Realms.ApplyAsync(new ChangeSet((await realm.NowAsync()).Id).Add(new DeleteClient((await realm.ClientAsync("target")).Id)));
        }
        else
        {
            await realm.SetClientAsync("target", c => c.Enabled = false);
        }

        (await realm.RefreshAsync(first.Refresh, "renewing")).Refuses(400, "invalid_grant", "Requested audience not available: target");
    }

    [Theory]
    [InlineData("access_token"), InlineData("refresh_token")]
    public async Task With_a_revoked_token_ends_what_clients_have_by_it(string revoked)
    {
        // Renewing has its part by api's token; chained has its own by renewing's.
        var realm = await OpenAsync(file =>
        {
            var renewing = file.Clients!.Single(c => c.ClientId == "renewing");
            renewing.ProtocolMappers!.Add(Audience("chained"));
            file.Clients!.Add(new()
            {
                ClientId = "chained", Secret = "chained-secret", PublicClient = false, Attributes = new(renewing.Attributes!),
            });
        });
        var subject = await realm.SignInAsync();
        var wish = ("requested_token_type", (string?)Kind("refresh_token"));
        var first = await realm.ExchangeAsync(subject.Access, "renewing", wish);
        var second = await realm.ExchangeAsync(first.Access, "chained", wish);
        Assert.Equal(200, (await realm.RefreshAsync(second.Refresh, "chained")).Status);
        Assert.Equal(200, (await realm.PostAsync("revoke", [.. TestRealm.Credentials("api"), ("token", subject[revoked]!)])).Status);
        Assert.Equal(400, (await realm.RefreshAsync(first.Refresh, "renewing")).Status);
        Assert.Equal(400, (await realm.RefreshAsync(second.Refresh, "chained")).Status);
        Assert.Equal(["chained", "renewing"], (await realm.LastAsync("REVOKE_GRANT")).Details!["token_exchange_revoked_clients"].Split(',').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task With_a_stolen_refresh_token_ends_what_clients_have_by_its_access_tokens()
    {
        var realm = await OpenAsync(file => file.RevokeRefreshToken = true);
        var subject = await realm.SignInAsync();
        var first = await realm.ExchangeAsync(subject.Access, "renewing", ("requested_token_type", Kind("refresh_token")));
        Assert.Equal(200, (await realm.RefreshAsync(subject.Refresh)).Status);
        Assert.Equal(400, (await realm.RefreshAsync(subject.Refresh)).Status);
        Assert.Equal(400, (await realm.RefreshAsync(first.Refresh, "renewing")).Status);
    }

    [Fact]
    public async Task A_services_token_gives_one_without_a_session_for_that_service_alone()
    {
        var realm = await OpenAsync();
        var service = (await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials")])).Access;
        var answer = await realm.ExchangeAsync(service, "gate", ("scope", "openid"));
        Assert.Equal((200, null), (answer.Status, answer["session_state"]));
        var claims = answer.Claims("access_token");
        Assert.False(claims.TryGetProperty("sid", out _));
        Assert.Equal(Tokens.Payload(service).GetProperty("sub").GetString(), claims.GetProperty("sub").GetString());
        Assert.Null((await realm.LastAsync("TOKEN_EXCHANGE")).SessionId);
        Assert.Equal(200, (await realm.UserInfoAsync(answer.Access)).Status);

        // When that one is gone it is not taken for a token of the asking client's own service.
        await realm.Server.Realms.ApplyAsync(new ChangeSet((await realm.NowAsync()).Id).Add(new DeleteUser(claims.GetProperty("sub").GetString()!)));
        Assert.Equal(401, (await realm.UserInfoAsync(answer.Access)).Status);
        Assert.Equal("False", (await IntrospectAsync(realm, answer.Access))["active"]);
    }

    [Fact]
    public async Task A_token_of_an_offline_session_gives_one_that_ends_with_it()
    {
        var realm = await OpenAsync();
        var subject = await realm.SignInAsync("openid offline_access");
        var answer = await realm.ExchangeAsync(subject.Access, "gate", ("scope", "openid"));
        Assert.StartsWith("ftrtte:", answer.Claims("access_token").GetProperty("jti").GetString(), StringComparison.Ordinal);
        Assert.InRange(long.Parse(answer["expires_in"]!), 290, 301);
        Assert.Equal(200, (await realm.UserInfoAsync(answer.Access)).Status);
        Assert.Equal("True", (await IntrospectAsync(realm, answer.Access))["active"]);
        await realm.Server.Sessions.DeleteByRealmAsync((await realm.NowAsync()).Id, offline: true);
        Assert.Equal(401, (await realm.UserInfoAsync(answer.Access)).Status);
    }

    [Fact]
    public async Task With_offline_access_among_the_scopes_an_access_token_is_no_offline_token()
    {
        var realm = await OpenAsync();
        var answer = await realm.ExchangeAsync((await realm.SignInAsync()).Access, "gate", ("scope", "openid offline_access"));
        Assert.Contains("offline_access", answer["scope"]!.Split(' '));
        Assert.Null(answer["refresh_token"]);
        Assert.Empty(await realm.Server.Sessions.ListByUserAsync((await realm.NowAsync()).Id, (await realm.AliceAsync()).Id, offline: true));
    }

    [Fact]
    public async Task Where_the_person_consented_a_client_that_asks_gets_what_they_allowed()
    {
        var realm = await OpenAsync();
        var subject = (await realm.SignInAsync()).Access;
        var asks = await realm.ClientAsync("asks");
        await realm.Server.Realms.ApplyAsync(new ChangeSet((await realm.NowAsync()).Id).Add(new PutConsent(
            (await realm.AliceAsync()).Id, new UserConsentRepresentation { ClientId = asks.Id, GrantedClientScopes = [.. asks.DefaultScopes.Select(s => s.Id)] })));
        Assert.Equal(200, (await realm.ExchangeAsync(subject, "asks")).Status);
        (await realm.ExchangeAsync(subject, "asks", ("scope", "address"))).Refuses(400, "invalid_scope", "Missing consents for Token Exchange in client asks");
    }

    /// <summary>A lightweight token names no audience, so that only its own client has it to exchange; one that does is like others.</summary>
    [Theory]
    [InlineData(false, 403), InlineData(true, 200)]
    public async Task A_lightweight_token_is_for_whom_it_names(bool named, int status)
    {
        var realm = await OpenAsync(file =>
        {
            file.Clients![0].Attributes = new() { ["client.use.lightweight.access.token.enabled"] = "true", [Enabled] = "true" };
            file.Clients[0].ProtocolMappers![0].Config!["lightweight.claim"] = named ? "true" : "false";
        });
        var subject = (await realm.SignInAsync()).Access;
        Assert.Equal(status, (await realm.ExchangeAsync(subject)).Status);
        var own = await realm.ExchangeAsync(subject, "api");
        Assert.StartsWith("onltte:", own.Claims("access_token").GetProperty("jti").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Introspection says what such a token leaves out, and of one for others says nothing (CVE-2026-37979).</summary>
    [Fact]
    public async Task A_lightweight_token_that_is_narrowed_is_as_narrow_when_it_is_asked_about()
    {
        var realm = await OpenAsync(file =>
        {
            var gate = file.Clients!.Single(c => c.ClientId == "gate");
            gate.Attributes!["client.use.lightweight.access.token.enabled"] = "true";
            gate.ProtocolMappers!.Add(Audience("other"));
            gate.ProtocolMappers.ForEach(m => m.Config!["lightweight.claim"] = "true");
        });
        var subject = (await realm.SignInAsync()).Access;
        var whole = (await realm.ExchangeAsync(subject)).Access;
        Assert.Equal(("True", "True"), ((await IntrospectAsync(realm, whole))["active"], (await IntrospectAsync(realm, whole, "other"))["active"]));
        var narrow = (await realm.ExchangeAsync(subject, "gate", ("audience", "target"))).Access;
        var seen = await IntrospectAsync(realm, narrow);
        Assert.Equal(("True", "target"), (seen["active"], seen["aud"]));
        Assert.Equal("False", (await IntrospectAsync(realm, narrow, "other"))["active"]);
    }

    private static readonly Dictionary<string, Func<TestRealm, Task>> s_states = new()
    {
        ["client disabled"] = r => r.SetClientAsync("gate", c => c.Enabled = false),
        ["client not before"] = r => r.SetClientAsync("gate", c => c.NotBefore = Soon),
        ["person disabled"] = r => r.SetAliceAsync(u => u.Enabled = false),
        ["person not before"] = r => r.SetAliceAsync(u => u.NotBefore = Soon),
        ["person deleted"] = async r => await r.Server.Realms.ApplyAsync(new ChangeSet((await r.NowAsync()).Id).Add(new DeleteUser((await r.AliceAsync()).Id))),
        ["realm disabled"] = r => r.SetAsync(s => s.Enabled = false),
        ["realm not before"] = r => r.SetAsync(s => s.NotBefore = Soon),
        ["revoked"] = null!,
    };

    public static TheoryData<string> States => [.. s_states.Keys];

    private static int Soon => (int)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 10;

    /// <summary>CVE-2026-8922, CVE-2026-43983: what was exchanged goes by the state of now, as every other token does.</summary>
    [Theory]
    [MemberData(nameof(States))]
    public async Task What_was_exchanged_before_is_refused_everywhere(string state)
    {
        var realm = await OpenAsync();
        var token = (await realm.ExchangeAsync((await realm.SignInAsync()).Access, "gate", ("scope", "openid"))).Access;
        Assert.Equal(200, (await realm.UserInfoAsync(token)).Status);
        await (s_states[state] is { } change ? change(realm) : realm.PostAsync("revoke", [.. TestRealm.Credentials("gate"), ("token", token)]));
        Assert.InRange((await realm.UserInfoAsync(token)).Status, 401, 403);
        var seen = await IntrospectAsync(realm, token);
        Assert.True(seen.Status >= 400 || seen["active"] == "False", seen.Text);
        var again = await realm.ExchangeAsync(token);
        Assert.InRange(again.Status, 400, 403);
        Assert.Null(again["access_token"]);
    }

    /// <summary>GHSA-7qjx-gp9h-65qj: policies of the realm look at an exchange as at other grants.</summary>
    [Theory]
    [InlineData("openid email", 200), InlineData("openid address", 400)]
    public async Task A_policy_may_keep_it_within_the_scopes_of_the_token_that_is_shown(string scope, int status)
    {
        var realm = await OpenAsync(file =>
        {
            file.ClientProfiles = Json("""{"profiles":[{"name":"house","executors":[{"executor":"downscope-assertion-grant-enforcer","configuration":{}}]}]}""");
            file.ClientPolicies = Json("""{"policies":[{"name":"p","enabled":true,"conditions":[{"condition":"any-client"}],"profiles":["house"]}]}""");
        });
        var answer = await realm.ExchangeAsync((await realm.SignInAsync()).Access, "gate", ("scope", scope));
        Assert.Equal((status, status == 200), (answer.Status, answer["access_token"] is not null));

        static System.Text.Json.JsonElement Json(string text) => System.Text.Json.JsonDocument.Parse(text).RootElement;
    }

    [Fact]
    public async Task What_it_does_not_know_does_no_harm()
    {
        var realm = await OpenAsync();
        var subject = (await realm.SignInAsync()).Access;
        var answer = await realm.ExchangeAsync(subject, "gate", ("actor_token", subject), ("actor_token_type", Kind("access_token")), ("resource", "https://a.example"), ("resource", "https://b.example"));
        Assert.Equal(200, answer.Status);
        Assert.False(answer.Claims("access_token").TryGetProperty("act", out _));
        (await realm.ExchangeAsync(subject, "gate", ("scope", "openid"), ("scope", "email"))).Refuses(400, "invalid_request", "duplicated parameter");
    }

    private static ClientScopeRepresentation Roles() => new()
    {
        Name = "roles", Protocol = "openid-connect",
        ProtocolMappers = [new() { Name = "resolve", Protocol = "openid-connect", ProtocolMapper = "oidc-audience-resolve-mapper", Config = new() { ["access.token.claim"] = "true" } }],
    };

    private static Task<Answer> IntrospectAsync(TestRealm realm, string token, string by = "target") =>
        realm.PostAsync("token/introspect", [.. TestRealm.Credentials(by), ("token", token)]);

    private static string Sorted(string? scope) => string.Join(' ', scope!.Split(' ').Order(StringComparer.Ordinal));
}
