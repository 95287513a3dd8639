namespace Castellan.Tests.Rfc7009;

/// <summary>The other way in which a client ends a session without a browser.</summary>
public sealed class Logout_by_refresh_token
{
    private static Task<Answer> LogoutAsync(TestRealm realm, string token) => realm.PostAsync("logout", [.. TestRealm.Credentials("api"), ("refresh_token", token)]);

    [Fact]
    public async Task A_token_that_has_expired_still_says_which_session_is_meant()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].Attributes = new() { ["client.session.idle.timeout"] = "1" });
        var (tokens, picture) = (await realm.SignInAsync(), await realm.NowAsync());
        await Task.Delay(1100);
        (await realm.RefreshAsync(tokens.Refresh)).Refuses(400, "invalid_grant", "Token is not active");
        Assert.Equal(204, (await LogoutAsync(realm, tokens.Refresh)).Status);
        Assert.Null(await realm.Server.Sessions.FindAsync(picture.Id, tokens["session_state"]!));
    }

    [Theory]
    [InlineData(""), InlineData("garbage")]
    public async Task What_is_no_token_is_refused(string token) =>
        (await LogoutAsync(await (await TestServer.OneAsync()).RealmAsync(), token)).Refuses(400, "invalid_grant", "Invalid refresh token");
}
