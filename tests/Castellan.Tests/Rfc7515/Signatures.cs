using System.Text;
using Castellan.Protocol.Jose;
using Xunit;

namespace Castellan.Tests.Rfc7515;

public sealed class Signatures
{
    private static readonly byte[] s_payload = """{"iss":"https://issuer.example","sub":"joe","exp":1300819380}"""u8.ToArray();

    public static TheoryData<string> Algorithms => TestKeys.Algorithms;

    [Theory, MemberData(nameof(Algorithms))]
    public void What_a_key_signs_its_other_half_verifies(string name)
    {
        var algorithm = TestKeys.Algorithm(name);
        var key = TestKeys.For(algorithm);
        var token = JwsWriter.Sign(new SigningKey(key, algorithm, "k1"), s_payload);

        Assert.Equal(JoseFault.None, Jws.TryParse(token, out var jws));
        Assert.Equal(s_payload, jws!.Payload.ToArray());
        Assert.Equal((name, "JWT", "k1"), (jws.Header.Alg, jws.Header.Typ, jws.Header.Kid));

        var published = key is OctKey ? key : JoseKey.FromJwk(key.ToJwk())!;
        Assert.Equal(key is OctKey, published.HasPrivate);
        Assert.Equal(JoseFault.None, new VerificationKey(published, "k1", [algorithm]).Verify(jws));
        Assert.Equal(JoseFault.None, new VerificationKeys([new(published, "k1", [algorithm])]).Verify(jws));
    }

    [Theory, MemberData(nameof(Algorithms))]
    public async Task Many_threads_sign_with_one_key(string name)
    {
        var algorithm = TestKeys.Algorithm(name);
        var key = new SigningKey(TestKeys.For(algorithm), algorithm, "k1");
        var keys = new VerificationKeys([key.ToVerificationKey()]);
        var tokens = await Task.WhenAll(Enumerable.Range(0, 64).Select(number => Task.Run(() => (Number: number, Token: JwsWriter.SignAscii(key, [.. s_payload, (byte)number])))));
        foreach (var (number, token) in tokens)
        {
            Assert.Equal(JoseFault.None, Jws.TryParse(token, out var jws));
            Assert.Equal(number, jws!.Payload.Span[^1]);
            Assert.Equal(JoseFault.None, keys.Verify(jws));
        }
    }

    [Theory, InlineData("RS256"), InlineData("ES256"), InlineData("ES512")]
    public void What_is_no_key_is_none_to_OpenSSL_either_and_is_wiped(string name)
    {
        Assert.Null(OpenSslKey.Import([1, 2, 3]));
        var der = TestKeys.For(TestKeys.Algorithm(name)).Pkcs8();
        Assert.Equal(OperatingSystem.IsLinux(), OpenSslKey.Import(der) is not null);
        Assert.All(der, b => Assert.Equal(0, b));
    }

    [Theory, MemberData(nameof(Algorithms))]
    public void Another_key_of_the_same_kind_refuses_it(string name)
    {
        var algorithm = TestKeys.Algorithm(name);
        var token = JwsWriter.Sign(new SigningKey(TestKeys.For(algorithm), algorithm, null), s_payload);
        Assert.Equal(JoseFault.None, Jws.TryParse(token, out var jws));
        Assert.Equal(JoseFault.BadSignature, new VerificationKey(TestKeys.For(algorithm, 1), null, [algorithm]).Verify(jws!));
    }

    [Theory, MemberData(nameof(Algorithms))]
    public void Every_prefix_and_every_changed_character_is_refused(string name)
    {
        var algorithm = TestKeys.Algorithm(name);
        var key = new SigningKey(TestKeys.For(algorithm), algorithm, "k1");
        var keys = new VerificationKeys([key.ToVerificationKey()]);
        var token = JwsWriter.Sign(key, s_payload);
        Assert.Equal(JoseFault.None, Check(keys, token));

        // Every character for the cheap algorithms; for the others a sample that has both ends of each part in it.
        var step = algorithm.IsSymmetric ? 1 : 7;
        for (var i = 0; i < token.Length; i += i > token.Length - 8 ? 1 : step)
        {
            Assert.NotEqual(JoseFault.None, Check(keys, token[..i]));
            Assert.NotEqual(JoseFault.None, Check(keys, token.Remove(i, 1)));
            foreach (var other in "AQgw_.=+ \n\0é")
            {
                if (token[i] != other)
                {
                    Assert.NotEqual(JoseFault.None, Check(keys, string.Concat(token.AsSpan(0, i), [other], token.AsSpan(i + 1))));
                }
            }
        }

        // The last character has bits that belong to no byte: each of its 63 siblings is another token.
        foreach (var last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".Where(c => c != token[^1]))
        {
            Assert.NotEqual(JoseFault.None, Check(keys, token[..^1] + last));
        }
    }

    [Theory, InlineData("Ed25519"), InlineData("Ed448")]
    public void Both_Edwards_curves_sign_as_EdDSA(string curve)
    {
        var key = OkpKey.Generate(curve)!;
        var token = JwsWriter.Sign(new SigningKey(key, SignatureAlgorithm.EdDSA, key.KeyId()), s_payload);
        Jws.TryParse(token, out var jws);
        Assert.Equal(JoseFault.None, new VerificationKey(JoseKey.FromJwk(key.ToJwk())!, null, [SignatureAlgorithm.EdDSA]).Verify(jws!));
    }

    [Fact]
    public void A_buffer_is_used_again_and_starts_empty()
    {
        var algorithm = SignatureAlgorithm.HS512;
        var key = new SigningKey(TestKeys.For(algorithm), algorithm, "k1");
        var tokens = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var buffer = JwtBuffer.Rent();
            buffer.Json.WriteStartObject();
            buffer.Json.WriteString("name", "Zoë");
            buffer.Json.WriteEndObject();
            tokens.Add(buffer.Sign(key, "at+jwt"));
        }

        Assert.Equal(tokens[0], tokens[1]);
        Jws.TryParse(tokens[0], out var jws);
        Assert.Equal("""{"name":"Zoë"}""", Encoding.UTF8.GetString(jws!.Payload.Span));
        Assert.Equal("at+jwt", jws.Header.Typ);
    }

    [Fact]
    public void One_key_object_serves_many_threads()
    {
        foreach (var algorithm in (SignatureAlgorithm[])[SignatureAlgorithm.RS256, SignatureAlgorithm.ES256])
        {
            var key = new SigningKey(TestKeys.For(algorithm), algorithm, "k1");
            var keys = new VerificationKeys([key.ToVerificationKey()]);
            Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => Assert.Equal(JoseFault.None, Check(keys, JwsWriter.Sign(key, s_payload))));
        }
    }

    private static JoseFault Check(VerificationKeys keys, string token) =>
        Jws.TryParse(token, out var jws) is var fault and not JoseFault.None ? fault : keys.Verify(jws!);
}
