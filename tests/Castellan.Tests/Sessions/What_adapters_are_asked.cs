using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Sessions;

/// <summary>Applications behind Keycloak's own adapters are asked below their admin URL, with a token that the realm signs.</summary>
public sealed class What_adapters_are_asked : IAsyncLifetime
{
    private const string Realm = """
        {
          "realm": "shop", "enabled": true,
          "clients": [{"clientId": "plain", "adminUrl": "https://plain.example/app/"},
                      {"clientId": "relative", "rootUrl": "https://root.example", "adminUrl": "/admin"},
                      {"clientId": "silent", "adminUrl": "https://silent.example/none"},
                      {"clientId": "refusing", "adminUrl": "https://refusing.example/403"},
                      {"clientId": "saml", "protocol": "saml", "adminUrl": "https://saml.example"},
                      {"clientId": "without"},
                      {"clientId": "nonsense", "adminUrl": "no address"},
                      {"clientId": "nodes", "adminUrl": "https://nodes.example/app", "nodeReRegistrationTimeout": 60, "registeredNodes": {"one.example": 4102444800, "two.example": 4102444800, "gone.example": 1} }]
        }
        """;

    private readonly Applications _applications = new();
    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SignInServer.StartAsync(Realm, services => services.AddSingleton<IFetch>(_applications));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("plain", "https://plain.example/app/k_logout", true)]
    [InlineData("relative", "https://root.example/admin/k_logout", true)]
    [InlineData("silent", "https://silent.example/none/k_logout", false)]
    [InlineData("refusing", "https://refusing.example/403/k_logout", false)]
    [InlineData("saml", null, false)]
    [InlineData("nodes", "https://one.example/app/k_logout https://two.example/app/k_logout", true)]
    public async Task Each_address_is_asked_and_told_of_by_how_it_answered(string clientId, string? asked, bool good)
    {
        var answers = await AskAsync(AdapterAction.Logout, clientId);
        Assert.Equal(asked ?? "", string.Join(' ', _applications.Asked.Keys.Order(StringComparer.Ordinal)));
        Assert.Equal(good, answers.Bad.Count == 0);
        Assert.Equal(good, answers.Good.Count > 0);
    }

    [Theory]
    [InlineData("without"), InlineData("nonsense")]
    public async Task Who_has_no_address_is_not_asked(string clientId)
    {
        var answers = await AskAsync(AdapterAction.Logout, clientId);
        Assert.Equal((0, 0, 0), (_applications.Asked.Count, answers.Good.Count, answers.Bad.Count));
    }

    [Fact]
    public async Task All_are_asked_though_one_is_silent()
    {
        var answers = await AskAsync(AdapterAction.PushNotBefore, "silent", "plain", "relative");
        Assert.Equal(["https://plain.example/app/", "https://root.example/admin"], answers.Good);
        Assert.Equal(["https://silent.example/none"], answers.Bad);
    }

    [Fact]
    public async Task The_token_says_who_is_asked_what_and_until_when_and_has_the_realms_signature()
    {
        foreach (var (action, name, notBefore) in ((AdapterAction, string, bool)[])[(AdapterAction.Logout, "LOGOUT", true), (AdapterAction.PushNotBefore, "PUSH_NOT_BEFORE", true), (AdapterAction.TestAvailable, "TEST_AVAILABLE", false)])
        {
            await AskAsync(action, "plain");
            var token = _applications.Asked["https://plain.example/app/" + action.Path];
            using var claims = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]));
            Assert.Equal((name, "plain"), (claims.RootElement.GetProperty("action").GetString(), claims.RootElement.GetProperty("resource").GetString()));
            Assert.InRange(claims.RootElement.GetProperty("expiration").GetInt64() - DateTimeOffset.UtcNow.ToUnixTimeSeconds(), 20, 31);
            Assert.Equal(notBefore, claims.RootElement.TryGetProperty("notBefore", out var moment) && moment.GetInt64() == 1234);
            using var http = new HttpClient();
            using var keys = JsonDocument.Parse(await http.GetStringAsync($"{_server.Base}/realms/shop/protocol/openid-connect/certs"));
            var kid = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[0])).RootElement.GetProperty("kid").GetString();
            Assert.Contains(keys.RootElement.GetProperty("keys").EnumerateArray(), k => k.GetProperty("kid").GetString() == kid);
        }
    }

    private async Task<AdapterAnswers> AskAsync(AdapterAction action, params string[] clientIds)
    {
        var realm = (await _server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var clients = new List<Client>();
        foreach (var id in clientIds)
        {
            clients.Add((await _server.Services.GetRequiredService<IClients>().FindAsync(realm, id))!);
        }

        return await _server.Services.GetRequiredService<AdapterActions>().SendAsync(realm, clients, new("https://id.example", "https://id.example"), action, 1234, default);
    }

    /// <summary>Applications that take what they are asked, but for one that refuses and one that does not answer.</summary>
    private sealed class Applications : IFetch
    {
        /// <summary>The tokens, by address.</summary>
        public ConcurrentDictionary<string, string> Asked { get; } = new();

        public ValueTask<byte[]?> GetAsync(string address, string accept, int maxLength, CancellationToken ct = default) => new((byte[]?)null);

        public ValueTask<int?> PostFormAsync(string address, IReadOnlyList<KeyValuePair<string, string>> form, CancellationToken ct = default) => new((int?)null);

        public ValueTask<FetchAnswer?> SendAsync(FetchRequest request, CancellationToken ct = default)
        {
            Asked[request.Address] = Encoding.UTF8.GetString(request.Body!.Content);
            Assert.Equal("text/plain", request.Body.ContentType);
            return new(request.Address.Contains("none", StringComparison.Ordinal) ? null : new FetchAnswer(request.Address.Contains("403", StringComparison.Ordinal) ? 403 : 204, null, []));
        }
    }
}
