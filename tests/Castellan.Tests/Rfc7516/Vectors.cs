using System.Text;
using Castellan.Protocol.Jose;
using Castellan.Tests.Rfc7515;
using Xunit;

namespace Castellan.Tests.Rfc7516;

/// <summary>The examples of RFC 7516, appendix A, and RFC 7518, appendix C; and what must not be opened.</summary>
public sealed class Vectors
{
    private const string A1Key = """
        {"kty":"RSA","e":"AQAB",
        "n":"oahUIoWw0K0usKNuOR6H4wkf4oBUXHTxRvgb48E-BVvxkeDNjbC4he8rUWcJoZmds2h7M70imEVhRU5djINXtqllXI4DFqcI1DgjT9LewND8MW2Krf3Spsk_ZkoFnilakGygTwpZ3uesH-PFABNIUYpOiN15dsQRkgr0vEhxN92i2asbOenSZeyaxziK72UwxrrKoExv6kc5twXTq4h-QChLOln0_mtUZwfsRaMStPs6mS6XrgxnxbWhojf663tuEQueGC-FCMfra36C9knDFGzKsNa7LZK2djYgyD3JR_MB_4NUJW_TqOQtwHYbxevoJArm-L5StowjzGy-_bq6Gw",
        "d":"kLdtIj6GbDks_ApCSTYQtelcNttlKiOyPzMrXHeI-yk1F7-kpDxY4-WY5NWV5KntaEeXS1j82E375xxhWMHXyvjYecPT9fpwR_M9gV8n9Hrh2anTpTD93Dt62ypW3yDsJzBnTnrYu1iwWRgBKrEYY46qAZIrA2xAwnm2X7uGR1hghkqDp0Vqj3kbSCz1XyfCs6_LehBwtxHIyh8Ripy40p24moOAbgxVw3rxT_vlt3UVe4WO3JkJOzlpUf-KTVI2Ptgm-dARxTEtE-id-4OJr0h-K-VFs3VSndVTIznSxfyrj8ILL6MG_Uv8YAu7VILSB3lOW085-4qE3DzgrTjgyQ",
        "p":"1r52Xk46c-LsfB5P442p7atdPUrxQSy4mti_tZI3Mgf2EuFVbUoDBvaRQ-SWxkbkmoEzL7JXroSBjSrK3YIQgYdMgyAEPTPjXv_hI2_1eTSPVZfzL0lffNn03IXqWF5MDFuoUYE0hzb2vhrlN_rKrbfDIwUbTrjjgieRbwC6Cl0",
        "q":"wLb35x7hmQWZsWJmB_vle87ihgZ19S8lBEROLIsZG4ayZVe9Hi9gDVCOBmUDdaDYVTSNx_8Fyw1YYa9XGrGnDew00J28cRUoeBB_jKI1oma0Orv1T9aXIWxKwd4gvxFImOWr3QRL9KEBRzk2RatUBnmDZJTIAfwTs0g68UZHvtc",
        "dp":"ZK-YwE7diUh0qR1tR7w8WHtolDx3MZ_OTowiFvgfeQ3SiresXjm9gZ5KLhMXvo-uz-KUJWDxS5pFQ_M0evdo1dKiRTjVw_x4NyqyXPM5nULPkcpU827rnpZzAJKpdhWAgqrXGKAECQH0Xt4taznjnd_zVpAmZZq60WPMBMfKcuE",
        "dq":"Dq0gfgJ1DdFGXiLvQEZnuKEN0UUmsJBxkjydc3j4ZYdBiMRAy86x0vHCjywcMlYYg4yoC4YZa9hNVcsjqA3FeiL19rk8g6Qn29Tt0cj8qqyFpz9vNDBUfCAiJVeESOjJDZPYHdHY8v1b-o-Z2X5tvLx-TCekf7oxyeKDUqKWjis",
        "qi":"VIMpMYbPf47dT1w_zDUXfPimsSegnMOA1zTaX7aGk_8urY6R8-ZW1FxU7AlWAyLWybqq6t16VFd7hQd0y6flUK4SlOydB61gwanOsXGOAOv82cHq0E3eL4HrtZkUuKvnPrMnsUUFlfUdybVzxyjz9JF_XyaY14ardLSjf4L_FNY"}
        """;

