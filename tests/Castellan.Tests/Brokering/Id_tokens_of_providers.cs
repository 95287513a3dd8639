using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.Protocol.Jose;

namespace Castellan.Tests.Brokering;

/// <summary>An ID token is believed when it is the provider's, for us, in time and in answer to our request (OIDC Core §3.1.3.7); each claim that says so must be there.</summary>
public sealed class Id_tokens_of_providers
{
    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private static readonly Dictionary<string, Action<FakeProvider>> s_wrong = new()
    {
        ["no issuer"] = p => p.Change = c => c.Remove("iss"),
        ["another issuer"] = p => p.Change = c => c["iss"] = "https://other.example",
        ["issuer with a slash more"] = p => p.Change = c => c["iss"] = FakeProvider.Issuer + "/",
        ["no audience"] = p => p.Change = c => c.Remove("aud"),
        ["another audience"] = p => p.Change = c => c["aud"] = "them",
        ["several audiences, issued to nobody"] = p => p.Change = c => c["aud"] = new JsonArray(FakeProvider.ClientId, "them"),
        ["issued to somebody else"] = p => p.Change = c => (c["aud"], c["azp"]) = (new JsonArray(FakeProvider.ClientId, "them"), "them"),
        ["no end"] = p => p.Change = c => c.Remove("exp"),
        ["end that is no number"] = p => p.Change = c => c["exp"] = "later",
        ["ended"] = p => p.Change = c => c["exp"] = Now - 1,
        ["not yet"] = p => p.Change = c => c["nbf"] = Now + 600,
        ["no nonce"] = p => p.Change = c => c.Remove("nonce"),
        ["another nonce"] = p => p.Change = c => c["nonce"] = "another",
        ["no subject"] = p => p.Change = c => c.Remove("sub"),
        ["empty subject"] = p => p.Change = c => c["sub"] = "",
        ["unsigned"] = p => p.Write = c => $"{StrictBase64Url.Encode("""{"alg":"none"}"""u8)}.{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(c.ToJsonString()))}.",
        ["another key of the same name"] = p => p.Write = c => FakeProvider.Sign(c, new SigningKey(EcKey.Generate("P-256")!, SignatureAlgorithm.ES256, "one")),
        ["a key that is not published"] = p => p.Write = c => FakeProvider.Sign(c, new SigningKey(EcKey.Generate("P-256")!, SignatureAlgorithm.ES256, "two")),
        ["the client's secret for a key"] = p => p.Write = c => FakeProvider.Sign(c, new SigningKey(new OctKey(Encoding.UTF8.GetBytes(FakeProvider.Secret)), SignatureAlgorithm.HS256, "one")),
        ["the public key for a secret"] = p => p.Write = c => FakeProvider.Sign(c, new SigningKey(new OctKey(FakeProvider.Key.Key.SubjectPublicKeyInfo()), SignatureAlgorithm.HS256, "one")),
        ["changed after signing"] = p => p.Write = c => Swap(FakeProvider.Sign(c), c),
        ["no token"] = p => p.Write = _ => "",
        ["user info about somebody else"] = p => p.InfoSubject = "subject-2",
    };

    public static TheoryData<string> Wrong => [.. s_wrong.Keys];

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task One_that_is_not_ours_signs_nobody_in(string what)
    {
        await using var room = await BrokerRoom.OpenAsync();
        s_wrong[what](room.Up);
        var browser = await room.ArriveAsync();
        Assert.Equal((HttpStatusCode.BadGateway, "error"), (browser.Status, browser.PageId));
        Assert.Equal(1, await room.CountAsync());
    }

    [Fact]
    public async Task One_that_is_ours_does()
    {
        await using var room = await BrokerRoom.OpenAsync();
        var browser = await room.ArriveAsync();
        Assert.NotNull(browser.Code);
        Assert.Equal("subject-1", Assert.Single(await room.LinksAsync("una")).UserId);
    }

    [Fact]
    public async Task Several_audiences_are_fine_when_it_was_issued_to_us()
    {
        await using var room = await BrokerRoom.OpenAsync();
        room.Up.Change = c => (c["aud"], c["azp"]) = (new JsonArray(FakeProvider.ClientId, "them"), FakeProvider.ClientId);
        Assert.NotNull((await room.ArriveAsync()).Code);
    }

    private static string Swap(string token, JsonObject claims)
    {
        claims["sub"] = "subject-2";
        var parts = token.Split('.');
        return $"{parts[0]}.{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(claims.ToJsonString()))}.{parts[2]}";
    }
}
