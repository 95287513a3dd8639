using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Representations;
using Castellan.Protocol.Jose;
using Castellan.Tests.Rfc7515;

namespace Castellan.Tests.Ciba;

/// <summary>Signed authentication requests (OpenID CIBA Core 1.0 §7.1.1), and what client policies demand of requests.</summary>
public sealed class Signed_requests
{
    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public async Task What_is_signed_stands_over_what_is_not()
    {
        var house = await CibaHouse.OneAsync();
        var message = Core.Secret.Text(20);
        var (_, device) = await house.BeginAsync("signing", ("binding_message", message), ("login_hint", "nobody"), ("request", Sign(house, new() { ["login_hint"] = "alice", ["acr_values"] = "gold", ["requested_expiry"] = 30, ["amount"] = 12, ["binding_message"] = null })));
        Assert.Equal(("alice", "gold", "12", null, null), (device["login_hint"], device["acr_values"], device["amount"], device["iss"], device["jti"]));
        var claims = Tokens.Payload(device.Token);
        Assert.Equal(30, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());
    }

    [Theory]
    [InlineData("good", null)]
    [InlineData("expiry as text", null)]
    [InlineData("bare", null)]
    [InlineData("garbage", "Failed to build JWS")]
    [InlineData("encrypted", "Encrypted request object is not allowed")]
    [InlineData("unsigned", "None signed algorithm is not allowed")]
    [InlineData("unknown algorithm", "Not found provider for the algorithm XX256")]
    [InlineData("by secret", "Signed algorithm is not allowed")]
    [InlineData("RS256", "Client requested algorithm not registered in advance or request signed with different algorithm other than client requested algorithm")]
    [InlineData("another key", "Failed to verify signature")]
    [InlineData("not JSON", "Failed to verify signature")]
    [InlineData("expired", "Request Expired")]
    [InlineData("expiry is no number", "Request Expired")]
    [InlineData("early", "Request not yet being processed")]
    [InlineData("of another client", "Invalid parameter in the 'request' object: iss")]
    [InlineData("for somebody else", "Invalid parameter in the 'request' object: aud")]
    [InlineData("expiry is no text", "For input string: \"[30]\"")]
    public async Task Each_part_is_looked_at(string what, string? refusal)
    {
        var house = await CibaHouse.OneAsync();
        var es256 = TestKeys.For(SignatureAlgorithm.ES256);
        var text = what switch
        {
            "garbage" => "garbage",
            "encrypted" => "a.b.c.d.e",
            "unsigned" => $"{Encode("""{"alg":"none"}""")}.{Encode("{}")}.",
            "unknown algorithm" => $"{Encode("""{"alg":"XX256"}""")}.{Encode("{}")}.AAAA",
            "by secret" => ByKey(new OctKey("s"u8.ToArray()), "HS256", "{}"),
            "RS256" => ByKey(TestKeys.Rsa(), "RS256", "{}"),
            "another key" => ByKey(TestKeys.For(SignatureAlgorithm.ES256, 1), "ES256", "{}"),
            "not JSON" => ByKey(es256, "ES256", "login_hint=alice"),
            "bare" => ByKey(es256, "ES256", "{}"),
            "expired" => Sign(house, new() { ["exp"] = Now - 1 }),
            "expiry is no number" => Sign(house, new() { ["exp"] = "never" }),
            "early" => Sign(house, new() { ["nbf"] = Now + 60 }),
            "of another client" => Sign(house, new() { ["iss"] = "till" }),
            "for somebody else" => Sign(house, new() { ["aud"] = "https://op.example" }),
            "expiry as text" => Sign(house, new() { ["requested_expiry"] = "30" }),
            "expiry is no text" => Sign(house, new() { ["requested_expiry"] = new JsonArray(30) }),
            _ => Sign(house, []),
        };
        var answer = await house.AskAsync("signing", ("request", text));
        if (refusal is null)
        {
            Assert.True(answer.Status == 200, answer.Text);
        }
        else
        {
            answer.Refuses(400, "invalid_request", refusal);
        }
    }

    [Fact]
    public async Task It_may_lie_at_an_address_that_the_client_registered()
    {
        await using var house = await CibaHouse.StartAsync();
        house.Request = Sign(house, new() { ["login_hint"] = "alice" }) + "\n";
        Assert.Equal("alice", (await house.BeginAsync("signing", ("login_hint", "nobody"), ("request_uri", house.Address + "/request"))).Device["login_hint"]);
        (await house.AskAsync("signing", ("request_uri", house.Address + "/request?x=1"))).Refuses(400, "invalid_request", "Specified 'request_uri' not allowed for this client.");
        (await house.AskAsync("signing", ("request_uri", house.Address + "/request#x"))).Refuses(400, "invalid_request", "Specified 'request_uri' not allowed for this client.");
        house.Request = "garbage";
        (await house.AskAsync("signing", ("request_uri", house.Address + "/request"))).Refuses(400, "invalid_request", "Failed to build JWS");
    }

    [Fact]
    public async Task A_client_that_named_no_algorithm_signs_nothing() => (await (await CibaHouse.OneAsync()).AskAsync("till", ("request", ByKey(TestKeys.For(SignatureAlgorithm.ES256), "ES256", "{}"))))
        .Refuses(400, "invalid_request", "Client requested algorithm not registered in advance or request signed with different algorithm other than client requested algorithm");

    [Theory]
    [InlineData(null, "Missing parameter: 'request' or 'request_uri'")]
    [InlineData("exp", "Missing parameter in the signed authentication request: exp")]
    [InlineData("nbf", "Missing parameter in the signed authentication request: nbf")]
    [InlineData("aud", "Missing parameter in the 'request' object: aud")]
    [InlineData("iss", "Missing parameter in the 'request' object: iss")]
    [InlineData("iat", "Missing parameter in the signed authentication request: iat")]
    [InlineData("jti", "Missing parameter in the signed authentication request: jti")]
    [InlineData("binding_message", "Missing parameter: binding_message")]
    [InlineData("long", "signed authentication request's available period is long")]
    [InlineData("since ever", "signed authentication request's available period is long")]
    [InlineData("", "")]
    public async Task Financial_grade_requests_are_signed_and_complete(string? without, string refusal)
    {
        await using var house = await CibaHouse.StartAsync(change: file => file["clientPolicies"] = JsonNode.Parse(
            """{"policies":[{"name":"p","enabled":true,"conditions":[{"condition":"client-attributes","configuration":{"attributes":"[{\"key\":\"oidc.ciba.grant.enabled\",\"value\":\"true\"}]"}}],"profiles":["fapi-ciba"]}]}"""));
        var claims = new JsonObject { ["binding_message"] = "m", ["exp"] = Now + (without == "long" ? 4000 : 60) };
        claims = Claims(house, claims);
        claims.Remove(without ?? "");
        if (without == "since ever")
        {
            claims["nbf"] = long.MinValue;
        }

        var answer = await house.AskAsync("signing", without is null ? [] : [("request", ByKey(TestKeys.For(SignatureAlgorithm.ES256), "ES256", claims.ToJsonString()))]);
        if (refusal.Length == 0)
        {
            Assert.True(answer.Status == 200, answer.Text);
        }
        else
        {
            answer.Refuses(400, "invalid_request", refusal);
            Assert.Equal(("LOGIN_ERROR", "invalid_request"), (await house.EventsAsync("signing")).Select(e => (e.Type, e.Error)).Single());
        }
    }

    [Theory, InlineData(null, "PS256", null), InlineData("ES384", "ES384", null), InlineData("RS256", "RS256", "not allowed signature algorithm.")]
    public async Task Financial_grade_clients_sign_by_some_algorithms(string? chosen, string becomes, string? refusal)
    {
        await using var house = await CibaHouse.StartAsync(change: file => file["clientPolicies"] = JsonNode.Parse("""{"policies":[{"name":"p","enabled":true,"conditions":[{"condition":"any-client"}],"profiles":["fapi-ciba"]}]}"""));
        var client = new ClientRepresentation { ClientId = "c", Attributes = chosen is null ? null : new() { ["ciba.backchannel.auth.request.signing.alg"] = chosen } };
        var realm = await house.RealmAsync();
        Assert.Equal(refusal, ClientPolicies.Of(realm).Change(new(realm, client, client, null, ClientSource.AuthenticatedUser))?.Description);
        Assert.Equal(becomes, client.Attributes!["ciba.backchannel.auth.request.signing.alg"]);
    }

    private static JsonObject Claims(CibaHouse house, JsonObject more)
    {
        var claims = new JsonObject { ["iss"] = "signing", ["aud"] = house.Issuer, ["exp"] = Now + 60, ["nbf"] = Now, ["iat"] = Now, ["jti"] = Core.Ids.New() };
        foreach (var (name, value) in more)
        {
            claims[name] = value?.DeepClone();
        }

        return claims;
    }

    private static string Sign(CibaHouse house, JsonObject more) => ByKey(TestKeys.For(SignatureAlgorithm.ES256), "ES256", Claims(house, more).ToJsonString());

    private static string ByKey(JoseKey key, string algorithm, string claims) => JwsWriter.Sign(new SigningKey(key, TestKeys.Algorithm(algorithm), algorithm), Encoding.UTF8.GetBytes(claims));

    private static string Encode(string text) => StrictBase64Url.Encode(Encoding.UTF8.GetBytes(text));
}
