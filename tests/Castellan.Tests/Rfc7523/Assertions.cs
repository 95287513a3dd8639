using System.Text;
using Castellan.Protocol.Jose;

namespace Castellan.Tests.Rfc7523;

public sealed class Assertions
{
    private const string Type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private static readonly SigningKey s_key = new(EcKey.Generate("P-256")!, SignatureAlgorithm.ES256, "one");

    public static TheoryData<string, string?, string> Omissions => new()
    {
        { "sub", null, "Invalid client or Invalid client credentials" },
        { "iss", null, "Invalid client or Invalid client credentials" },
        { "iss", "\"somebody\"", "Invalid client or Invalid client credentials" },
        { "aud", null, "Invalid token audience" },
        { "aud", "\"https://elsewhere.example\"", "Invalid token audience" },
        { "jti", null, "Token jti claim is required" },
        { "exp", null, "Token exp claim is required" },
        { "exp", "1", "Token is not active" },
        { "nbf", "9999999999", "Token is not active" },
        { "iat", "1", "Token was issued too far in the past to be used now" },
        { "iat", "9999999999", "Token was issued in the future" },
    };

    [Theory]
    [MemberData(nameof(Omissions))]
    public async Task A_claim_that_is_missing_or_wrong_is_refused(string claim, string? value, string why)
    {
        var realm = await RealmAsync();
        var answer = await AskAsync(realm, s_key, (claim, value));
        Assert.Equal(("invalid_client", why), (answer["error"], answer["error_description"]));
    }

    /// <summary>The endpoints that Keycloak's assertions may speak to; others are no audience, though clients prove themselves there too.</summary>
    [Theory]
    [InlineData("", true), InlineData("/protocol/openid-connect/token", true), InlineData("/protocol/openid-connect/token/introspect", true)]
    [InlineData("/protocol/openid-connect/ext/par/request", true), InlineData("/protocol/openid-connect/ext/ciba/auth", true)]
    [InlineData("/protocol/openid-connect/revoke", false), InlineData("/protocol/openid-connect/logout", false), InlineData("/protocol/openid-connect/auth/device", false)]
    public async Task The_audience_is_the_realm_or_one_of_its_endpoints(string endpoint, bool taken)
    {
        var realm = await RealmAsync();
        var answer = await AskAsync(realm, s_key, ("aud", $"\"{realm.Issuer}{endpoint}\""));
        Assert.Equal(taken ? null : "Invalid token audience", answer["error_description"]);
    }

    /// <summary>FAPI 2.0 §5.3.2.1: up to ten seconds ahead is accepted, more than sixty is not.</summary>
    [Theory]
    [InlineData("iat", 10, true)]
    [InlineData("nbf", 10, true)]
    [InlineData("iat", 60, false)]
    [InlineData("nbf", 60, false)]
    [InlineData("exp", -1, false)]
    public async Task A_clock_may_be_a_little_ahead(string claim, int seconds, bool taken)
    {
        var answer = await AskAsync(await RealmAsync(), s_key, (claim, $"{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + seconds}"));
        Assert.Equal(taken ? 200 : 400, answer.Status);
    }

    [Theory]
    [InlineData("RS1")]
    [InlineData("none")]
    [InlineData("NONE")]
    public async Task An_algorithm_that_nobody_knows_is_refused(string algorithm)
    {
        var realm = await RealmAsync();
        var parts = Assertion(realm, s_key).Split('.');
        parts[0] = System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"alg":"{{algorithm}}","kid":"one"}"""));
        (await SendAsync(realm, string.Join('.', parts))).Refuses(400, "invalid_client", "Invalid signature algorithm");
    }

    [Fact]
    public async Task An_assertion_works_once()
    {
        var realm = await RealmAsync();
        var assertion = Assertion(realm, s_key);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SendAsync(realm, assertion)));
        Assert.Single(answers, a => a.Status == 200);
        Assert.All(answers.Where(a => a.Status != 200), a => a.Refuses(400, "invalid_client", "Token reuse detected"));
    }

    /// <summary>Its beginning bounds how long it counts, and so how long it is remembered.</summary>
    [Theory]
    [InlineData(9_223_372_036_854_775_807)]
    [InlineData(9_223_372_036_854_776)]
    public async Task An_assertion_that_says_to_last_forever_works_once_too(long end)
    {
        var realm = await RealmAsync();
        var assertion = Assertion(realm, s_key, ("exp", $"{end}"));
        Assert.Equal(200, (await SendAsync(realm, assertion)).Status);
        (await SendAsync(realm, assertion)).Refuses(400, "invalid_client", "Token reuse detected");
    }

    [Fact]
    public async Task Another_key_and_another_algorithm_are_refused()
    {
        var realm = await RealmAsync();
        (await AskAsync(realm, new SigningKey(EcKey.Generate("P-256")!, SignatureAlgorithm.ES256, "one")))
            .Refuses(400, "invalid_client", "Client authentication with signed JWT failed: Signature on JWT token failed validation");
        (await AskAsync(realm, new SigningKey(EcKey.Generate("P-256")!, SignatureAlgorithm.ES256, "two"))).Refuses(400, "invalid_client", "Unable to load public key");
        (await AskAsync(realm, new SigningKey(new OctKey(s_key.Key.SubjectPublicKeyInfo()), SignatureAlgorithm.HS256, "one"))).Refuses(400, "invalid_client", "Invalid signature algorithm");
    }

    private static async Task<TestRealm> RealmAsync() => await (await TestServer.OneAsync()).RealmAsync(r => r.Clients!.Add(new()
    {
        ClientId = "signer", PublicClient = false, ServiceAccountsEnabled = true, ClientAuthenticatorType = "client-jwt",
        Attributes = new() { ["use.jwks.string"] = "true", ["jwks.string"] = $$"""{"keys":[{{(s_key.Key.ToJwk() with { Kid = "one", Use = "sig", Alg = "ES256" }).ToJson()}}]}""" },
    }));

    private static Task<Answer> AskAsync(TestRealm realm, SigningKey key, (string Name, string? Value)? change = null) => SendAsync(realm, Assertion(realm, key, change));

    private static Task<Answer> SendAsync(TestRealm realm, string assertion) =>
        realm.PostAsync("token", ("grant_type", "client_credentials"), ("client_assertion_type", Type), ("client_assertion", assertion));

    private static string Assertion(TestRealm realm, SigningKey key, (string Name, string? Value)? change = null)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = new Dictionary<string, string?>
        {
            ["iss"] = "\"signer\"", ["sub"] = "\"signer\"", ["aud"] = $"\"{realm.Issuer}\"", ["jti"] = $"\"{Core.Ids.New()}\"", ["iat"] = $"{now}", ["exp"] = $"{now + 30}",
        };
        if (change is { } one)
        {
            claims[one.Name] = one.Value;
        }

        var json = "{" + string.Join(',', claims.Where(c => c.Value is not null).Select(c => $"\"{c.Key}\":{c.Value}")) + "}";
        return JwsWriter.Sign(key, Encoding.UTF8.GetBytes(json));
    }
}
