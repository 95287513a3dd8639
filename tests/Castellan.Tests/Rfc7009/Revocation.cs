namespace Castellan.Tests.Rfc7009;

public sealed class Revocation
{
    [Fact]
    public async Task A_revoked_access_token_counts_no_longer_and_others_do()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var (one, two) = (await realm.SignInAsync(), await realm.SignInAsync());
        Assert.Equal(200, (await RevokeAsync(realm, one.Access)).Status);
        Assert.Equal(401, (await realm.UserInfoAsync(one.Access)).Status);
        Assert.Equal(200, (await realm.UserInfoAsync(two.Access)).Status);
    }

    [Fact]
    public async Task A_revoked_refresh_token_takes_its_access_tokens_along()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var tokens = await realm.SignInAsync();
        Assert.Equal(200, (await RevokeAsync(realm, tokens.Refresh)).Status);
        Assert.Equal(401, (await realm.UserInfoAsync(tokens.Access)).Status);
        (await realm.RefreshAsync(tokens.Refresh)).Refuses(400, "invalid_grant", "Session not active");
    }

    [Fact]
    public async Task A_token_whose_session_ended_is_none()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var tokens = await realm.SignInAsync();
        Assert.Equal((200, ""), Told(await RevokeAsync(realm, tokens.Refresh)));
        (await RevokeAsync(realm, tokens.Refresh)).Refuses(200, "invalid_token", "Invalid token");
        (await RevokeAsync(realm, tokens.Access)).Refuses(200, "invalid_token", "Invalid token");
        var service = await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials")]);
        Assert.Equal((200, ""), Told(await RevokeAsync(realm, service.Access)));
        Assert.Equal((200, ""), Told(await RevokeAsync(realm, service.Access)));

        static (int, string) Told(Answer answer) => (answer.Status, answer.Text);
    }

    [Fact]
    public async Task A_token_ends_with_the_session_that_it_came_from()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var (online, picture) = (await realm.SignInAsync(), await realm.NowAsync());
        var session = (await realm.Server.Sessions.FindAsync(picture.Id, online["session_state"]!))!;
        await realm.Server.Sessions.AddAsync(session with { Offline = true, Clients = [session.Clients[0] with { Offline = true }] });
        Assert.Equal(200, (await realm.UserInfoAsync(online.Access)).Status);
        await realm.Server.Sessions.DeleteAsync(picture.Id, session.Id);
        Assert.Equal(401, (await realm.UserInfoAsync(online.Access)).Status);
    }

    [Fact]
    public async Task With_an_offline_token_the_clients_part_of_both_sessions_ends()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var (tokens, picture, sessions) = (await realm.SignInAsync("openid offline_access"), await realm.NowAsync(), realm.Server.Sessions);
        var session = (await sessions.FindAsync(picture.Id, tokens["session_state"]!, offline: true))!;
        await sessions.AddAsync(session with { Offline = false, Clients = [session.Clients[0] with { Offline = false }] });
        Assert.Equal(200, (await RevokeAsync(realm, tokens.Refresh)).Status);
        Assert.Null(await sessions.FindAsync(picture.Id, session.Id, offline: true));
        Assert.Null(await sessions.FindAsync(picture.Id, session.Id));
    }

    [Fact]
    public async Task Without_a_token_to_look_at_it_is_none() =>
        (await RevokeAsync(await (await TestServer.OneAsync()).RealmAsync(), "")).Refuses(200, "invalid_token", "Invalid token");

    [Fact]
    public async Task Only_the_client_that_has_it_may_revoke_a_token()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var tokens = await realm.SignInAsync();
        (await RevokeAsync(realm, tokens.Access, "web")).Refuses(400, "invalid_request", "Unmatching clients");
        Assert.Equal(200, (await realm.UserInfoAsync(tokens.Access)).Status);
    }

    [Fact]
    public async Task What_is_no_token_is_no_fault_of_the_client() =>
        (await RevokeAsync(await (await TestServer.OneAsync()).RealmAsync(), "garbage")).Refuses(200, "invalid_token", "Invalid token");

    [Theory]
    [InlineData("revoke", "token"), InlineData("logout", "refresh_token")]
    public async Task A_client_that_only_takes_tokens_ends_none(string endpoint, string field)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var token = (await realm.SignInAsync()).Refresh;
        await realm.SetClientAsync("api", client => client.BearerOnly = true);
        (await realm.PostAsync(endpoint, [.. TestRealm.Credentials("api"), (field, token)])).Refuses(400, "invalid_client", "Bearer-only not allowed");
    }

    private static Task<Answer> RevokeAsync(TestRealm realm, string token, string client = "api") =>
        realm.PostAsync("revoke", [.. TestRealm.Credentials(client), ("token", token)]);
}
