using System.Text;
using Castellan.Protocol.Jose;
using Xunit;

namespace Castellan.Tests.Rfc7515;

/// <summary>What strangers send instead of tokens.</summary>
public sealed class Refusals
{
    private static readonly VerificationKeys s_keys = Published(SignatureAlgorithm.RS256);

    /// <summary>CVE-2026-11800, CVE-2022-23539 to 23541: every key against every algorithm that is not its own.</summary>
    public static TheoryData<string, string> Confusions
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var bound in SignatureAlgorithm.Asymmetric)
            {
                foreach (var used in SignatureAlgorithm.All.Where(used => used != bound))
                {
                    pairs.Add(bound.Name, used.Name);
                }
            }

            return pairs;
        }
    }

    [Theory, MemberData(nameof(Confusions))]
    public void A_key_verifies_no_algorithm_but_its_own(string boundName, string usedName)
    {
        var (bound, used) = (TestKeys.Algorithm(boundName), TestKeys.Algorithm(usedName));
        var published = TestKeys.For(bound);

        // The attacker's HMAC keys are what everybody can read: the public key in each of its forms.
        JoseKey[] signers = used.IsSymmetric
            ? [new OctKey(published.SubjectPublicKeyInfo()), new OctKey(Encoding.ASCII.GetBytes(Pem(published))), new OctKey(Encoding.ASCII.GetBytes(Pem(published) + "\n")),
               new OctKey(Encoding.UTF8.GetBytes(published.ToJwk().ToJson()))]
            : [published.Fits(used) ? published : TestKeys.For(used)];
        foreach (var signer in signers)
        {
            var token = JwsWriter.Sign(new SigningKey(signer, used, "k1"), "{}"u8);
            Assert.Equal(JoseFault.None, Jws.TryParse(token, out var jws));
            Assert.Equal(JoseFault.AlgorithmMismatch, Published(bound).Verify(jws!));
        }

        static string Pem(JoseKey key) => System.Security.Cryptography.PemEncoding.WriteString("PUBLIC KEY", key.SubjectPublicKeyInfo());
    }

    [Fact]
    public void A_key_without_alg_verifies_its_kind_and_never_HMAC()
    {
        var jwk = TestKeys.Rsa().ToJwk() with { Kid = "k1" };
        var key = VerificationKey.From(jwk)!;
        Assert.Equal(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"], key.Algorithms.Select(algorithm => algorithm.Name));
        Assert.Equal(["ES384"], VerificationKey.From(TestKeys.For(SignatureAlgorithm.ES384).ToJwk())!.Algorithms.Select(algorithm => algorithm.Name));
    }

    [Fact]
    public void Keys_that_are_not_for_signatures_are_left_out()
    {
        var rsa = TestKeys.Rsa().ToJwk();
        Assert.Null(VerificationKey.From(rsa with { Use = "enc" }));
        Assert.Null(VerificationKey.From(rsa with { Alg = "RSA-OAEP" }));
        Assert.Null(VerificationKey.From(rsa with { Alg = "ES256" }));
        Assert.Null(VerificationKey.From(rsa with { Alg = "none" }));
        Assert.Null(VerificationKey.From(rsa with { KeyOps = ["wrapKey"] }));
        Assert.Null(VerificationKey.From(new Jwk { Kty = "oct", K = new byte[64], Alg = "HS256" }));
        Assert.Null(VerificationKey.From(TestKeys.Of("RSA1024", () => RsaKey.Generate(1024)).ToJwk()));
    }

    public static TheoryData<string> BadHeaders =>
    [
        """{"alg":"RS256","alg":"none"}""",
        """{"alg":"RS256","\u0061lg":"RS256"}""",
        """{"alg":"RS256","x":1,"y":2,"z":3,"w":4,"z":5}""",
        """{"alg":"RS256","crit":["exp"]}""",
        """{"alg":"RS256","crit":[]}""",
        """{"alg":"RS256","crit":"exp"}""",
        """{"alg":"RS256","crit":["b64"],"b64":false}""",
        """{"alg":"none"}""",
        """{"alg":"None"}""",
        """{"alg":"nOnE"}""",
        """{"alg":"rs256"}""",
        """{"alg":" RS256"}""",
        """{"alg":["RS256"]}""",
        """{"alg":null}""",
        """{"alg":""}""",
        """{"typ":"JWT"}""",
        """{}""",
        """[]""",
        """null""",
        "",
        """{"alg":"RS256"}x""",
        """{"alg":"RS256"} {}""",
        """{"alg":"RS256",}""",
        """{"alg":"RS256","typ":1}""",
        """{"alg":"RS256","kid":{}}""",
        """{"alg":"RS256","kid":"\ud800"}""",
        """{"alg":"RS256","jwk":{"a":1,"a":2}}""",
        """{"alg":"RS256","a":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}""",
    ];

    [Theory, MemberData(nameof(BadHeaders))]
    public void A_bad_header_is_refused_whatever_the_signature(string header)
    {
        var input = $"{Encode(header)}.{Encode("{}")}";
        var key = new SigningKey(TestKeys.Rsa(), SignatureAlgorithm.RS256, "k1");
        var signature = new byte[key.SignatureLength];
        key.Sign(Encoding.ASCII.GetBytes(input), signature);
        foreach (var end in (string[])["", StrictBase64Url.Encode(signature)])
        {
            Assert.NotEqual(JoseFault.None, Jws.TryParse($"{input}.{end}", out var jws));
            Assert.Null(jws);
        }
    }

    [Fact]
    public void A_header_that_is_not_UTF_8_is_refused() =>
        Assert.Equal(JoseFault.Malformed, Jws.TryParse($"{StrictBase64Url.Encode([.. "{\"alg\":\"RS256\",\"kid\":\""u8, 0xC0, 0x80, .. "\"}"u8])}.e30.AA", out _));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("...")]
    [InlineData("a.b")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.AA.AA")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.AA.AA.AA")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30=.AA")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.A")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.AB")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e31.AA")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9. e30.AA")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.AA\n")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.A+")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.ÀÀ")]
    public void What_is_not_a_token_is_malformed(string text) => Assert.Equal(JoseFault.Malformed, Jws.TryParse(text, out _));

    [Theory, InlineData('.'), InlineData('A'), InlineData('{')]
    public void A_long_text_is_refused_without_memory(char filler)
    {
        var text = new string(filler, 1024 * 1024);
        Jws.TryParse(text, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(JoseFault.TooLong, Jws.TryParse(text, out _));
        Assert.Equal(JoseFault.TooLong, Jwe.TryParse(text, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8192);
    }

    [Fact]
    public void Dots_within_the_limit_cost_no_more_than_the_text()
    {
        var text = new string('.', Jws.DefaultMaxLength);
        Jws.TryParse(text, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(JoseFault.Malformed, Jws.TryParse(text, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, text.Length + 1024);
    }

    [Fact]
    public void Random_texts_never_throw()
    {
        var random = new Random(20260401);
        var seed = JwsWriter.Sign(new SigningKey(TestKeys.Rsa(), SignatureAlgorithm.RS256, "k1"), """{"iss":"a","aud":["b","c"],"exp":1}"""u8);
        const string Alphabet = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0._-AZaz09 \0\u007f\uFFFF{}[]\"";
        for (var i = 0; i < 20_000; i++)
        {
            var text = seed[..random.Next(seed.Length)].ToCharArray().ToList();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                text.Insert(random.Next(text.Count + 1), Alphabet[random.Next(Alphabet.Length)]);
            }

            var token = new string([.. text]);
            if (Jws.TryParse(token, out var jws) == JoseFault.None)
            {
                Assert.NotEqual(JoseFault.None, s_keys.Verify(jws!));
                jws!.Claims()?.Dispose();
            }

            Jwe.TryParse(token, out _);
        }
    }

    [Fact]
    public void Random_headers_and_payloads_never_throw()
    {
        var random = new Random(7);
        var json = """{"alg":"RS256","typ":"JWT","kid":"k\u0031","jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},"crit":null,"epk":[1,2.5e3,true]}"""u8.ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var changed = json.ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            JoseHeader.TryParse(changed, out _);
            _ = Jwk.TryParse(changed, out _);
            _ = JwkSet.TryParse(changed, out _);
            using var claims = JwtClaims.TryParse(changed);
            claims?.Text("kid");
            claims?.HasAudience("x");
            claims?.Texts("jwk");
            claims?.Seconds("epk");
        }
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":{"b":1,"b":2}}""")]
    [InlineData("""[]""")]
    [InlineData(""" "x" """)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"\udc00":1}""")]
    public void Claims_that_cannot_be_trusted_to_mean_one_thing_are_refused(string json) =>
        Assert.Null(JwtClaims.TryParse(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("1300819380", 1300819380L)]
    [InlineData("1300819380.9", 1300819380L)]
    [InlineData("1.3e9", 1300000000L)]
    [InlineData("1e400", null)]
    [InlineData("9223372036854775808", null)]
    [InlineData("\"1300819380\"", null)]
    [InlineData("null", null)]
    public void A_date_is_a_number_of_seconds(string value, long? seconds)
    {
        using var claims = JwtClaims.TryParse(Encoding.UTF8.GetBytes($"{{\"exp\":{value}}}"));
        Assert.Equal(seconds, claims!.Seconds("exp"));
    }

    [Fact]
    public void A_token_without_kid_is_tried_with_each_key_that_fits()
    {
        var keys = new VerificationKeys(
            new[] { SignatureAlgorithm.ES256, SignatureAlgorithm.RS256, SignatureAlgorithm.PS256 }
                .Select(algorithm => new VerificationKey(TestKeys.For(algorithm), algorithm.Name, [algorithm])));
        Jws.TryParse(JwsWriter.Sign(new SigningKey(TestKeys.Rsa(), SignatureAlgorithm.RS256, null), "{}"u8), out var unnamed);
        Assert.Equal(JoseFault.None, keys.Verify(unnamed!));
        Jws.TryParse(JwsWriter.Sign(new SigningKey(TestKeys.Rsa(), SignatureAlgorithm.RS256, "other"), "{}"u8), out var other);
        Assert.Equal(JoseFault.UnknownKey, keys.Verify(other!));
        Jws.TryParse(JwsWriter.Sign(new SigningKey(TestKeys.Rsa(), SignatureAlgorithm.RS256, "ES256"), "{}"u8), out var misnamed);
        Assert.Equal(JoseFault.AlgorithmMismatch, keys.Verify(misnamed!));
    }

    private static VerificationKeys Published(SignatureAlgorithm algorithm) =>
        new([VerificationKey.From(TestKeys.For(algorithm).ToJwk() with { Kid = "k1", Alg = algorithm.Name })!]);

    private static string Encode(string text) => StrictBase64Url.Encode(Encoding.UTF8.GetBytes(text));
}
