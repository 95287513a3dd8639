using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Sessions;
using Castellan.Protocol.Jose;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Brokering;

/// <summary>A session ends at the word of the provider that it came by, and of nobody else (OpenID Connect Back-Channel Logout 1.0 §2.6).</summary>
public sealed class Logout_tokens
{
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";

    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private static readonly Dictionary<string, Func<JsonObject, string>> s_wrong = new()
    {
        ["another issuer"] = Changed(c => c["iss"] = "https://other.example"),
        ["no issuer"] = Changed(c => c.Remove("iss")),
        ["another audience"] = Changed(c => c["aud"] = "them"),
        ["no audience"] = Changed(c => c.Remove("aud")),
        ["no moment"] = Changed(c => c.Remove("iat")),
        ["of the future"] = Changed(c => c["iat"] = Now + 3600),
        ["ended"] = Changed(c => c["exp"] = Now - 1),
        ["no id"] = Changed(c => c.Remove("jti")),
        ["no event"] = Changed(c => c.Remove("events")),
        ["another event"] = Changed(c => c["events"] = new JsonObject { ["http://schemas.example/event"] = new JsonObject() }),
        ["with a nonce, as ID tokens have"] = Changed(c => c["nonce"] = "n"),
        ["nobody's"] = Changed(c =>
        {
            c.Remove("sub");
            c.Remove("sid");
        }),
        ["unsigned"] = c => $"{StrictBase64Url.Encode("""{"alg":"none"}"""u8)}.{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(c.ToJsonString()))}.",
        ["another key"] = c => FakeProvider.Sign(c, new SigningKey(EcKey.Generate("P-256")!, SignatureAlgorithm.ES256, "one")),
        ["the client's secret"] = c => FakeProvider.Sign(c, new SigningKey(new OctKey(Encoding.UTF8.GetBytes(FakeProvider.Secret)), SignatureAlgorithm.HS256, "one")),
    };

    public static TheoryData<string> Wrong => [.. s_wrong.Keys];

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task One_that_is_none_ends_nothing(string what)
    {
        await using var room = await SignedInAsync();
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(room, s_wrong[what](Claims())));
        Assert.Single(await SessionsAsync(room));
    }

    /// <summary>A provider that encrypts its tokens encrypts these too (Back-Channel Logout §2.4); inside they must hold as bare ones do.</summary>
    [Theory]
    [InlineData(null, true)]
    [InlineData("another key", false)]
    [InlineData("no event", false)]
    public async Task One_that_is_encrypted_is_opened_first(string? wrong, bool ends)
    {
        await using var room = await SignedInAsync();
        var key = Core.Keys.KeyRing.Of(await room.RealmAsync()).Active(Core.Keys.RealmKey.Enc, "RSA-OAEP")!;
        var token = wrong is null ? FakeProvider.Sign(Claims()) : s_wrong[wrong](Claims());
        var encrypted = Jwe.Encrypt(Encoding.UTF8.GetBytes(token), key.Key, KeyEncryption.RsaOaep, ContentEncryption.A256Gcm, key.Kid, "JWT");
        Assert.Equal(ends ? HttpStatusCode.OK : HttpStatusCode.BadRequest, await PostAsync(room, encrypted));
        Assert.Equal(ends ? 0 : 1, (await SessionsAsync(room)).Count);
    }

    [Fact]
    public async Task The_signature_counts_even_where_that_of_ID_tokens_does_not()
    {
        await using var room = await SignedInAsync();
        await room.ChangeAsync("up", p => p.Config!["validateSignature"] = "false");
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(room, s_wrong["another key"](Claims())));
        Assert.Single(await SessionsAsync(room));
    }

    [Fact]
    public async Task One_of_the_provider_ends_its_session_once()
    {
        await using var room = await SignedInAsync();
        var token = FakeProvider.Sign(Claims());
        Assert.Equal(HttpStatusCode.OK, await PostAsync(room, token));
        Assert.Empty(await SessionsAsync(room));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(room, token));
    }

    [Fact]
    public async Task Another_session_and_another_account_stay()
    {
        await using var room = await SignedInAsync();
        Assert.Equal(HttpStatusCode.OK, await PostAsync(room, FakeProvider.Sign(Claims(sid: "far-subject-2"))));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(room, FakeProvider.Sign(Claims(sid: null, sub: "subject-2"))));
        Assert.Single(await SessionsAsync(room));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(room, FakeProvider.Sign(Claims(sid: null))));
        Assert.Empty(await SessionsAsync(room));
    }

    private static Func<JsonObject, string> Changed(Action<JsonObject> change) => claims =>
    {
        change(claims);
        return FakeProvider.Sign(claims);
    };

    private static JsonObject Claims(string? sid = "far-subject-1", string sub = "subject-1") => new()
    {
        ["iss"] = FakeProvider.Issuer, ["aud"] = FakeProvider.ClientId, ["iat"] = Now, ["exp"] = Now + 120, ["jti"] = Core.Ids.New(), ["sub"] = sub, ["sid"] = sid,
        ["events"] = new JsonObject { [Event] = new JsonObject() },
    };

    private static async Task<BrokerRoom> SignedInAsync()
    {
        var room = await BrokerRoom.OpenAsync();
        Assert.NotNull((await room.ArriveAsync()).Code);
        Assert.Single(await SessionsAsync(room));
        return room;
    }

    private static async Task<List<UserSession>> SessionsAsync(BrokerRoom room)
    {
        var realm = await room.RealmAsync();
        return await room.Server.Services.GetRequiredService<ISessions>().ListByUserAsync(realm.Id, (await room.Users.FindByUsernameAsync(realm.Id, "una"))!.Id);
    }

    private static async Task<HttpStatusCode> PostAsync(BrokerRoom room, string token)
    {
        using var client = new HttpClient();
        using var form = new FormUrlEncodedContent([new("logout_token", token)]);
        using var answer = await client.PostAsync($"{room.Issuer}/protocol/openid-connect/logout/backchannel-logout", form);
        return answer.StatusCode;
    }
}
