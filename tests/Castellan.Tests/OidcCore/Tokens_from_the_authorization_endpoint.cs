using Castellan.Tests.Login;

namespace Castellan.Tests.OidcCore;

public sealed class Tokens_from_the_authorization_endpoint
{
    // With a code the client can refresh, so that only where there is none the token must do for long.
    [Theory]
    [InlineData("code token", "60"), InlineData("code id_token token", "60"), InlineData("token", "900"), InlineData("id_token token", "900")]
    public async Task Live_as_long_as_others_where_a_code_goes_with_them(string type, string seconds)
    {
        await using var server = await SignInServer.StartAsync("""
            {
              "realm": "shop", "enabled": true, "accessTokenLifespan": 60, "accessTokenLifespanForImplicitFlow": 900,
              "clients": [{"clientId": "web", "publicClient": true, "implicitFlowEnabled": true, "redirectUris": ["http://localhost:3000/callback"]}],
              "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A",
                         "credentials": [{"type": "password", "value": "Correct-horse-1"}]}]
            }
            """);
        using var browser = server.Browser();
        await browser.OpenAsync("shop", ("response_type", type), ("nonce", "n"));
        await browser.SubmitAsync(("username", "alice"), ("password", "Correct-horse-1"));
        Assert.Contains($"&expires_in={seconds}", browser.Location!.Replace('#', '&'), StringComparison.Ordinal);
    }

    /// <summary>FAPI 1.0 Advanced §5.2.2.1: an ID token that only signs the answer tells a browser nothing of its person, and names the same person as the one that follows.</summary>
    [Theory]
    [InlineData("true", "public"), InlineData("true", "pairwise"), InlineData("false", "public")]
    public async Task Say_nothing_of_the_person_as_a_detached_signature(string detached, string subject)
    {
        const string Pairwise = """{"name":"p","protocol":"openid-connect","protocolMapper":"oidc-sha256-pairwise-sub-mapper","config":{"pairwiseSubAlgorithmSalt":"x"}}""";
        await using var server = await SignInServer.StartAsync($$"""
            {
              "realm": "shop", "enabled": true,
              "clients": [{"clientId": "web", "publicClient": true, "implicitFlowEnabled": true, "redirectUris": ["http://localhost:3000/callback"],
                           "attributes": {"id.token.as.detached.signature": "{{detached}}"}, "protocolMappers": [{{(subject == "pairwise" ? Pairwise : "")}}]}],
              "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A",
                         "credentials": [{"type": "password", "value": "Correct-horse-1"}]}]
            }
            """);
        using var browser = server.Browser();
        await browser.OpenAsync("shop", ("response_type", "code id_token"), ("nonce", "n"), ("state", "s"));
        await browser.SubmitAsync(("username", "alice"), ("password", "Correct-horse-1"));
        var answer = System.Web.HttpUtility.ParseQueryString(browser.Location!.Split('#')[1]);
        var front = Tokens.Payload(answer["id_token"]!);
        var back = Tokens.Payload((await server.TokensAsync("shop", answer["code"]!)).GetProperty("id_token").GetString()!);
        Assert.Equal(detached != "true", front.TryGetProperty("email", out _));
        Assert.All(["c_hash", "s_hash", "nonce", "sid", "exp"], name => Assert.True(front.TryGetProperty(name, out _), name));
        Assert.Equal("alice@example.org", back.GetProperty("email").GetString());
        Assert.Equal(back.GetProperty("sub").GetString(), front.GetProperty("sub").GetString());
    }
}
