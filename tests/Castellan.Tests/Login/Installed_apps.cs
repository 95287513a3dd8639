using System.Net;

namespace Castellan.Tests.Login;

/// <summary>An application that no browser leads back to gets its answer by the person's hand.</summary>
public sealed class Installed_apps
{
    private const string Urn = "urn:ietf:wg:oauth:2.0:oob";

    private const string Realm = $$$"""
        {
          "realm": "shop", "enabled": true,
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["{{{Urn}}}"]},
                      {"clientId": "asks", "publicClient": true, "consentRequired": true, "redirectUris": ["http://localhost:3000/callback"], "attributes": {"logoUri": "https://;script-src@logos.example:8443/of/it.png?x=1"}}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "Correct-horse-1"}]}]
        }
        """;

    [Fact]
    public async Task Show_the_code_that_buys_tokens()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = server.Browser();
        await browser.OpenAsync("shop", ("redirect_uri", Urn));
        await browser.SubmitAsync(("username", "alice"), ("password", "Correct-horse-1"));
        Assert.Equal("code", browser.PageId);
        var code = System.Text.RegularExpressions.Regex.Match(browser.Text, "<input id=\"code\"[^>]* value=\"([^\"]+)\"").Groups[1].Value;
        Assert.True((await server.TokensAsync("shop", code, ("redirect_uri", Urn))).TryGetProperty("access_token", out _));

        await browser.OpenAsync("shop", ("redirect_uri", Urn), ("scope", "openid nonsense"));
        await browser.FollowAsync();
        Assert.Equal("code", browser.PageId);
        Assert.Contains("Error code: invalid_scope", browser.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?code=call+0800+1234"), InlineData("?error=Call+our+support"), InlineData("?error=<b>"), InlineData("")]
    public async Task Show_nothing_that_somebody_made_up(string query)
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = server.Browser();
        await browser.GetAsync($"/realms/shop/protocol/openid-connect/oauth/oob{query}");
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Equal("error", browser.PageId);
    }

    [Fact]
    public async Task Logos_of_clients_that_ask_for_consent_may_be_loaded_from_where_they_lie()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = server.Browser();
        await browser.OpenAsync("shop", ("client_id", "asks"));
        Assert.Contains("img-src 'self' data:; ", browser.Text, StringComparison.Ordinal);
        await browser.SubmitAsync(("username", "alice"), ("password", "Correct-horse-1"));
        Assert.Equal("login-oauth-grant", browser.PageId);
        Assert.Contains("img-src 'self' data: https://logos.example:8443; ", browser.Text, StringComparison.Ordinal);
    }
}
