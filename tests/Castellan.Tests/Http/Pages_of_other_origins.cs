namespace Castellan.Tests.Http;

/// <summary>Which pages may read an answer: those of the client's origins, and any page why no client was let in.</summary>
public sealed class Pages_of_other_origins
{
    private const string Ours = "http://localhost:3000", Foreign = "http://elsewhere.example";

    [Theory]
    [InlineData("token", Ours, 200, Ours)]
    [InlineData("token", Foreign, 403, null)]
    [InlineData("token, wrong secret", Foreign, 401, Foreign)]
    [InlineData("token, closed realm", Foreign, 403, Foreign)]
    [InlineData("token, no grant", Ours, 400, null)]
    [InlineData("userinfo", Ours, 200, Ours)]
    [InlineData("userinfo", Foreign, 403, null)]
    [InlineData("userinfo, garbage", Foreign, 401, Foreign)]
    [InlineData("userinfo, session over", Foreign, 403, null)]
    [InlineData("userinfo, session over", Ours, 401, Ours)]
    [InlineData("revoke", Foreign, 403, null)]
    [InlineData("revoke, wrong secret", Foreign, 401, Foreign)]
    [InlineData("introspect, wrong secret", Foreign, 401, null)]
    public async Task Read_what_their_client_or_nobody_is_told(string request, string origin, int status, string? allowed)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var tokens = await realm.SignInAsync();
        (string, string)[] wrong = [("client_id", "api"), ("client_secret", "wrong"), ("token", "x")];
        if (request.EndsWith("session over", StringComparison.Ordinal))
        {
            await realm.Server.Sessions.DeleteByRealmAsync((await realm.NowAsync()).Id);
        }

        if (request == "token, closed realm")
        {
            await realm.SetAsync(r => r.Enabled = false);
        }

        var answer = await (request switch
        {
            "token" or "token, closed realm" => realm.PostAsync("token", From, [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials")]),
            "token, wrong secret" => realm.PostAsync("token", From, [.. wrong, ("grant_type", "client_credentials")]),
            "token, no grant" => realm.PostAsync("token", From, TestRealm.Credentials("api")),
            "userinfo" or "userinfo, session over" => realm.PostAsync("userinfo", From, ("access_token", tokens.Access)),
            "userinfo, garbage" => realm.PostAsync("userinfo", From, ("access_token", "garbage")),
            "revoke" => realm.PostAsync("revoke", From, [.. TestRealm.Credentials("api"), ("token", "x")]),
            "revoke, wrong secret" => realm.PostAsync("revoke", From, wrong),
            _ => realm.PostAsync("token/introspect", From, wrong),
        });
        Assert.Equal((status, allowed), (answer.Status, answer.AllowedOrigin));

        void From(HttpRequestMessage message) => message.Headers.Add("Origin", origin);
    }
}
