using System.Net.Http.Headers;
using System.Text;
using Castellan.Protocol.Jose;

namespace Castellan.Tests.Security;

/// <summary>CVE-2026-37977, CVE-2024-41657: who may read an answer is decided by the client's own settings, never by what the request says of itself.</summary>
public sealed class Origins
{
    private const string Ours = "http://localhost:3000";
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private static readonly string[] s_hostile =
    [
        "null", "http://localhost", "http://localhost:300", "http://localhost:30000", "https://localhost:3000", "http://localhost:3000.evil.tld", "http://evil.tld", "http://evil.tld:3000", "http://localhost:3000@evil.tld", "http://xlocalhost:3000",
        "http://localhost.evil.tld:3000", "HTTP://LOCALHOST:3000", "http://localhost:3000/", "http://localhost:3000/x", "http://127.0.0.1:3000", "http://[::1]:3000", "*", "+", "file://", "http://localhost:3000 http://evil.tld", "http://evil.tld, http://localhost:3000",
    ];

    public static TheoryData<string> Endpoints => ["token", "token/introspect", "revoke", "ext/par/request", "userinfo"];

    [Theory, MemberData(nameof(Endpoints))]
    public async Task Only_pages_of_the_client_may_read_what_it_is_told(string endpoint)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var token = (await realm.SignInAsync()).Access;
        foreach (var origin in s_hostile)
        {
            using var answer = await AskAsync(realm, endpoint, origin, token);
            Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"), $"{endpoint} lets {origin} read");
        }

        if (endpoint is not "token/introspect")
        {
            using var ours = await AskAsync(realm, endpoint, Ours, token);
            Assert.Equal([Ours], ours.Headers.GetValues("Access-Control-Allow-Origin"));
        }
    }

    /// <summary>A preflight tells nothing; without its answer no page could ask at all (Fetch §3.2.2).</summary>
    [Theory]
    [InlineData("/realms/{0}/protocol/openid-connect/token", "POST")]
    [InlineData("/realms/{0}/protocol/openid-connect/userinfo", "GET, POST")]
    [InlineData("/realms/{0}/protocol/openid-connect/certs", "GET")]
    [InlineData("/realms/{0}/.well-known/openid-configuration", "GET")]
    [InlineData("/.well-known/oauth-authorization-server/realms/{0}", "GET")]
    public async Task A_preflight_is_answered_everywhere(string path, string methods)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        using var request = new HttpRequestMessage(HttpMethod.Options, realm.Server.Url + string.Format(System.Globalization.CultureInfo.InvariantCulture, path, realm.Name));
        request.Headers.TryAddWithoutValidation("Origin", "http://anywhere.example");
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", "GET");
        using var answer = await s_http.SendAsync(request);
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal([methods], answer.Headers.GetValues("Access-Control-Allow-Methods"));
    }

    [Fact]
    public async Task A_forged_token_allows_no_origin_to_read_more_than_that_it_is_forged()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var real = (await realm.SignInAsync()).Access.Split('.');
        var forged = $"{real[0]}.{StrictBase64Url.Encode("""{"azp":"api","allowed-origins":["http://evil.tld"]}"""u8)}.{real[2]}";
        using var answer = await AskAsync(realm, "userinfo", "http://evil.tld", forged);
        Assert.Equal((401, ""), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    private static Task<HttpResponseMessage> AskAsync(TestRealm realm, string endpoint, string origin, string token)
    {
        var request = new HttpRequestMessage(endpoint == "userinfo" ? HttpMethod.Get : HttpMethod.Post, $"{realm.Issuer}/protocol/openid-connect/{endpoint}");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        if (endpoint == "userinfo")
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return s_http.SendAsync(request);
        }

        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("api:api-secret")));
        request.Content = new FormUrlEncodedContent(endpoint switch
        {
            "token" => new Dictionary<string, string> { ["grant_type"] = "client_credentials" },
            "ext/par/request" => new Dictionary<string, string> { ["response_type"] = "code", ["redirect_uri"] = "http://localhost:3000/x" },
            _ => new Dictionary<string, string> { ["token"] = token + "x" },
        });
        return s_http.SendAsync(request);
    }
}
