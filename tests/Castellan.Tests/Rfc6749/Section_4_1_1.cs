using System.Net;
using Castellan.Core.Authorize;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Mail;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Rfc6749;

/// <summary>Requests that are wrong in one way: what the client hears, or the person where the client must not, and what is noted.</summary>
public sealed class Section_4_1_1
{
    private static readonly Lazy<Task<TestRealm>> s_realm = new(async () => await (await TestServer.OneAsync()).RealmAsync(file =>
    {
        file.EventsEnabled = true;
        file.Clients!.Add(new() { ClientId = "bound", PublicClient = true, RedirectUris = ["http://localhost:3000/*"], Attributes = new() { ["pkce.code.challenge.method"] = "S256" } });
        file.Clients!.Add(new() { ClientId = "fronted", PublicClient = true, ImplicitFlowEnabled = true, RedirectUris = ["http://localhost:3000/*"] });
    }));

    private static readonly string s_challenge = new('a', 43);

    public static TheoryData<string, string, string, string?, string?> Refusals => new()
    {
        // RFC 7636: the challenge is missed before its method is looked at, unless the client must use one.
        { "web", "&code_challenge_method=S999", "invalid_request", "Missing parameter: code_challenge", "Missing parameter: code_challenge" },
        { "web", $"&code_challenge={s_challenge}&code_challenge_method=S999", "invalid_request", "Invalid parameter: code_challenge_method", "Invalid parameter: code_challenge_method" },
        { "web", "&response_type=none&code_challenge=short", "invalid_request", "Invalid parameter: code_challenge", "Invalid parameter: code_challenge" },
        { "bound", "&code_challenge_method=plain", "invalid_request", "Invalid parameter: code challenge method is not matching the configured one", "Invalid parameter: code challenge method is not matching the configured one" },
        { "bound", $"&code_challenge={s_challenge}", "invalid_request", "Missing parameter: code_challenge_method", "Missing parameter: code_challenge_method" },
        { "bound", "&code_challenge_method=S256", "invalid_request", "Missing parameter: code_challenge", "Missing parameter: code_challenge" },

        // OAuth 2.0 Multiple Response Types §4: none stands alone.
        { "fronted", "&response_type=code%20none", "unsupported_response_type", null, "'None' not allowed with some other response_type" },
        { "fronted", "&response_type=code%20%20token", "unsupported_response_type", null, "Unsupported response_type" },
        { "fronted", "&response_type=", "unsupported_response_type", null, "Unsupported response_type" },

        // §3.1: no parameter more than once. The first counts for how the client hears of it.
        { "web", "&state=other", "invalid_request", "duplicated parameter", null },
        { "web", "&x=1&x=2", "invalid_request", "duplicated parameter", null },
        { "web", "&redirect_uri=https%3A%2F%2Fevil.tld%2F", "invalid_request", "duplicated parameter", null },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task The_client_hears_what_is_wrong(string client, string more, string error, string? description, string? reason)
    {
        var realm = await s_realm.Value;
        await ForgetEventsAsync(realm);
        using var browser = new TestBrowser(realm.Server.Url);
        var type = more.Contains("response_type", StringComparison.Ordinal) ? "" : "&response_type=code";
        await browser.GetAsync($"{realm.Issuer}/protocol/openid-connect/auth?client_id={client}&redirect_uri={Uri.EscapeDataString(SignInServer.Callback)}&scope=openid&state=st{type}{more}");
        var told = description is null ? "" : $"&error_description={Uri.EscapeDataString(description)}";
        Assert.Equal($"{SignInServer.Callback}?error={error}{told}&state=st&iss={Uri.EscapeDataString(realm.Issuer)}", browser.Location);
        var noted = Assert.Single(await EventsAsync(realm));
        Assert.Equal(("LOGIN_ERROR", "invalid_request", client, reason), (noted.Type, noted.Error, noted.ClientId, noted.Details!.GetValueOrDefault("reason")));
        Assert.Equal(SignInServer.Callback, noted.Details!["redirect_uri"]);
    }

    public static TheoryData<string, string, string, string, string, bool> Pages => new()
    {
        { "auth", "&client_id=web", "Invalid Request", "LOGIN_ERROR", "invalid_request", false },
        { "auth", "&max_age=99999999999", "Invalid Request", "LOGIN_ERROR", "invalid_request", false },
        { "auth", "&max_age=", "Invalid Request", "LOGIN_ERROR", "invalid_request", false },
        { "auth", "&claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22value%22%3A%22gold%22%7D%7D%7D", "Invalid parameter: claims", "LOGIN_ERROR", "invalid_request", true },
        { "registrations", "&max_age=soon", "Registration not allowed", "", "", false },
        { "forgot-credentials", "&max_age=soon", "Reset Credential not allowed", "", "", false },
    };

    [Theory, MemberData(nameof(Pages))]
    public async Task The_person_sees_what_the_client_must_not_hear(string path, string more, string words, string type, string error, bool begun)
    {
        var realm = await s_realm.Value;
        await ForgetEventsAsync(realm);
        using var browser = new TestBrowser(realm.Server.Url);
        await browser.GetAsync($"{realm.Issuer}/protocol/openid-connect/{path}?client_id=web&redirect_uri={Uri.EscapeDataString(SignInServer.Callback)}&scope=openid&response_type=code{more}");
        Assert.Equal((HttpStatusCode.BadRequest, "error", begun), (browser.Status, browser.PageId, browser.Cookies.ContainsKey("AUTH_SESSION_ID")));
        Assert.Contains(words, browser.Text, StringComparison.Ordinal);
        Assert.Equal(type.Length == 0 ? [] : [(type, error)], (await EventsAsync(realm)).Select(e => (e.Type, e.Error!)));
    }

    [Theory, InlineData("protocol/openid-connect/auth?client_id=web"), InlineData("device"), InlineData("login-actions/authenticate?client_id=web"), InlineData("login-actions/action-token?key={link}")]
    public async Task Nobody_gets_into_a_realm_that_is_off(string path)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Enabled = false);
        using var browser = new TestBrowser(realm.Server.Url);
        var token = new ActionToken(ActionTypes.ExecuteActions, Core.Ids.New(), null, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 300) { Actions = ["UPDATE_PASSWORD"] };
        var link = await realm.Server.Services.GetRequiredService<ActionTokens>().IssueAsync(await realm.NowAsync(), token, realm.Issuer);
        await browser.GetAsync($"{realm.Issuer}/{path.Replace("{link}", link, StringComparison.Ordinal)}");
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));
        Assert.Contains("Realm not enabled", browser.Text, StringComparison.Ordinal);
    }

    /// <summary>CVE-2026-9689, CVE-2026-18209: whoever reads the answer would read it twice.</summary>
    [Theory]
    [InlineData("?codes=1&next=/y?code=1#z=1", true, true), InlineData("?code=1", false, true), InlineData("?a=b&State=1", false, false), InlineData("?a=b&%69ss=1", false, true)]
    [InlineData("#code=1", false, true), InlineData("?a=b#x&session_state=1", false, true), InlineData("?kc_action=x", false, true), InlineData("?%73tate=1", false, false)]
    public async Task An_address_that_has_parameters_of_answers_is_refused_where_they_are_added(string more, bool forAnswers, bool behindLogout)
    {
        var address = "http://localhost:3000/other/x" + more;
        foreach (var registered in address.Contains('#', StringComparison.Ordinal) ? (string[])["http://localhost:3000/other/*"] : ["http://localhost:3000/other/*", address])
        {
            var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients!.Add(new() { ClientId = "odd", RedirectUris = [registered], Attributes = new() { ["request.uris"] = registered } }));
            var client = (await realm.Server.Services.GetRequiredService<IClients>().FindAsync(await realm.NowAsync(), "odd"))!;
            var server = new ServerAddresses(realm.Server.Url, realm.Server.Url);
            Assert.Equal(forAnswers ? address : null, RedirectUris.Find(client, server, address, required: true));
            Assert.Equal(behindLogout, RedirectUris.IsPostLogout(client, server, address));
            Assert.Equal(!address.Contains('#', StringComparison.Ordinal), RedirectUris.IsRequestUri(client, server, address));
        }
    }

    private static async Task ForgetEventsAsync(TestRealm realm) => await realm.Server.Services.GetRequiredService<IEventStore>().DeleteEventsAsync((await realm.NowAsync()).Id);

    // All of them, with nothing before: two of one millisecond stand in no order.
    private static async Task<List<LoginEvent>> EventsAsync(TestRealm realm) =>
        [.. await realm.Server.Services.GetRequiredService<IEventStore>().ListAsync((await realm.NowAsync()).Id, new EventQuery())];
}
