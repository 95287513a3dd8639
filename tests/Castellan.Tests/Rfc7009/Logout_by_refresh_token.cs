using Castellan.Protocol.Jose;
using Castellan.Tests.Rfc9449;

namespace Castellan.Tests.Rfc7009;

/// <summary>The other way in which a client ends a session without a browser.</summary>
public sealed class Logout_by_refresh_token
{
    private static Task<Answer> LogoutAsync(TestRealm realm, string token, Action<HttpRequestMessage>? change = null) =>
        realm.PostAsync("logout", change, [.. TestRealm.Credentials("api"), ("refresh_token", token)]);

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

    /// <summary>RFC 8705 §4: nor does whoever found it end what it came of.</summary>
    [Fact]
    public async Task One_that_is_bound_to_a_certificate_comes_with_it()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].Attributes = new() { ["tls.client.certificate.bound.access.tokens"] = "true" });
        var certificate = TestServer.Certificate();
        (string, string)[] form = [.. TestRealm.Credentials("api"), ("grant_type", "password"), ("username", "alice"), ("password", "correct-horse")];
        var tokens = await realm.PostAsync("token", Show(certificate), form);
        (await LogoutAsync(realm, tokens.Refresh)).Refuses(401, "unauthorized_client", "Client certificate missing, or its thumbprint and one in the refresh token did NOT match");
        (await LogoutAsync(realm, tokens.Refresh, Show(TestServer.Certificate()))).Refuses(401, "unauthorized_client");
        Assert.Equal(204, (await LogoutAsync(realm, tokens.Refresh, Show(certificate))).Status);

        static Action<HttpRequestMessage> Show(string certificate) => request => request.Headers.Add(TestServer.CertificateHeader, certificate);
    }

    /// <summary>RFC 9449 §5.</summary>
    [Fact]
    public async Task One_that_is_bound_to_a_key_comes_with_a_proof()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var key = EcKey.Generate("P-256")!;
        (string, string)[] form = [("client_id", "web"), ("grant_type", "password"), ("username", "alice"), ("password", "correct-horse")];
        var tokens = await realm.PostAsync("token", request => request.Headers.Add("DPoP", Section_5_Refresh_tokens.Proof(realm, key)), form);
        (await realm.PostAsync("logout", ("client_id", "web"), ("refresh_token", tokens.Refresh))).Refuses(400, "invalid_grant", "DPoP proof is missing");
        (await EndAsync(EcKey.Generate("P-256")!)).Refuses(400, "invalid_grant", "DPoP confirmation doesn't match DPoP proof");
        Assert.Equal(204, (await EndAsync(key)).Status);

        Task<Answer> EndAsync(EcKey key) => realm.PostAsync(
            "logout", request => request.Headers.Add("DPoP", Section_5_Refresh_tokens.Proof(realm, key, "logout")), ("client_id", "web"), ("refresh_token", tokens.Refresh));
    }
}
