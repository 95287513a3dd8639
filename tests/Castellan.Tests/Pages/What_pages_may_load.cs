using System.Text.RegularExpressions;
using Castellan.Tests.Login;

namespace Castellan.Tests.Pages;

/// <summary>No page runs a script that stands in it, or one from elsewhere.</summary>
public sealed class What_pages_may_load
{
    /// <summary>A client's logo is a picture from the web, or one in the address itself; what would be run is not shown.</summary>
    [Theory]
    [InlineData("https://app.example/logo.png", true), InlineData("data:image/png;base64,AAAA", true), InlineData("logo.png", false)]
    public async Task A_logo_is_a_picture(string logo, bool shown)
    {
        await using var server = await SignInServer.StartAsync($$"""
            {
              "realm": "shop", "enabled": true,
              "clients": [{"clientId": "web", "publicClient": true, "consentRequired": true, "redirectUris": ["http://localhost:3000/callback"], "attributes": {"logoUri": "{{logo}}"} }],
              "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "Correct-horse-1"}]}]
            }
            """);
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "alice"), ("password", "Correct-horse-1"));
        Assert.Equal("login-oauth-grant", browser.PageId);
        Assert.Equal(shown, browser.Text.Contains($"src=\"{logo}\"", StringComparison.Ordinal));
        Assert.Equal(shown, browser.Text.Contains(logo, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/realms/shop/protocol/openid-connect/auth?client_id=account-console&response_type=code&scope=openid&redirect_uri=%2Frealms%2Fshop%2Faccount%2F&code_challenge=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&code_challenge_method=S256")]
    [InlineData("/realms/shop/protocol/openid-connect/auth?client_id=nobody")]
    [InlineData("/realms/shop/account/")]
    [InlineData("/admin/shop/console/")]
    public async Task Is_said_before_anything_is_loaded(string path)
    {
        await using var server = await SignInServer.StartAsync("""{"realm":"shop","enabled":true}""");
        using var browser = server.Browser();
        await browser.GetAsync(path);
        var policy = Regex.Match(browser.Text, "<meta http-equiv=\"Content-Security-Policy\" content=\"([^\"]*)\">");
        Assert.True(policy.Success, browser.Text);
        Assert.True(policy.Index < browser.Text.IndexOf("<script", StringComparison.Ordinal) || !browser.Text.Contains("<script", StringComparison.Ordinal));
        var directives = System.Net.WebUtility.HtmlDecode(policy.Groups[1].Value).Split(';', StringSplitOptions.TrimEntries).ToDictionary(d => d.Split(' ')[0], d => d.Split(' ')[1..]);
        Assert.Equal(["'none'"], directives["default-src"]);
        Assert.All(directives["script-src"], source => Assert.Matches("^'(self|nonce-[A-Za-z0-9_+/=-]{16,})'$", source));
        Assert.Contains("base-uri", directives.Keys);

        // Scripts stand in files; what stands in the page is data.
        Assert.All(Regex.Matches(browser.Text, "<script[^>]*>"), s => Assert.Matches("src=|type=\"application/json\"", s.Value));
        Assert.DoesNotMatch("<[a-z][^>]* on[a-z]+=", browser.Text);
        Assert.DoesNotContain("javascript:", browser.Text, StringComparison.OrdinalIgnoreCase);
    }
}
