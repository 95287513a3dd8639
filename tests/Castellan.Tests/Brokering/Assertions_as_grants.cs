using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Protocol.Jose;

namespace Castellan.Tests.Brokering;

/// <summary>An assertion of a provider gets tokens for whom it names (RFC 7523 §2.1): signed, for this realm, in time, once.</summary>
public sealed class Assertions_as_grants
{
    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private static readonly Dictionary<string, (Action<JsonObject> Change, string Why)> s_wrong = new()
    {
        ["no issuer"] = (c => c.Remove("iss"), "The provided assertion is not a valid JWT"),
        ["another issuer"] = (c => c["iss"] = "https://other.example", "No Identity Provider for provided issuer"),
        ["no subject"] = (c => c.Remove("sub"), "The provided assertion is not a valid JWT"),
        ["an unknown subject"] = (c => c["sub"] = "subject-2", "User not found"),
        ["no audience"] = (c => c.Remove("aud"), "Invalid token audience"),
        ["the audience of an ID token"] = (c => c["aud"] = FakeProvider.ClientId, "Invalid token audience"),
        ["no end"] = (c => c.Remove("exp"), "Token is not active"),
        ["ended"] = (c => c["exp"] = Now - 1, "Token is not active"),
        ["for ever"] = (c => c["exp"] = Now + 86400, "Token expiration is too far in the future"),
        ["no beginning"] = (c => c.Remove("iat"), "Token is not active"),
        ["of the future"] = (c => c["iat"] = Now + 60, "Token is not active"),
        ["not yet"] = (c => c["nbf"] = Now + 60, "Token is not active"),
        ["no id"] = (c => c.Remove("jti"), "Token jti claim is required"),
    };

    public static TheoryData<string> Wrong => [.. s_wrong.Keys];

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_claim_that_is_missing_or_wrong_is_refused(string what)
    {
        await using var room = await LinkedAsync();
        var claims = Claims(room);
        s_wrong[what].Change(claims);
        Assert.Equal(s_wrong[what].Why, (await AskAsync(room, FakeProvider.Sign(claims))).GetProperty("error_description").GetString());
    }

    [Fact]
    public async Task It_counts_once_and_under_the_providers_key()
    {
        await using var room = await LinkedAsync();
        var forged = FakeProvider.Sign(Claims(room), new SigningKey(EcKey.Generate("P-256")!, SignatureAlgorithm.ES256, "one"));
        Assert.Equal("Invalid signature", (await AskAsync(room, forged)).GetProperty("error_description").GetString());
        var assertion = FakeProvider.Sign(Claims(room));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AskAsync(room, assertion)));
        Assert.Single(answers, a => a.TryGetProperty("access_token", out _));
        Assert.All(answers, a => Assert.False(a.TryGetProperty("refresh_token", out _)));
    }

    [Fact]
    public async Task A_disabled_provider_vouches_for_nobody()
    {
        await using var room = await LinkedAsync();
        await room.ChangeAsync("up", p => p.Enabled = false);
        Assert.Equal("No Identity Provider for provided issuer", (await AskAsync(room, FakeProvider.Sign(Claims(room)))).GetProperty("error_description").GetString());
    }

    private static JsonObject Claims(BrokerRoom room) => new()
    {
        ["iss"] = FakeProvider.Issuer, ["sub"] = "subject-1", ["aud"] = room.Issuer, ["iat"] = Now, ["exp"] = Now + 60, ["jti"] = Core.Ids.New(),
    };

    private static async Task<BrokerRoom> LinkedAsync()
    {
        var room = await BrokerRoom.OpenAsync();
        Assert.NotNull((await room.ArriveAsync()).Code);
        return room;
    }

    private static async Task<JsonElement> AskAsync(BrokerRoom room, string assertion)
    {
        using var client = new HttpClient();
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), new("assertion", assertion), new("client_id", "api"), new("client_secret", "a-secret-of-the-api"),
        ]);
        using var answer = await client.PostAsync($"{room.Issuer}/protocol/openid-connect/token", form);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }
}
