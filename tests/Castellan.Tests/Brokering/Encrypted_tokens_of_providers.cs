using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Keys;
using Castellan.Protocol.Jose;

namespace Castellan.Tests.Brokering;

/// <summary>
/// A provider may encrypt its tokens to the key that the realm publishes (OIDC Core §16.14). Anybody can do that: what is inside must hold as if it had come
/// bare (CVE-2026-9793).
/// </summary>
public sealed class Encrypted_tokens_of_providers
{
    public static TheoryData<string, string, bool> Ways => new()
    {
        { "RSA-OAEP", "A256GCM", true }, { "RSA-OAEP", "A128CBC-HS256", true }, { "RSA-OAEP-256", "A128GCM", true }, { "RSA-OAEP", "A256CBC-HS512", false },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_encrypted_ID_token_signs_in(string algorithm, string encryption, bool named)
    {
        await using var room = await BrokerRoom.OpenAsync();
        await SealAsync(room, token => token, KeyEncryption.Find(algorithm), ContentEncryption.Find(encryption), named);
        using var browser = await room.ArriveAsync();
        Assert.NotNull(browser.Code);
        Assert.Equal("subject-1", Assert.Single(await room.LinksAsync("una")).UserId);
    }

    private static readonly Dictionary<string, Func<BrokerRoom, RealmKey, Func<JsonObject, string>>> s_wrong = new()
    {
        ["bare claims inside"] = (_, key) => c => Seal(c.ToJsonString(), key.Key, key.Kid),
        ["unsigned inside"] = (_, key) => c => Seal($"{StrictBase64Url.Encode("""{"alg":"none"}"""u8)}.{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(c.ToJsonString()))}.", key.Key, key.Kid),
        ["another's signature inside"] = (_, key) => c => Seal(FakeProvider.Sign(c, new SigningKey(EcKey.Generate("P-256")!, SignatureAlgorithm.ES256, "one")), key.Key, key.Kid),
        ["encrypted twice"] = (_, key) => c => Seal(Seal(FakeProvider.Sign(c), key.Key, key.Kid), key.Key, key.Kid),
        ["to another's key"] = (_, key) => c => Seal(FakeProvider.Sign(c), RsaKey.Generate(2048), key.Kid),
        ["to a key that there is not"] = (_, key) => c => Seal(FakeProvider.Sign(c), key.Key, "nobody"),
        ["under the old padding"] = (_, key) => c => Jwe.Encrypt(Encoding.UTF8.GetBytes(FakeProvider.Sign(c)), key.Key, KeyEncryption.Rsa15, ContentEncryption.A128Gcm, key.Kid, "JWT"),
        ["changed on the way"] = (_, key) => c => Seal(FakeProvider.Sign(c), key.Key, key.Kid)[..^2] + "AA",
        ["for another audience"] = (_, key) => c =>
        {
            c["aud"] = "them";
            return Seal(FakeProvider.Sign(c), key.Key, key.Kid);
        },
        ["of another request"] = (_, key) => c =>
        {
            c["nonce"] = "another";
            return Seal(FakeProvider.Sign(c), key.Key, key.Kid);
        },
    };

    public static TheoryData<string> Wrong => [.. s_wrong.Keys];

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task CVE_2026_9793_what_is_inside_counts_for_no_more_than_bare(string what)
    {
        await using var room = await BrokerRoom.OpenAsync();
        room.Up.Write = s_wrong[what](room, await KeyAsync(room));
        using var browser = await room.ArriveAsync();
        Assert.Equal((HttpStatusCode.BadGateway, "error"), (browser.Status, browser.PageId));
        Assert.Equal(1, await room.CountAsync());
    }

    [Theory]
    [InlineData("signed and encrypted", true)]
    [InlineData("encrypted", true)]
    [InlineData("encrypted, about somebody else", false)]
    [InlineData("another's signature, encrypted", false)]
    [InlineData("unsigned, encrypted", false)]
    public async Task User_info_may_be_encrypted_too(string how, bool believed)
    {
        await using var room = await BrokerRoom.OpenAsync();
        var key = await KeyAsync(room);
        room.Up.WriteInfo = info =>
        {
            info["given_name"] = "Sealed";
            info["sub"] = how == "encrypted, about somebody else" ? "subject-2" : info["sub"]!.DeepClone();
            return Seal(how switch
            {
                "signed and encrypted" => FakeProvider.Sign(info),
                "another's signature, encrypted" => FakeProvider.Sign(info, new SigningKey(EcKey.Generate("P-256")!, SignatureAlgorithm.ES256, "one")),
                "unsigned, encrypted" => $"{StrictBase64Url.Encode("""{"alg":"none"}"""u8)}.{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(info.ToJsonString()))}.",
                _ => info.ToJsonString(),
            }, key.Key, key.Kid);
        };
        using var browser = await room.ArriveAsync();
        Assert.Equal(believed, browser.Code is not null);
        if (believed)
        {
            Assert.Equal("Sealed", (await room.Users.FindByUsernameAsync((await room.RealmAsync()).Id, "una"))!.Representation.FirstName);
        }
    }

    /// <summary>OIDC Core §3.1.2.1: the provider is shown the signed token that was inside, which it can read.</summary>
    [Fact]
    public async Task At_logout_the_provider_is_shown_the_token_that_was_inside()
    {
        await using var room = await BrokerRoom.OpenAsync();
        string? signed = null;
        await SealAsync(room, token => signed = token);
        using var browser = await room.ArriveAsync();
        Assert.NotNull(browser.Code);
        await browser.GetAsync($"{room.Issuer}/protocol/openid-connect/logout?client_id=web");
        await browser.SubmitAsync();
        Assert.StartsWith($"{FakeProvider.Issuer}/logout", browser.Location, StringComparison.Ordinal);
        Assert.Equal(signed, BrokerRoom.Sent(browser, "id_token_hint"));
    }

    private static async Task<RealmKey> KeyAsync(BrokerRoom room) => KeyRing.Of(await room.RealmAsync()).Active(RealmKey.Enc, "RSA-OAEP")!;

    private static async Task SealAsync(BrokerRoom room, Func<string, string> seen, KeyEncryption? algorithm = null, ContentEncryption? encryption = null, bool named = true)
    {
        var key = await KeyAsync(room);
        room.Up.Write = c => Jwe.Encrypt(
            Encoding.UTF8.GetBytes(seen(FakeProvider.Sign(c))), key.Key, algorithm ?? KeyEncryption.RsaOaep, encryption ?? ContentEncryption.A256Gcm, named ? key.Kid : null, "JWT");
    }

    private static string Seal(string content, JoseKey key, string kid) =>
        Jwe.Encrypt(Encoding.UTF8.GetBytes(content), key, KeyEncryption.RsaOaep, ContentEncryption.A256Gcm, kid, "JWT");
}
