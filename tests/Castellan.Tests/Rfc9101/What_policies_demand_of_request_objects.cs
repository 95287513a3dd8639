using System.Buffers.Text;
using System.Net;
using System.Text;
using Castellan.Tests.Login;
using Castellan.Tests.Security;

namespace Castellan.Tests.Rfc9101;

/// <summary>The executors by which a realm holds requests to FAPI: objects that are for it and for now, and nothing beside them or what was pushed.</summary>
public sealed class What_policies_demand_of_request_objects
{
    private const string Callback = SignInServer.Callback;
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    /// <summary>Claims beside those of a good object, as seconds from now, or an audience.</summary>
    public static TheoryData<string, string, string?, string?> Objects => new()
    {
        { "{}", "exp=300 nbf=0 aud", null, null },
        { "{}", "exp=300 nbf=10 iat=10 aud", null, null },
        { "{}", "nbf=0 aud", "invalid_request_object", "Missing parameter in the 'request' object: exp" },
        { "{}", "exp=-10 nbf=-60 aud", "invalid_request_object", "Request Expired" },
        { "{}", "exp=300 aud", "invalid_request_object", "Missing parameter in the 'request' object: nbf" },
        { "{}", "exp=300 nbf=60 aud", "invalid_request_object", "Request not yet being processed" },
        { "{}", "exp=3700 nbf=0 aud", "invalid_request_object", "Request's available period is long" },
        { "{}", "exp=300 nbf=-3400 aud", "invalid_request_object", "Request's available period is long" },
        { "{}", "exp=300 nbf=0 iat=60 aud", "invalid_request_object", "Request issued in the future" },
        { "{}", "exp=300 nbf=0", "invalid_request_object", "Missing parameter in the 'request' object: aud" },
        { "{}", "exp=300 nbf=0 other", "invalid_request_object", "Invalid parameter in the 'request' object: aud" },
        { "{}", "exp=300 nbf=0 both", null, null },
        { "{}", "exp=300 nbf=0 aud unscoped", "invalid_request", "Parameter 'scope' missing in the request parameters or in 'request' object" },
        { """{"verify-nbf":false}""", "exp=9000 aud", null, null },
        { """{"available-period":"60"}""", "exp=120 nbf=0 aud", "invalid_request_object", "Request's available period is long" },
        { """{"allowed-clock-skew":"0"}""", "exp=300 nbf=10 aud", "invalid_request_object", "Request not yet being processed" },
        { """{"encryption-required":true}""", "exp=300 nbf=0 aud", "invalid_request_object", "Request object not encrypted" },
    };

