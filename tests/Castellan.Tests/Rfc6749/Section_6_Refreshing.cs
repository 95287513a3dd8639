using Castellan.Tests.Rfc7662;

namespace Castellan.Tests.Rfc6749;

public sealed class Section_6_Refreshing
{
    /// <summary>CVE-2026-1035.</summary>
    // Since Keycloak 26.5; events, the admin API and the sid of tokens show it.
    [Fact]
    public async Task Sessions_are_named_by_24_characters_that_nobody_guesses()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].Attributes = new() { ["client_credentials.use_refresh_token"] = "true" });
        var service = await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials")]);
        string[] names = [Sid(await realm.SignInAsync()), Sid(await realm.SignInAsync()), Sid(service)];
        Assert.All(names, name => Assert.Matches("^[A-Za-z0-9_-]{24}$", name));
        Assert.Equal(3, names.Distinct().Count());

        static string Sid(Answer tokens) => tokens.Claims("refresh_token").GetProperty("sid").GetString()!;
    }

    [Fact]
    public async Task Of_fifty_parallel_uses_under_rotation_exactly_one_wins_and_the_family_ends()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.RevokeRefreshToken = true);
        var first = await realm.SignInAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => realm.RefreshAsync(first.Refresh)));
        var winner = Assert.Single(answers, a => a.Status == 200);
        Assert.All(answers.Where(a => a != winner), a => a.Refuses(400, "invalid_grant"));
        (await realm.RefreshAsync(winner.Refresh)).Refuses(400, "invalid_grant", "Session doesn't have required client");
    }

    [Fact]
    public async Task Under_rotation_each_new_token_works_once()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.RevokeRefreshToken = true);
        var tokens = await realm.SignInAsync();
        for (var i = 0; i < 4; i++)
        {
            tokens = await realm.RefreshAsync(tokens.Refresh);
            Assert.Equal(200, tokens.Status);
        }
    }

    [Theory]
    [InlineData("no-such-scope", "Invalid scopes: no-such-scope")]
    [InlineData("openid no-such-scope", "Invalid scopes: openid no-such-scope")]
    public async Task A_scope_that_the_client_may_never_ask_for_is_refused(string scope, string description)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var token = (await realm.SignInAsync()).Refresh;
        (await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)]))
            .Refuses(400, "invalid_scope", description);
        Assert.Equal(200, (await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "refresh_token"), ("refresh_token", token), ("scope", "openid address")])).Status);
    }

    [Fact]
    public async Task A_realm_may_permit_some_reuse()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => (r.RevokeRefreshToken, r.RefreshTokenMaxReuse) = (true, 2));
        var first = await realm.SignInAsync();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await realm.RefreshAsync(first.Refresh)).Status);
        }

        (await realm.RefreshAsync(first.Refresh)).Refuses(400, "invalid_grant", "Maximum allowed refresh token reuse exceeded");
    }

    // Within one second nobody can say which of two tokens is the older one.
    [Fact]
    public async Task A_token_from_before_the_last_two_is_stale_whatever_reuse_is_permitted()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => (r.RevokeRefreshToken, r.RefreshTokenMaxReuse) = (true, 2));
        var first = await realm.SignInAsync();
        await Task.Delay(1100);
        var second = await realm.RefreshAsync(first.Refresh);
        await Task.Delay(1100);
        var third = await realm.RefreshAsync(second.Refresh);
        Assert.Equal(200, third.Status);
        (await realm.RefreshAsync(first.Refresh)).Refuses(400, "invalid_grant", "Stale token");
        (await realm.RefreshAsync(third.Refresh)).Refuses(400, "invalid_grant", "Session doesn't have required client");
    }

    [Fact]
    public async Task Two_chains_of_one_client_do_not_disturb_each_other()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.RevokeRefreshToken = true);
        var (one, two) = (await realm.SignInAsync(), await realm.SignInAsync());
        one = await realm.RefreshAsync(one.Refresh);
        two = await realm.RefreshAsync(two.Refresh);
        Assert.Equal((200, 200), ((await realm.RefreshAsync(one.Refresh)).Status, (await realm.RefreshAsync(two.Refresh)).Status));
    }

    [Fact]
    public async Task A_token_of_one_client_is_refused_to_another()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var tokens = await realm.SignInAsync(client: "web");
        (await realm.RefreshAsync(tokens.Refresh, "api")).Refuses(400, "invalid_grant", "Invalid refresh token. Token client and authorized client don't match");
    }

    [Fact]
    public async Task A_wider_scope_than_was_granted_is_not_given()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var tokens = await realm.SignInAsync("profile");
        var refreshed = await realm.PostAsync("token", ("client_id", "api"), ("client_secret", "api-secret"), ("grant_type", "refresh_token"), ("refresh_token", tokens.Refresh), ("scope", "openid address"));
        Assert.Equal(200, refreshed.Status);
        Assert.DoesNotContain("openid", refreshed["scope"]!.Split(' '));
        Assert.Null(refreshed["id_token"]);
    }

    [Fact]
    public async Task An_offline_token_outlives_the_online_session()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var tokens = await realm.SignInAsync("openid offline_access");
        Assert.False(tokens.Claims("refresh_token").TryGetProperty("exp", out _));
        await realm.Server.Sessions.DeleteByRealmAsync((await realm.NowAsync()).Id);
        Assert.Equal(200, (await realm.RefreshAsync(tokens.Refresh)).Status);
    }

    // OpenID Connect Core §12.2: an ID token may come with a refresh, whatever it asks of APIs.
    [Fact]
    public async Task Who_signed_in_with_openid_gets_an_ID_token_with_less_too()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var less = await AskAsync(realm, (await realm.SignInAsync("openid phone")).Refresh, "phone");
        Assert.DoesNotContain("openid", less["scope"]!.Split(' '));
        Assert.Equal("ID", less.Claims("id_token").GetProperty("typ").GetString());
        Assert.True(less.Claims("id_token").TryGetProperty("at_hash", out _));
    }

    [Fact]
    public async Task An_offline_token_is_not_asked_for_again()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var less = await AskAsync(realm, (await realm.SignInAsync("openid phone offline_access")).Refresh, "phone");
        var scope = less.Claims("access_token").GetProperty("scope").GetString()!.Split(' ');
        Assert.Contains("phone", scope);
        Assert.DoesNotContain("offline_access", scope);
        Assert.Equal("Offline", less.Claims("refresh_token").GetProperty("typ").GetString());
        Assert.Contains("offline_access", less.Claims("refresh_token").GetProperty("scope").GetString()!.Split(' '));
    }

    [Fact]
    public async Task An_offline_session_counts_as_long_as_the_client_may_have_one()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].ProtocolMappers = [Hints.Audience]);
        var tokens = await realm.SignInAsync("openid offline_access");
        Assert.Equal("True", (await realm.IntrospectAsync(tokens.Access))["active"]);
        await realm.SetClientAsync("api", client => client.OptionalClientScopes!.Remove("offline_access"));
        (await realm.RefreshAsync(tokens.Refresh)).Refuses(400, "invalid_grant", "Offline session invalid because offline access not granted anymore");
        Assert.Equal("False", (await realm.IntrospectAsync(tokens.Access))["active"]);
    }

    [Fact]
    public async Task What_ends_a_clients_part_of_a_session_is_said_apart()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].Attributes = new() { ["client.offline.session.max.lifespan"] = "1" });
        var tokens = await realm.SignInAsync("openid offline_access");
        await Task.Delay(1100);
        (await realm.RefreshAsync(tokens.Refresh)).Refuses(400, "invalid_grant", "Client session not active");
    }

    [Theory]
    [InlineData(""), InlineData(" openid"), InlineData("openid  phone")]
    public async Task A_scope_without_a_name_is_refused(string scope)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var token = (await realm.SignInAsync("openid ")).Refresh;
        (await realm.SignInAsync(scope)).Refuses(400, "invalid_scope", $"Invalid scopes: {scope}");
        (await AskAsync(realm, token, scope)).Refuses(400, "invalid_scope", $"Invalid scopes: {scope}");
    }

    // RFC 8705: without a certificate there is nothing to bind to.
    [Fact]
    public async Task A_client_that_binds_its_tokens_to_a_certificate_must_show_one()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var token = (await realm.SignInAsync()).Refresh;
        await realm.SetClientAsync("api", client => (client.Attributes ??= [])["tls.client.certificate.bound.access.tokens"] = "true");
        const string Missing = "Client Certification missing for MTLS HoK Token Binding";
        (await realm.SignInAsync()).Refuses(400, "invalid_request", Missing);
        (await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials")])).Refuses(400, "invalid_request", Missing);
        (await realm.RefreshAsync(token)).Refuses(401, "unauthorized_client", "Client certificate missing, or its thumbprint and one in the refresh token did NOT match");
    }

    // RFC 8705 §4: the binding is the token's, whatever the client does with new ones.
    [Fact]
    public async Task A_token_that_was_bound_to_a_certificate_counts_with_that_one_alone()
    {
        var (own, other) = (TestServer.Certificate(), TestServer.Certificate());
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        await BindAsync("true");
        var bound = await AskAsync(own, ("grant_type", "password"), ("username", "alice"), ("password", "correct-horse"));
        Assert.True(bound.Claims("refresh_token").TryGetProperty("cnf", out _));
        await BindAsync("false");
        const string Other = "Client certificate missing, or its thumbprint and one in the refresh token did NOT match";
        (await realm.RefreshAsync(bound.Refresh)).Refuses(401, "unauthorized_client", Other);
        (await RefreshAsync(other)).Refuses(401, "unauthorized_client", Other);
        var free = await RefreshAsync(own);
        Assert.Equal((200, false), (free.Status, free.Claims("access_token").TryGetProperty("cnf", out _)));

        Task BindAsync(string on) => realm.SetClientAsync("api", client => (client.Attributes ??= [])["tls.client.certificate.bound.access.tokens"] = on);

        Task<Answer> RefreshAsync(string certificate) => AskAsync(certificate, ("grant_type", "refresh_token"), ("refresh_token", bound.Refresh));

        Task<Answer> AskAsync(string certificate, params (string, string)[] form) =>
            realm.PostAsync("token", request => request.Headers.Add(TestServer.CertificateHeader, certificate), [.. TestRealm.Credentials("api"), .. form]);
    }

    private static Task<Answer> AskAsync(TestRealm realm, string token, string scope) =>
        realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)]);

    [Fact]
    public async Task Less_may_be_asked_for_and_the_token_keeps_what_it_had()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var first = await realm.SignInAsync("openid phone address");
        Assert.Contains("address", Words(first));
        var less = await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "refresh_token"), ("refresh_token", first.Refresh), ("scope", "openid phone")]);
        Assert.Equal(200, less.Status);
        Assert.DoesNotContain("address", Words(less));
        Assert.Equal(Words(first), Words(await realm.RefreshAsync(less.Refresh)));

        static string[] Words(Answer tokens) => [.. tokens["scope"]!.Split(' ').Order(StringComparer.Ordinal)];
    }

    /// <summary>Who took a client out of a session took its tokens away, and they do not come back with the client.</summary>
    [Fact]
    public async Task What_is_older_than_its_clients_part_of_the_session_is_stale()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].ProtocolMappers = [Hints.Audience]);
        var (tokens, now) = (await realm.SignInAsync(), await realm.NowAsync());
        var (sessions, id) = (realm.Server.Sessions, tokens["session_state"]!);
        var part = (await sessions.FindAsync(now.Id, id))!.Clients[0];
        Assert.True(await sessions.DetachAsync(now.Id, id, part.ClientId));
        (await realm.RefreshAsync(tokens.Refresh)).Refuses(400, "invalid_grant", "Session doesn't have required client");
        Assert.True(await sessions.AttachAsync(now.Id, part with { Started = part.Started + 5_000 }));
        (await realm.RefreshAsync(tokens.Refresh)).Refuses(400, "invalid_grant", "refresh token issued before the client session started");
        var said = await realm.UserInfoAsync(tokens.Access);
        Assert.Equal(401, said.Status);
        Assert.Contains("error_description=\"invalid_token\"", said.Challenge, StringComparison.Ordinal);
        Assert.Equal("False", (await realm.IntrospectAsync(tokens.Access))["active"]);
    }
}