    private const string A2Key = """
        {"kty":"RSA","e":"AQAB",
        "n":"sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1WlUzewbgBHod5pcM9H95GQRV3JDXboIRROSBigeC5yjU1hGzHHyXss8UDprecbAYxknTcQkhslANGRUZmdTOQ5qTRsLAt6BTYuyvVRdhS8exSZEy_c4gs_7svlJJQ4H9_NxsiIoLwAEk7-Q3UXERGYw_75IDrGA84-lA_-Ct4eTlXHBIY2EaV7t7LjJaynVJCpkv4LKjTTAumiGUIuQhrNhZLuF_RJLqHpM2kgWFLU7-VTdL1VbC2tejvcI2BlMkEpk1BzBZI0KQB0GaDWFLN-aEAw3vRw",
        "d":"VFCWOqXr8nvZNyaaJLXdnNPXZKRaWCjkU5Q2egQQpTBMwhprMzWzpR8Sxq1OPThh_J6MUD8Z35wky9b8eEO0pwNS8xlh1lOFRRBoNqDIKVOku0aZb-rynq8cxjDTLZQ6Fz7jSjR1Klop-YKaUHc9GsEofQqYruPhzSA-QgajZGPbE_0ZaVDJHfyd7UUBUKunFMScbflYAAOYJqVIVwaYR5zWEEceUjNnTNo_CVSj-VvXLO5VZfCUAVLgW4dpf1SrtZjSt34YLsRarSb127reG_DUwg9Ch-KyvjT1SkHgUWRVGcyly7uvVGRSDwsXypdrNinPA4jlhoNdizK2zF2CWQ",
        "p":"9gY2w6I6S6L0juEKsbeDAwpd9WMfgqFoeA9vEyEUuk4kLwBKcoe1x4HG68ik918hdDSE9vDQSccA3xXHOAFOPJ8R9EeIAbTi1VwBYnbTp87X-xcPWlEPkrdoUKW60tgs1aNd_Nnc9LEVVPMS390zbFxt8TN_biaBgelNgbC95sM",
        "q":"uKlCKvKv_ZJMVcdIs5vVSU_6cPtYI1ljWytExV_skstvRSNi9r66jdd9-yBhVfuG4shsp2j7rGnIio901RBeHo6TPKWVVykPu1iYhQXw1jIABfw-MVsN-3bQ76WLdt2SDxsHs7q7zPyUyHXmps7ycZ5c72wGkUwNOjYelmkiNS0",
        "dp":"w0kZbV63cVRvVX6yk3C8cMxo2qCM4Y8nsq1lmMSYhG4EcL6FWbX5h9yuvngs4iLEFk6eALoUS4vIWEwcL4txw9LsWH_zKI-hwoReoP77cOdSL4AVcraHawlkpyd2TWjE5evgbhWtOxnZee3cXJBkAi64Ik6jZxbvk-RR3pEhnCs",
        "dq":"o_8V14SezckO6CNLKs_btPdFiO9_kC1DsuUTd2LAfIIVeMZ7jn1Gus_Ff7B7IVx3p5KuBGOVF8L-qifLb6nQnLysgHDh132NDioZkhH7mI7hPG-PYE_odApKdnqECHWw0J-F0JWnUd6D2B_1TvF9mXA2Qx-iGYn8OVV1Bsmp6qU",
        "qi":"eNho5yRBEBxhGBtQRww9QirZsB66TrfFReG_CcteI1aCneT0ELGhYlRlCtUkTRclIfuEPmNsNDPbLoLqqCVznFbvdB7x-Tl-m0l_eFTj2KiqwGqE9PZB9nNTwMVvH3VRRSLWACvPnSiwP8N5Usy-WRXS-V7TbpxIhvepTfE0NNo"}
        """;

    public static TheoryData<string, string, string> Examples => new()
    {
        {
            A1Key,
            "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGeipsEdY3mx_etLbbWSrFr05kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDbSv04uVuxIp5Zms1gNxKKK2Da14B8S4rzVRltdYwam_lDp5XnZAYpQdb76FdIKLaVmqgfwX7XWRxv2322i-vDxRfqNzo_tETKzpVLzfiwQyeyPGLBIO56YJ7eObdv0je81860ppamavo35UgoRdbYaBcoh9QcfylQr66oc6vFWXRcZ_ZT2LawVCWTIy3brGPi6UklfCpIMfIjf7iGdXKHzg.48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A.XFBoMYUZodetZdvTiFvSkQ",
            "The true sign of intelligence is not knowledge but imagination."
        },
        {
            A2Key,
            "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.UGhIOguC7IuEvf_NPVaXsGMoLOmwvc1GyqlIKOK1nN94nHPoltGRhWhw7Zx0-kFm1NJn8LE9XShH59_i8J0PH5ZZyNfGy2xGdULU7sHNF6Gp2vPLgNZ__deLKxGHZ7PcHALUzoOegEI-8E66jX2E4zyJKx-YxzZIItRzC5hlRirb6Y5Cl_p-ko3YvkkysZIFNPccxRU7qve1WYPxqbb2Yw8kZqa2rMWI5ng8OtvzlV7elprCbuPhcCdZ6XDP0_F8rkXds2vE4X-ncOIM8hAYHHi29NX0mcKiRaD0-D-ljQTP-cFPgwCp6X-nZZd9OHBv-B3oWh2TbqmScqXMR4gp_A.AxY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.9hH0vgRfYgPnAHOd8stkvw",
            "Live long and prosper."
        },
        {
            """{"kty":"oct","k":"GawgguFyGrWKav7AX4VKUg"}""",
            "eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ.AxY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFICbCVQ",
            "Live long and prosper."
        },
    };