    [Theory, MemberData(nameof(Objects))]
    public async Task An_object_says_for_whom_it_is_and_how_long_it_counts(string configuration, string claims, string? error, string? description)
    {
        var realm = await RealmAsync("secure-request-object", configuration);
        var pushed = await realm.PostAsync("ext/par/request", [.. TestRealm.Credentials("api"), ("request", Object(realm, claims))]);
        var direct = await OpenAsync(realm, ("client_id", "api"), ("response_type", "code"), ("request", Object(realm, claims)), ("scope", claims.Contains("unscoped", StringComparison.Ordinal) ? "" : "openid"));
        if (error is null)
        {
            Assert.Equal((201, HttpStatusCode.OK), (pushed.Status, direct.StatusCode));
            Assert.True(Begins(realm, await OpenAsync(realm, ("client_id", "api"), ("request_uri", pushed["request_uri"]!))));
            return;
        }

        pushed.Refuses(400, error, description);
        Assert.Contains($"error={error}&error_description={Uri.EscapeDataString(description!)}", direct.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parameters_alone_are_no_object_however_they_come()
    {
        var realm = await RealmAsync("secure-request-object", "{}");
        (string, string)[] plain = [("response_type", "code"), ("scope", "openid"), ("redirect_uri", Callback)];
        (await realm.PostAsync("ext/par/request", [.. TestRealm.Credentials("api"), .. plain])).Refuses(400, "invalid_request", "Missing parameter: 'request' or 'request_uri'");
        Assert.Contains("error=invalid_request", (await OpenAsync(realm, [("client_id", "api"), .. plain])).Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("state", "another", false), InlineData("state", "inside", true), InlineData("nonce", "beside", false), InlineData("of_the_application", "beside", true)]
    public async Task What_stands_beside_an_object_stands_in_it(string name, string value, bool taken)
    {
        var realm = await RealmAsync("secure-request-object", "{}");
        var answer = await OpenAsync(realm, ("client_id", "api"), ("response_type", "code"), ("scope", "openid"), ("request", Object(realm, "exp=300 nbf=0 aud")), (name, value));
        Assert.Equal(taken, answer.StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Only_what_was_pushed_is_opened_and_nothing_beside_it()
    {
        var realm = await RealmAsync("secure-par-content", "{}");
        async Task<string> PushAsync() =>
            (await realm.PostAsync("ext/par/request", [.. TestRealm.Credentials("api"), ("response_type", "code"), ("scope", "openid"), ("redirect_uri", Callback)]))["request_uri"]!;
        (string, string)[][] refused =
        [
            [("response_type", "code"), ("scope", "openid"), ("redirect_uri", Callback)], [("request", Object(realm, "exp=300 nbf=0 aud"))],
            [("request_uri", await PushAsync()), ("state", "beside")], [("request_uri", await PushAsync()), ("of_the_application", "beside")],
        ];
        foreach (var asked in refused)
        {
            var answer = await OpenAsync(realm, [("client_id", "api"), .. asked]);
            Assert.Equal((HttpStatusCode.BadRequest, null), (answer.StatusCode, answer.Headers.Location));
        }

        Assert.True(Begins(realm, await OpenAsync(realm, ("client_id", "api"), ("request_uri", await PushAsync()), ("response_type", "code"))));
    }

    /// <summary>Whether somebody may sign in now: a page, or the way to it without the address of what was pushed.</summary>
    private static bool Begins(TestRealm realm, HttpResponseMessage answer) =>
        answer.StatusCode == HttpStatusCode.OK || answer.Headers.Location?.OriginalString.StartsWith(realm.Issuer, StringComparison.Ordinal) is true;

    private static async Task<TestRealm> RealmAsync(string executor, string configuration)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].RedirectUris = [Callback]);
        await realm.SetClientAsync("api", client => (client.StandardFlowEnabled, client.RedirectUris) = (true, [Callback]));
        await Policies_at_every_endpoint.RefuseAsync(realm, $$"""{"executor":"{{executor}}","configuration":{{configuration}}}""");
        return realm;
    }

    private static async Task<HttpResponseMessage> OpenAsync(TestRealm realm, params (string Name, string Value)[] query) =>
        await s_http.GetAsync($"{realm.Issuer}/protocol/openid-connect/auth?{string.Join('&', query.Where(q => q.Value.Length > 0).Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value)}"))}");

    private static string Object(TestRealm realm, string claims)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var members = new List<string> { "\"client_id\":\"api\"", "\"response_type\":\"code\"", "\"state\":\"inside\"", $"\"redirect_uri\":\"{Callback}\"" };
        var words = claims.Split(' ');
        members.AddRange(words.Contains("unscoped") ? [] : ["\"scope\":\"openid\""]);
        members.AddRange(words.Where(w => w.Contains('=')).Select(w => w.Split('=')).Select(p => $"\"{p[0]}\":{now + int.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture)}"));
        members.AddRange(words.Contains("aud") ? [$"\"aud\":\"{realm.Issuer}\""] : words.Contains("other") ? ["\"aud\":\"https://other.example\""] : words.Contains("both") ? [$"\"aud\":[\"https://other.example\",\"{realm.Issuer}\"]"] : []);
        return $"{Encode("""{"alg":"none"}""")}.{Encode($"{{{string.Join(',', members)}}}")}.";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
