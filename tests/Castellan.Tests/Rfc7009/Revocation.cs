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

    private static Task<Answer> RevokeAsync(TestRealm realm, string token, string client = "api") =>
        realm.PostAsync("revoke", [.. TestRealm.Credentials(client), ("token", token)]);
}
