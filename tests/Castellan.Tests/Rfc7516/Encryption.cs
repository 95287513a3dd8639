using System.Text;
using Castellan.Protocol.Jose;
using Castellan.Tests.Rfc7515;
using Xunit;

namespace Castellan.Tests.Rfc7516;

public sealed class Encryption
{
    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var algorithm in KeyEncryption.All)
            {
                foreach (var encryption in ContentEncryption.All)
                {
                    pairs.Add(algorithm.Name, encryption.Name);
                }
            }

            return pairs;
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public void What_is_encrypted_for_a_key_that_key_decrypts(string alg, string enc)
    {
        var (algorithm, encryption) = (KeyEncryption.Find(alg)!, ContentEncryption.Find(enc)!);
        foreach (var key in KeysFor(algorithm, encryption))
        {
            var token = Jwe.Encrypt("eyJ.a.b"u8, key, algorithm, encryption, "k1", "JWT");
            Assert.Equal(JoseFault.None, Jwe.TryParse(token, out var jwe));
            Assert.Equal(("JWT", "k1"), (jwe!.Header.Cty, jwe.Header.Kid));
            Assert.Equal(JoseFault.None, jwe.Decrypt(key, out var text));
            Assert.Equal("eyJ.a.b", Encoding.UTF8.GetString(text));
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public void Every_prefix_and_every_changed_character_is_refused(string alg, string enc)
    {
        var (algorithm, encryption) = (KeyEncryption.Find(alg)!, ContentEncryption.Find(enc)!);
        var key = KeysFor(algorithm, encryption)[0];
        var token = Jwe.Encrypt("{}"u8, key, algorithm, encryption, null);
        var step = algorithm.IsSymmetric ? 1 : 29;
        for (var i = 0; i < token.Length; i += i > token.Length - 4 ? 1 : step)
        {
            Assert.NotEqual(JoseFault.None, Open(token[..i], key));
            foreach (var other in "Aw.=")
            {
                if (token[i] != other)
                {
                    Assert.NotEqual(JoseFault.None, Open(string.Concat(token.AsSpan(0, i), [other], token.AsSpan(i + 1)), key));
                }
            }
        }
    }

    internal static JoseKey[] KeysFor(KeyEncryption algorithm, ContentEncryption encryption) => algorithm.Name switch
    {
        "dir" => [new OctKey(new byte[encryption.KeyLength])],
        "A128KW" => [new OctKey(new byte[16])],
        "A192KW" => [new OctKey(new byte[24])],
        "A256KW" => [new OctKey(new byte[32])],
        _ when algorithm.Name.StartsWith("RSA", StringComparison.Ordinal) => [TestKeys.Rsa()],
        _ => [TestKeys.For(SignatureAlgorithm.ES256), TestKeys.For(SignatureAlgorithm.ES384), TestKeys.For(SignatureAlgorithm.ES512)],
    };

    internal static JoseFault Open(string token, JoseKey key) =>
        Jwe.TryParse(token, out var jwe) is var fault and not JoseFault.None ? fault : jwe!.Decrypt(key, out _);
}
