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
}
