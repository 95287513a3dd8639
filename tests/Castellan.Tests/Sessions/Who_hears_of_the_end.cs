using System.Collections.Concurrent;
using System.Text.Json;
using Castellan.Core.Outbound;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Sessions;

/// <summary>Each client of a session that ends hears of it once: in the browser, or behind it (OpenID Connect Front- and Back-Channel Logout).</summary>
public sealed class Who_hears_of_the_end : IAsyncLifetime
{
    private const string Password = "Correct-horse-1";

    private const string Realm = $$"""
        {
          "realm": "shop", "enabled": true,
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]},
                      {"clientId": "back", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "attributes": {"backchannel.logout.url": "https://back.example/end"} },
                      {"clientId": "pair", "publicClient": true, "directAccessGrantsEnabled": true, "redirectUris": ["http://localhost:3000/callback"],
                       "attributes": {"backchannel.logout.url": "https://pair.example/end", "backchannel.logout.session.required": "true", "id.token.signed.response.alg": "no-such-algorithm"},
                       "protocolMappers": [{"name": "pairwise", "protocol": "openid-connect", "protocolMapper": "oidc-sha256-pairwise-sub-mapper", "config": {"pairwiseSubAlgorithmSalt": "salt"} }] },
                      {"clientId": "front", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "frontchannelLogout": true,
                       "attributes": {"backchannel.logout.url": "https://front.example/end", "frontchannel.logout.url": "https://front.example/frame"} }],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "{{Password}}"}], "realmRoles": ["offline_access"]}]
        }
        """;

    private readonly Posts _posts = new();
    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SignInServer.StartAsync(Realm, services => services.AddSingleton<IFetch>(_posts));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task In_its_browser_those_that_have_a_frame_hear_there()
    {
        var (browser, tokens) = await SignedInAsync("openid");
        await browser.GetAsync($"/realms/shop/protocol/openid-connect/logout?id_token_hint={tokens.GetProperty("id_token").GetString()}");
        Assert.Contains("https://front.example/frame", browser.Text, StringComparison.Ordinal);
        Assert.Equal(["https://back.example/end"], _posts.Heard);
        Assert.False(_posts.Token.TryGetProperty("sid", out _));
    }

    /// <summary>It must be able to tell who is meant: by the subject that its own tokens have, and by the session if it wants to know that.</summary>
    [Fact]
    public async Task A_client_hears_of_the_person_as_it_knows_her()
    {
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent([new("client_id", "pair"), new("grant_type", "password"), new("scope", "openid"), new("username", "alice"), new("password", Password)]);
        var answer = await http.PostAsync($"{_server.Base}/realms/shop/protocol/openid-connect/token", form);
        using var tokens = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        using var browser = _server.Browser();
        await browser.GetAsync($"/realms/shop/protocol/openid-connect/logout?id_token_hint={tokens.RootElement.GetProperty("id_token").GetString()}");
        var known = Posts.Claims(tokens.RootElement.GetProperty("id_token").GetString()!);
        Assert.Equal((known.GetProperty("sub").GetString(), known.GetProperty("sid").GetString()), (_posts.Token.GetProperty("sub").GetString(), _posts.Token.GetProperty("sid").GetString()));
    }

    [Theory]
    [InlineData("openid"), InlineData("openid offline_access")]
    public async Task Without_its_browser_all_hear_behind_it(string scope)
    {
        var (_, tokens) = await SignedInAsync(scope);
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent([new("client_id", "web"), new("refresh_token", tokens.GetProperty("refresh_token").GetString()!)]);
        Assert.Equal(204, (int)(await http.PostAsync($"{_server.Base}/realms/shop/protocol/openid-connect/logout", form)).StatusCode);
        Assert.Equal(["https://back.example/end", "https://front.example/end"], _posts.Heard.Order(StringComparer.Ordinal));
    }

    private async Task<(TestBrowser Browser, JsonElement Tokens)> SignedInAsync(string scope)
    {
        var browser = _server.Browser();
        await browser.OpenAsync("shop", ("client_id", "back"));
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        await _server.TokensAsync("shop", browser.Code!, ("client_id", "back"));
        await browser.OpenAsync("shop", ("client_id", "front"));
        await _server.TokensAsync("shop", browser.Code!, ("client_id", "front"));
        await browser.OpenAsync("shop", ("scope", scope));
        return (browser, await _server.TokensAsync("shop", browser.Code!));
    }

    /// <summary>Clients that hear.</summary>
    private sealed class Posts : IFetch
    {
        public ConcurrentQueue<string> Heard { get; } = [];

        /// <summary>The claims of the logout token that came last.</summary>
        public JsonElement Token { get; private set; }

        public static JsonElement Claims(string token)
        {
            using var claims = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]));
            return claims.RootElement.Clone();
        }

        public ValueTask<byte[]?> GetAsync(string address, string accept, int maxLength, CancellationToken ct = default) => new((byte[]?)null);

        public ValueTask<int?> PostFormAsync(string address, IReadOnlyList<KeyValuePair<string, string>> form, CancellationToken ct = default)
        {
            Heard.Enqueue(address);
            Token = Claims(form[0].Value);
            return new(200);
        }

        public ValueTask<FetchAnswer?> SendAsync(FetchRequest request, CancellationToken ct = default) => new((FetchAnswer?)null);
    }
}
