using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Brokering;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Protocol.Jose;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Brokering;

/// <summary>A Kubernetes cluster vouches for its service accounts: its keys are found by its issuer, and our own token opens them where the cluster gave it.</summary>
public sealed class Service_accounts_of_a_cluster : IDisposable
{
    private const string Cluster = "https://cluster.example", KeysAt = "https://10.0.0.1:6443/openid/v1/jwks";
    private const string Account = "system:serviceaccount:shop:job";

    private readonly string _token = Path.GetTempFileName();
    private readonly List<(string Address, string? Authorization)> _asked = [];
    private string _keysAt = KeysAt;

    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    public void Dispose() => File.Delete(_token);

    private async Task<BrokerRoom> OpenAsync(string issuer = Cluster)
    {
        var room = await BrokerRoom.OpenAsync(s => s.AddSingleton(p => new ClusterKeys(p.GetRequiredService<IFetch>(), p.GetRequiredService<TimeProvider>(), _token)));
        await room.ChangeAsync("up", p => (p.ProviderId, p.Config) = ("kubernetes", new() { ["issuer"] = issuer }));
        await room.Realms.ApplyAsync(new ChangeSet((await room.RealmAsync()).Id).Add(new PutClient(new ClientRepresentation
        {
            Id = "id-of-the-job", ClientId = "job", Enabled = true, Protocol = "openid-connect", ServiceAccountsEnabled = true, ClientAuthenticatorType = "federated-jwt",
            Attributes = new() { ["jwt.credential.issuer"] = "up", ["jwt.credential.sub"] = Account },
        })));
        Answer($"{issuer}/.well-known/openid-configuration", () => $$"""{"issuer":"{{issuer}}","jwks_uri":"{{_keysAt}}"}""");
        Answer(KeysAt, () => $$"""{"keys":[{{(FakeProvider.Key.Key.ToJwk() with { Kid = "one", Use = "sig", Alg = "ES256" }).ToJson()}}]}""");
        return room;

        void Answer(string address, Func<string> json) => room.Up.Elsewhere[address] = request =>
        {
            _asked.Add((request.Address, request.Authorization));
            return new FetchAnswer(200, "application/json", Encoding.UTF8.GetBytes(json()));
        };
    }

    private static JsonObject Claims(BrokerRoom room) => new()
    {
        ["iss"] = Cluster, ["sub"] = Account, ["aud"] = new JsonArray(room.Issuer), ["iat"] = Now - 3000, ["nbf"] = Now - 3000, ["exp"] = Now + 300,
    };

    private static Task<string?> AskAsync(BrokerRoom room, JsonObject claims, SigningKey? key = null) => Clients_that_are_vouched_for.AskAsync(room, FakeProvider.Sign(claims, key));

    [Fact]
    public async Task Its_token_stands_for_a_client_for_as_long_as_it_lives()
    {
        await using var room = await OpenAsync();
        var claims = Claims(room);
        Assert.Null(await AskAsync(room, claims));
        Assert.Null(await AskAsync(room, claims));
        Assert.Equal(2, _asked.Count);
        claims["iat"] = Now - 3700;
        Assert.Equal("Token was issued too far in the past to be used now", await AskAsync(room, claims));
    }

    [Theory]
    [InlineData("iss", "https://other.example")]
    [InlineData("sub", "system:serviceaccount:other:job")]
    [InlineData("aud", "https://kubernetes.default.svc")]
    [InlineData("key", "")]
    public async Task What_it_does_not_say_of_us_and_the_client_is_refused(string claim, string value)
    {
        await using var room = await OpenAsync();
        var claims = Claims(room);
        var key = claim == "key" ? new SigningKey(EcKey.Generate("P-256")!, SignatureAlgorithm.ES256, "one") : null;
        if (key is null)
        {
            claims[claim] = value;
        }

        Assert.Equal("Invalid client or Invalid client credentials", await AskAsync(room, claims, key));
    }

    [Theory]
    [InlineData(Cluster, KeysAt, 2)]
    [InlineData("https://other.example", KeysAt, 0)]
    [InlineData(Cluster, "http://10.0.0.1/jwks", 1)]
    public async Task Our_own_token_is_shown_to_the_cluster_that_gave_it_and_never_in_the_clear(string issuerOfOurs, string keysAt, int shown)
    {
        var ours = FakeProvider.Sign(new JsonObject { ["iss"] = issuerOfOurs });
        await File.WriteAllTextAsync(_token, ours + "\n");
        _keysAt = keysAt;
        await using var room = await OpenAsync();
        if (keysAt != KeysAt)
        {
            room.Up.Elsewhere[keysAt] = room.Up.Elsewhere[KeysAt];
        }

        Assert.Null(await AskAsync(room, Claims(room)));
        Assert.Equal(2, _asked.Count);
        Assert.Equal(shown, _asked.Count(a => a.Authorization == $"Bearer {ours}"));
        Assert.Equal(2 - shown, _asked.Count(a => a.Authorization is null));
    }

    [Fact]
    public async Task It_gives_no_tokens_to_people()
    {
        await using var room = await OpenAsync();
        await room.ChangeAsync("up", p => p.Config!["jwtAuthorizationGrantEnabled"] = "true");
        Assert.False(IdentityProviders.Of(await room.RealmAsync()).All.Single(p => p.Alias == "up").GrantsByAssertion);
    }
}