    [Theory, MemberData(nameof(Examples))]
    public void The_examples_decrypt(string jwk, string token, string text)
    {
        Assert.True(Jwk.TryParse(Encoding.UTF8.GetBytes(jwk), out var parsed));
        Assert.Equal(JoseFault.None, Jwe.TryParse(token, out var jwe));
        Assert.Equal(JoseFault.None, jwe!.Decrypt(JoseKey.FromJwk(parsed)!, out var plaintext));
        Assert.Equal(text, Encoding.UTF8.GetString(plaintext));
    }

    [Fact]
    public void Alice_and_Bob_of_RFC_7518_appendix_C_agree()
    {
        var alice = Key("""{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps","d":"0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"}""");
        var bob = Key("""{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}""");
        foreach (var secret in new[] { alice.Agree(bob)!, bob.Agree(alice)! })
        {
            var derived = KeyEncryption.EcdhEs.Derive(secret, ContentEncryption.A128Gcm, "Alice"u8.ToArray(), "Bob"u8.ToArray());
            Assert.Equal("VqqN6vgjbSBcIijNcacQGg", StrictBase64Url.Encode(derived));
        }

        static EcKey Key(string json) => Jwk.TryParse(Encoding.UTF8.GetBytes(json), out var jwk) ? (EcKey)JoseKey.FromJwk(jwk)! : throw new InvalidOperationException();
    }

    [Fact]
    public void A_key_wraps_as_in_RFC_3394_4_1()
    {
        var wrapped = AesKeyWrap.Wrap(Convert.FromHexString("000102030405060708090A0B0C0D0E0F"), Convert.FromHexString("00112233445566778899AABBCCDDEEFF"));
        Assert.Equal("1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5", Convert.ToHexString(wrapped));
    }

    [Theory]
    [InlineData("""{"alg":"dir","enc":"A128GCM","zip":"DEF"}""")]
    [InlineData("""{"alg":"dir","enc":"A128GCM","crit":["x"]}""")]
    [InlineData("""{"alg":"dir"}""")]
    [InlineData("""{"enc":"A128GCM"}""")]
    public void Compression_and_unknown_demands_are_refused(string header) =>
        Assert.NotEqual(JoseFault.None, Jwe.TryParse($"{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(header))}..AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA", out _));

    [Theory]
    [InlineData("PBES2-HS256+A128KW")]
    [InlineData("A128GCMKW")]
    [InlineData("none")]
    [InlineData("RSA-OAEP-512")]
    public void Key_encryption_that_we_do_not_have_is_refused(string alg)
    {
        var header = $$"""{"alg":"{{alg}}","enc":"A128GCM","p2c":2147483647,"p2s":"AAAA"}""";
        var token = $"{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(header))}.AAAA.AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA";
        Assert.Equal(JoseFault.None, Jwe.TryParse(token, out var jwe));
        Assert.Equal(JoseFault.UnknownAlgorithm, jwe!.Decrypt(TestKeys.Rsa(), out _));
        Assert.Equal(JoseFault.UnknownAlgorithm, jwe.Decrypt(new OctKey(new byte[16]), out _));
    }

    [Fact]
    public void A_point_off_the_curve_is_no_key()
    {
        var sound = (EcKey)TestKeys.For(SignatureAlgorithm.ES256);
        var y = sound.Y.ToArray();
        y[^1] ^= 1;
        Assert.Null(JoseKey.FromJwk(new Jwk { Kty = "EC", Crv = "P-256", X = sound.X.ToArray(), Y = y }));
        Assert.Null(JoseKey.FromJwk(new Jwk { Kty = "EC", Crv = "P-256", X = new byte[32], Y = new byte[32] }));
        Assert.Null(JoseKey.FromJwk(new Jwk { Kty = "EC", Crv = "P-256", X = sound.X.ToArray()[1..], Y = sound.Y.ToArray() }));
        Assert.Null(JoseKey.FromJwk(new Jwk { Kty = "OKP", Crv = "Ed25519", X = new byte[32] }));
    }

    [Fact]
    public void Another_key_does_not_decrypt()
    {
        foreach (var algorithm in KeyEncryption.All.Where(algorithm => !algorithm.IsSymmetric))
        {
            var key = Encryption.KeysFor(algorithm, ContentEncryption.A128Gcm)[0];
            var other = key is RsaKey ? (JoseKey)TestKeys.Rsa(1) : TestKeys.For(SignatureAlgorithm.ES256, 1);
            Assert.Equal(JoseFault.BadEncryption, Encryption.Open(Jwe.Encrypt("{}"u8, key, algorithm, ContentEncryption.A128Gcm, null), other));
        }
    }
}
