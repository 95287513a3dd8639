using System.Text;
using System.Text.RegularExpressions;
using Castellan.Core.Keys;
using Castellan.Protocol.Jose;
using Castellan.Tests.Login;
using Castellan.Tests.Rfc7515;

namespace Castellan.Tests.Jarm;

/// <summary>Authorization answers as tokens (JARM): signed, encrypted where the client says so, and nothing of them in the clear beside.</summary>
public sealed class Answers_as_tokens
{
    [Theory]
    [InlineData("jwt", '?'), InlineData("query.jwt", '?'), InlineData("fragment.jwt", '#')]
    public async Task An_answer_is_one_parameter_that_the_realm_signed(string mode, char where)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        using var browser = new TestBrowser(realm.Server.Url);
        await browser.OpenAsync(realm.Name, ("response_mode", mode), ("prompt", "none"));
        Assert.StartsWith($"{SignInServer.Callback}{where}response=", browser.Location, StringComparison.Ordinal);
        var token = browser.Location![(browser.Location!.IndexOf('=', StringComparison.Ordinal) + 1)..];
        Assert.Equal(JoseFault.None, Jws.TryParse(token, out var jws));
        Assert.Equal(JoseFault.None, KeyRing.Of(await realm.NowAsync()).Verification.Verify(jws!));
        using var claims = jws!.Claims();
        Assert.Equal((realm.Issuer, "web", "login_required", "st"), (claims!.Text("iss"), claims.Text("aud"), claims.Text("error"), claims.Text("state")));
        Assert.InRange(claims.Seconds("exp")!.Value - TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), 1, 600);
    }

    [Fact]
    public async Task A_form_carries_it_too()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        using var browser = new TestBrowser(realm.Server.Url);
        await browser.OpenAsync(realm.Name, ("response_mode", "form_post.jwt"), ("prompt", "none"));
        Assert.Equal(SignInServer.Callback, Assert.Single(browser.Actions));
        Assert.Equal(["response"], Regex.Matches(browser.Text, "type=\"hidden\"[^>]*name=\"([^\"]+)\"", RegexOptions.IgnoreCase).Select(m => m.Groups[1].Value));
    }

    [Fact]
    public async Task What_is_to_be_encrypted_goes_out_encrypted_or_not_at_all()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.Clients![1].Attributes = new()
        {
            ["authorization.encrypted.response.alg"] = "RSA-OAEP-256", ["authorization.encrypted.response.enc"] = "A256GCM", ["use.jwks.string"] = "true", ["jwks.string"] = "{\"keys\":[]}",
        });
        using var browser = new TestBrowser(realm.Server.Url);
        await browser.OpenAsync(realm.Name, ("response_mode", "jwt"), ("prompt", "none"));
        Assert.Null(browser.Location);

        var key = TestKeys.Rsa();
        await realm.SetClientAsync("web", c => c.Attributes!["jwks.string"] = $"{{\"keys\":[{(key.ToJwk() with { Kid = "enc", Use = "enc", Alg = "RSA-OAEP-256" }).ToJson()}]}}");
        await browser.OpenAsync(realm.Name, ("response_mode", "jwt"), ("prompt", "none"));
        var token = browser.Location![(browser.Location!.IndexOf('=', StringComparison.Ordinal) + 1)..];
        Assert.Equal(JoseFault.None, Jwe.TryParse(token, out var jwe));
        Assert.Equal(("RSA-OAEP-256", "A256GCM", "enc", "JWT"), (jwe!.Header.Alg, jwe.Header.Enc, jwe.Header.Kid, jwe.Header.Cty));
        Assert.Equal(JoseFault.None, jwe.Decrypt(key, out var inner));
        Assert.Equal("login_required", Tokens.Payload(Encoding.UTF8.GetString(inner)).GetProperty("error").GetString());
    }

    /// <summary>Tokens stand in a query only where nobody but the client can read them (JARM §2.3.1).</summary>
    [Fact]
    public async Task Tokens_go_into_no_query_that_others_can_read()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.Clients![1].ImplicitFlowEnabled = true);
        using var browser = new TestBrowser(realm.Server.Url);
        await browser.OpenAsync(realm.Name, ("response_type", "code id_token"), ("nonce", "n"), ("response_mode", "query.jwt"));
        Assert.StartsWith($"{SignInServer.Callback}?response=", browser.Location, StringComparison.Ordinal);
        Assert.Equal(
            "Response_mode 'query.jwt' is allowed only when the authorization response token is encrypted",
            Tokens.Payload(browser.Location![(browser.Location!.IndexOf('=', StringComparison.Ordinal) + 1)..]).GetProperty("error_description").GetString());
        await browser.OpenAsync(realm.Name, ("response_type", "code id_token"), ("nonce", "n"), ("response_mode", "query"));
        Assert.Contains("Response_mode%20%27query%27%20not%20allowed", browser.Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_may_do_without_the_issuer()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.Clients![1].Attributes = new() { ["exclude.issuer.from.auth.response"] = "true" });
        using var browser = new TestBrowser(realm.Server.Url);
        await browser.OpenAsync(realm.Name, ("prompt", "none"));
        Assert.Equal($"{SignInServer.Callback}?error=login_required&state=st", browser.Location);
    }
}
