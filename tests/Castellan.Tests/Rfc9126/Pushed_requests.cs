using System.Net;
using Castellan.Tests.Login;

namespace Castellan.Tests.Rfc9126;

/// <summary>Pushed authorization requests: whose they are, how often they count, what of them a browser gets to see.</summary>
public sealed class Pushed_requests
{
    private const string Callback = SignInServer.Callback;
    private static readonly Lazy<Task<TestRealm>> s_realm = new(async () => await (await TestServer.OneAsync()).RealmAsync());

    [Fact]
    public async Task A_reference_counts_until_somebody_has_signed_in_by_it()
    {
        var realm = await s_realm.Value;
        var reference = await PushAsync(realm);
        using var browser = new TestBrowser(realm.Server.Url);
        await UseAsync(browser, realm, reference);
        await UseAsync(browser, realm, reference);
        Assert.Equal("login", browser.PageId);
        await browser.SubmitAsync(("username", "alice"), ("password", "correct-horse"));
        Assert.NotNull(browser.Code);
        await UseAsync(browser, realm, reference);
        Assert.Equal((HttpStatusCode.BadRequest, (string?)null), (browser.Status, browser.Location));
    }

    [Fact]
    public async Task It_belongs_to_the_client_that_pushed_it_and_to_its_realm()
    {
        var server = await TestServer.OneAsync();
        var (realm, other) = (await server.RealmAsync(), await server.RealmAsync());
        var reference = await PushAsync(realm);
        using var browser = new TestBrowser(server.Url);
        await UseAsync(browser, realm, reference, "api");
        Assert.Equal((HttpStatusCode.BadRequest, (string?)null), (browser.Status, browser.Location));
        await UseAsync(browser, other, reference);
        Assert.Equal((HttpStatusCode.BadRequest, (string?)null), (browser.Status, browser.Location));
    }

    /// <summary>CVE-2024-4540: what a client pushed to keep it out of the browser is in no cookie of it.</summary>
    [Fact]
    public async Task No_pushed_value_is_in_a_cookie()
    {
        var realm = await s_realm.Value;
        var reference = await PushAsync(realm, ("login_hint", "a-secret-hint"), ("nonce", "a-secret-nonce"), ("foreign", "a-secret-value"));
        using var browser = new TestBrowser(realm.Server.Url);
        await UseAsync(browser, realm, reference);
        Assert.Contains("KC_RESTART", browser.Cookies.Keys);
        foreach (var value in browser.Cookies.Values)
        {
            foreach (var text in (string[])[value, Uri.UnescapeDataString(value), .. value.Split('.').Select(Decoded)])
            {
                Assert.DoesNotContain("a-secret", text, StringComparison.Ordinal);
                Assert.DoesNotContain("localhost:3000", text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task What_stands_beside_the_reference_does_not_count()
    {
        var realm = await s_realm.Value;
        var reference = await PushAsync(realm, ("prompt", "none"));
        using var browser = new TestBrowser(realm.Server.Url);
        await UseAsync(browser, realm, reference, more: "&state=evil&redirect_uri=https://evil.tld/&prompt=login");
        Assert.StartsWith($"{Callback}?error=login_required&state=st&", browser.Location, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string, int, string> Refusals => new()
    {
        { "request_uri", "urn:ietf:params:oauth:request_uri:x", "invalid_request", 400, "It is not allowed to include request_uri to PAR." },
        { "request", "garbage", "invalid_request_object", 400, "invalidRequestMessage" },
        { "request", "", "", 201, "" },
        { "response_type", "", "invalid_request", 400, "Unsupported response type" },
        { "response_type", "nonsense", "invalid_request", 400, "Unsupported response type" },
        { "response_type", "token", "unauthorized_client", 401, "Client is not allowed to initiate browser login with given response_type. Implicit flow is disabled for the client." },
        { "response_mode", "nonsense", "invalid_request", 400, "Invalid parameter: response_mode" },
        { "scope", "openid nonsense", "invalid_request", 400, "Invalid scopes: openid nonsense" },
        { "code_challenge_method", "S512", "invalid_request", 400, "Missing parameter: code_challenge" },
        { "max_age", "soon", "invalid_request_object", 400, "invalidRequestMessage" },
        { "redirect_uri", "https://evil.tld/", "invalid_request", 400, "Invalid parameter: redirect_uri" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task A_bad_request_is_refused_where_it_is_pushed(string parameter, string value, string error, int status, string why)
    {
        var realm = await s_realm.Value;
        var form = new Dictionary<string, string> { ["client_id"] = "web", ["response_type"] = "code", ["scope"] = "openid", ["redirect_uri"] = Callback, [parameter] = value };
        var answer = await realm.PostAsync("ext/par/request", [.. form.Where(f => f.Value.Length > 0).Select(f => (f.Key, f.Value))]);
        if (status == 201)
        {
            Assert.Equal(201, answer.Status);
        }
        else
        {
            answer.Refuses(status, error, why);
        }
    }

    /// <summary>CVE-2026-9689: no parameter twice, so that no two readers can take different ones.</summary>
    [Fact]
    public async Task A_parameter_that_is_there_twice_is_refused()
    {
        var realm = await s_realm.Value;
        (await realm.PostAsync("ext/par/request", ("client_id", "web"), ("response_type", "code"), ("redirect_uri", Callback), ("redirect_uri", "https://evil.tld/")))
            .Refuses(400, "invalid_request", "duplicated parameter");
    }

    private static async Task<string> PushAsync(TestRealm realm, params (string, string)[] more)
    {
        var answer = await realm.PostAsync("ext/par/request", [("client_id", "web"), ("response_type", "code"), ("scope", "openid"), ("redirect_uri", Callback), ("state", "st"), .. more]);
        Assert.Equal(201, answer.Status);
        return answer["request_uri"]!;
    }

    private static async Task UseAsync(TestBrowser browser, TestRealm realm, string reference, string client = "web", string more = "")
    {
        await browser.GetAsync($"{realm.Issuer}/protocol/openid-connect/auth?client_id={client}&request_uri={Uri.EscapeDataString(reference)}{more}");
        await browser.FollowAsync();
    }

    private static string Decoded(string text)
    {
        try
        {
            return System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(text));
        }
        catch (FormatException)
        {
            return "";
        }
    }

    [Theory]
    [InlineData("request only", false), InlineData("request_uri only", false), InlineData("request or request_uri", false), InlineData("not required", true)]
    public async Task Whoever_has_to_sign_requests_pushes_none_without_a_signature(string demand, bool taken)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![1].Attributes = new() { ["request.object.required"] = demand });
        var answer = await realm.PostAsync("ext/par/request", ("client_id", "web"), ("response_type", "code"), ("scope", "openid"), ("redirect_uri", Callback));
        Assert.Equal(taken ? (201, null) : (400, "invalidRequestMessage"), (answer.Status, answer["error_description"]));
    }
}
