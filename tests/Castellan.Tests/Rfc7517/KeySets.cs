using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Castellan.Protocol.Jose;
using Castellan.Tests.Rfc7515;
using Xunit;

namespace Castellan.Tests.Rfc7517;

public sealed class KeySets
{
    [Fact]
    public void A_key_is_written_as_Keycloak_writes_it_and_tells_no_secret()
    {
        var key = TestKeys.Rsa();
        using var certificate = KeyFiles.SelfSigned(key, "myrealm", DateTimeOffset.UnixEpoch.AddYears(50));
        var jwk = (key.ToJwk(includePrivate: true) with { Kid = key.KeyId(), Alg = "RS256", Use = "sig" }).WithCertificate(certificate!.RawDataMemory.Span);

        using var json = JsonDocument.Parse(jwk.ToJson());
        Assert.Equal(["kid", "kty", "alg", "use", "x5c", "x5t", "x5t#S256", "n", "e"], json.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal("AQAB", json.RootElement.GetProperty("e").GetString());
        Assert.Equal(certificate.RawData, json.RootElement.GetProperty("x5c")[0].GetBytesFromBase64());
        Assert.Equal(certificate.GetCertHash(HashAlgorithmName.SHA1), Decode(json.RootElement.GetProperty("x5t")));
        Assert.Equal(certificate.GetCertHash(HashAlgorithmName.SHA256), Decode(json.RootElement.GetProperty("x5t#S256")));

        static byte[] Decode(JsonElement text) => StrictBase64Url.TryDecode(text.GetString()!, out var bytes) ? bytes : [];
    }

    [Fact]
    public void Every_kind_of_key_survives_being_written_and_read()
    {
        JoseKey[] keys = [TestKeys.Rsa(), .. SignatureAlgorithm.All.Where(a => a.Curve is not null).Select(a => TestKeys.For(a)), OkpKey.Generate("Ed25519")!, OkpKey.Generate("Ed448")!, new OctKey(new byte[32])];
        foreach (var key in keys)
        {
            Assert.True(Jwk.TryParse(Encoding.UTF8.GetBytes(key.ToJwk(true).ToJson(includePrivate: true)), out var jwk));
            var read = JoseKey.FromJwk(jwk)!;
            Assert.True(read.HasPrivate);
            Assert.Equal(key.ToJwk(true).ToJson(true), read.ToJwk(true).ToJson(true));
        }
    }

    [Fact]
    public void Keys_that_are_not_understood_are_passed_over()
    {
        var good = (TestKeys.For(SignatureAlgorithm.ES256).ToJwk() with { Kid = "good", Use = "sig" }).ToJson();
        var json = $$"""{"keys":[{"kty":"new"},{"kty":"EC","crv":"P-256","x":"!"},{"no":1},3,{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"},{{good}}],"more":[]}""";
        Assert.True(JwkSet.TryParse(Encoding.UTF8.GetBytes(json), out var set));
        Assert.Equal(["good"], VerificationKeys.From(set).Keys.Select(key => key.Kid));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"keys":{}}""")]
    [InlineData("""{"keys":[],"keys":[]}""")]
    [InlineData("<html>")]
    public void What_is_no_set_is_refused(string json) => Assert.False(JwkSet.TryParse(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void A_set_of_countless_keys_is_refused() =>
        Assert.False(JwkSet.TryParse(Encoding.UTF8.GetBytes($$"""{"keys":[{{string.Join(',', Enumerable.Repeat("""{"kty":"RSA"}""", 201))}}]}"""), out _));

    [Fact]
    public void Huge_and_degenerate_RSA_keys_are_refused()
    {
        var odd = new byte[1025];
        odd.AsSpan().Fill(0xFF);
        Assert.Null(JoseKey.FromJwk(new Jwk { Kty = "RSA", N = odd, E = [1, 0, 1] }));
        Assert.Null(JoseKey.FromJwk(TestKeys.Rsa().ToJwk() with { E = [1] }));
        Assert.Null(JoseKey.FromJwk(TestKeys.Rsa().ToJwk() with { E = [2] }));
        Assert.Null(JoseKey.FromJwk(TestKeys.Rsa().ToJwk() with { D = [1] }));
    }

    [Fact]
    public void A_set_is_written_with_all_of_its_keys()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            new JwkSet([TestKeys.Rsa().ToJwk(true) with { Kid = "a" }, TestKeys.For(SignatureAlgorithm.ES256).ToJwk(true) with { Kid = "b" }]).WriteTo(json);
        }

        Assert.True(JwkSet.TryParse(buffer.WrittenMemory.ToArray(), out var set));
        Assert.Equal(["a", "b"], set.Keys.Select(key => key.Kid));
        Assert.DoesNotContain(set.Keys, key => key.HasPrivate);
    }
}
