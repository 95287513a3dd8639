using System.Net;
using System.Text;
using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Representations;
using Castellan.Protocol.Jose;
using Castellan.Tests.Login;

namespace Castellan.Tests.Security;

/// <summary>
/// CVE-2024-8883, CVE-2026-3872, CVE-2026-7504, CVE-2026-28512, CVE-2024-52289, CVE-2026-41569, CVE-2026-9086, CVE-2026-22752: the corpus of hostile
/// addresses against every place of the server that takes one.
/// </summary>
public sealed class Every_place_that_takes_an_address
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private static readonly Lazy<Task<TestRealm>> s_realm = new(RealmAsync);

    [Fact]
    public void The_corpus_is_large_and_holds_nothing_that_is_the_clients()
    {
        Assert.InRange(HostileUris.All.Count, 290, 400);
        Assert.Empty(HostileUris.All.Intersect(HostileUris.Good));
    }

    [Fact]
    public async Task The_authorization_endpoint_sends_nobody_there()
    {
        var realm = await s_realm.Value;
        await AllAsync(uri => AskAsync(realm, ("redirect_uri", uri)), (uri, answer) => RefusedAsync(uri, answer, "Invalid parameter: redirect_uri"));
        foreach (var good in HostileUris.Good)
        {
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(realm, ("redirect_uri", good))).StatusCode);
        }
    }

    [Fact]
    public async Task Neither_does_a_refusal_whatever_else_is_wrong()
    {
        var realm = await s_realm.Value;
        await AllAsync(uri => AskAsync(realm, ("redirect_uri", uri), ("response_type", "nonsense"), ("prompt", "none"), ("response_mode", "form_post")), (uri, answer) => RefusedAsync(uri, answer));
    }

    [Fact]
    public async Task Nor_does_a_request_object()
    {
        var realm = await s_realm.Value;
        await AllAsync(
            uri => AskAsync(realm, ("request", Unsigned(json => json.WriteString("redirect_uri", uri)))),
            (uri, answer) => RefusedAsync(uri, answer, "Invalid parameter: redirect_uri"));
    }

    [Fact]
    public async Task A_pushed_request_with_one_is_refused()
    {
        var realm = await s_realm.Value;
        foreach (var uri in HostileUris.All)
        {
            (await realm.PostAsync("ext/par/request", ("client_id", "hostile"), ("response_type", "code"), ("scope", "openid"), ("redirect_uri", uri)))
                .Refuses(400, "invalid_request", "Invalid parameter: redirect_uri");
        }
    }

    [Fact]
    public async Task Signing_out_leads_to_none()
    {
        var realm = await s_realm.Value;
        await AllAsync(
            uri => s_http.GetAsync($"{realm.Issuer}/protocol/openid-connect/logout?client_id=hostile&state=st&post_logout_redirect_uri={Escape(uri)}"),
            (uri, answer) => RefusedAsync(uri, answer, "Invalid redirect uri"));
    }

    [Fact]
    public async Task A_request_object_is_fetched_from_none()
    {
        var realm = await s_realm.Value;
        await AllAsync(uri => AskAsync(realm, ("redirect_uri", HostileUris.Good[0]), ("request_uri", uri)), (uri, answer) => RefusedAsync(uri, answer, "Invalid Request"));
    }

    /// <summary>Links of a sign-in name the client's address in the clear, for browsers whose sign-in is over. Nothing vouches for them but the registration.</summary>
    [Fact]
    public async Task A_browser_that_is_signed_in_is_sent_to_none_by_a_link()
    {
        var realm = await s_realm.Value;
        using var browser = new TestBrowser(realm.Server.Url);
        await browser.OpenAsync(realm.Name);
        await browser.SubmitAsync(("username", "alice"), ("password", "correct-horse"));
        Assert.NotNull(browser.Code);
        foreach (var uri in HostileUris.All.Append("https://evil.tld/"))
        {
            await browser.GetAsync($"{realm.Issuer}/login-actions/authenticate?client_id=hostile&tab_id=gone&client_data={Data(uri)}");
            Assert.True(browser.Location is null, $"{uri} → {browser.Location}");
        }

        await browser.GetAsync($"{realm.Issuer}/login-actions/authenticate?client_id=hostile&tab_id=gone&client_data={Data(HostileUris.Good[0])}");
        Assert.StartsWith(HostileUris.Good[0], browser.Location, StringComparison.Ordinal);
    }

    public static TheoryData<string> Programs => [.. HostileUris.Programs];

    [Theory, MemberData(nameof(Programs))]
    public void A_program_cannot_be_registered_as_an_address(string program)
    {
        var realm = new RealmRepresentation();
        foreach (var client in (ClientRepresentation[])
            [
                new() { RedirectUris = [program] }, new() { RedirectUris = ["https://app.example/", program] }, new() { RootUrl = program }, new() { BaseUrl = program },
                With("backchannel.logout.url", program), With("logoUri", program), With("policyUri", program), With("tosUri", program),
            ])
        {
            Assert.NotNull(ClientValidation.Refuse(client, realm));
        }

        static ClientRepresentation With(string attribute, string value) => new() { Attributes = new() { [attribute] = value } };
    }

    private static async Task<TestRealm> RealmAsync() => await (await TestServer.OneAsync()).RealmAsync(r => r.Clients!.Add(new()
    {
        ClientId = "hostile", PublicClient = true, StandardFlowEnabled = true, RedirectUris = [.. HostileUris.Registered],
        Attributes = new() { ["post.logout.redirect.uris"] = "+", ["request.uris"] = string.Join("##", HostileUris.Registered) },
    }));

    private static async Task AllAsync(Func<string, Task<HttpResponseMessage>> ask, Func<string, HttpResponseMessage, Task> check)
    {
        foreach (var uri in HostileUris.All)
        {
            using var answer = await ask(uri);
            await check(uri, answer);
        }
    }

    private static Task<HttpResponseMessage> AskAsync(TestRealm realm, params (string Name, string Value)[] parameters)
    {
        var all = new Dictionary<string, string> { ["client_id"] = "hostile", ["response_type"] = "code", ["scope"] = "openid", ["state"] = "st" };
        foreach (var (name, value) in parameters)
        {
            all[name] = value;
        }

        return s_http.GetAsync($"{realm.Issuer}/protocol/openid-connect/auth?{string.Join('&', all.Select(p => $"{p.Key}={Escape(p.Value)}"))}");
    }

    private static async Task RefusedAsync(string uri, HttpResponseMessage answer, string? why = null)
    {
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest && answer.Headers.Location is null, $"{uri} → {(int)answer.StatusCode} {answer.Headers.Location}");
        Assert.False(answer.Headers.Contains("Set-Cookie"), uri);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        Assert.Contains("data-page-id=\"login-error\"", page, StringComparison.Ordinal);
        if (why is not null)
        {
            Assert.Contains(why, page, StringComparison.Ordinal);
        }
    }

    private static string Unsigned(Action<Utf8JsonWriter> write)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return $"{StrictBase64Url.Encode("{\"alg\":\"none\"}"u8)}.{StrictBase64Url.Encode(buffer.WrittenSpan)}.";
    }

    private static string Data(string uri)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("ru", uri);
            json.WriteString("rt", "code");
            json.WriteString("st", "st");
            json.WriteEndObject();
        }

        return StrictBase64Url.Encode(buffer.WrittenSpan);
    }

    private static string Escape(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(b => $"%{b:X2}"));
}
