using Castellan.Core.Keys;
using Castellan.Core.Representations;

namespace Castellan.Tests.Keys;

public sealed class Keystores : IDisposable
{
    // Made with keytool -genkeypair -keyalg EC: the keys "first" and "second", of certificates CN=first and CN=second, password "changeit".
    private const string Store = """
        MIIGoQIBAzCCBksGCSqGSIb3DQEHAaCCBjwEggY4MIIGNDCCAjsGCSqGSIb3DQEHAaCCAiwEggIoMIICJDCCAQ0GCyqGSIb3DQEMCgECoIG9MIG6MGYGCSqGSIb3DQEFDTBZMDgGCSqGSIb3DQEFDD
        ArBBTovgmdC83V9cy9ZqB7iUrZTRxITwICJxACASAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEPn+NP7itOKCGuatEl10dFsEUHfR9JlGHHXZeH1swJ3uWKO5hCy+RSzFM3aFhqhSBPhhNbwf
        Fqkg9pr1JEq3FXxXP1AvsVTDnC27bXos6mmjmqb85J0Bz9iGb+a99nl222AwMT4wGQYJKoZIhvcNAQkUMQweCgBmAGkAcgBzAHQwIQYJKoZIhvcNAQkVMRQEElRpbWUgMTc5NTY5NTg2NTk2NDCCAQ
        8GCyqGSIb3DQEMCgECoIG9MIG6MGYGCSqGSIb3DQEFDTBZMDgGCSqGSIb3DQEFDDArBBTm4zquvrc1Dl4yneLlKO4/f2CHSgICJxACASAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEFzqppaO
        1/Eo/jCf5luu/NAEUNxvC8kRu8nFigSjEsDbw2GchYWs0UwxtxLTopSuW8vfg8+R68DjIyCGaDp9lrhlgjrl+0TTq41K0Lucgf97eWdMXY6M1L5Vk2nzgXOXvMmCMUAwGwYJKoZIhvcNAQkUMQ4eDA
        BzAGUAYwBvAG4AZDAhBgkqhkiG9w0BCRUxFAQSVGltZSAxNzk1Njk1ODY4MjM1MIID8QYJKoZIhvcNAQcGoIID4jCCA94CAQAwggPXBgkqhkiG9w0BBwEwZgYJKoZIhvcNAQUNMFkwOAYJKoZIhvcN
        AQUMMCsEFAFndvGAHmuG08pl7rafOePkwsYzAgInEAIBIDAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQqSRq08khApg3xwUCTZWsWYCCA2Ca1GAIzEK8sHKNwX/02kyxIqHXQ69SDH6RWu1/Pz
        UvgXioUs6SAZv7ck8Kkr55c//0LF+KcY3RfH0RE2vkYTOJHyUal53ZmPCW3lfeKfwnOUqC8BwqwyG2GR4KCvEJM4mvuoNW/Rb8CPJlzKbmSDQ0/mvDTaBiVQfqvJGnU72LKkrWpL9zavy2jIfV7YyE
        VPZ0cItiig9cRBDIcNNWp6D3JYZ1KBM+19E0SIQYACv41wwovzq6VlMUamSsPqDnWFTBphQKwdmHjp/a1QKBtC48JRJ29/3diibYA7S8aJaPDwopVQIQtyEuIpeyTGqdOyhSugGN6cPz/roxNsHQhl
        fgcG62ksobGvZbHsFJ46dXorETeBD3uyc3043uaCIdGo4ak7GhLNmO4eJuG8KMOr4BPkGPVazP+csyackqYrsw4yi9Zxq5mjBsr2HzeQFUfwNRjNaMDmcimpM+6eTArcPTeh/CQkGhz77AGWZCZgd/
        jrhMUPseT6m46hMGTKB2zFMg4wiQeNpQQ8jOigrW7phura6gPPz2VOm8w8VwmP1AQVe9xhGXkibWHX0YpHZ31FaRVPtaH5UCASM0LGmrNlxoNGGuzeX5A4qiI2ifAt4Seq4jpyaFINqRQcvl6aRL06
        0Jj+Yo92kOzJU7CQ3Hi2R4ggOHAiS5+Ji5ekVkHOHf7bhOvCpXuL16Qse4M+PkDiRfNSfD6hEl+TkmrxAZxq+Q6W+2rf+1YtLA55up0OgM8Jbr39c5jexlr3ClvVnpRXJ8psmAugwbDucqCkU3AagG
        PxrexkpdP3AwuZYSBEx+QPpxpmmOF5m4KlOYmh7ybuWa7PegdjBGyfxJau69uucxQiEXOxdF1uMh3WXYmRQNWSDuVOmRG2iBKrhgaNl9djjWIf66i/ZBkakoxyPF1kXJZGpmkRgg2AFkj/EEG6h6uj
        mv2eoF2XtIMJ8EGOVn0kiXfdyGHaxIs9NkQwq5Nx6biQeieoGwCkSVyhbVDDng8RzxElrQ4CRuanOynm5L7q/TelPSxqCndxFqgcOWhcZjPGWNjv6o0YSc01XOaXmM8h1vidtLTjo8FF/jcpaUl5aF
        3TdAJ4lDLgrPNFLMFtwN44cRmzfJ25k74UXJow/Og+yP38xg2oHKLRbge4mq9hwwTTAxMA0GCWCGSAFlAwQCAQUABCBZd8GabEE+FFqM9SL+XCwikvMO20zH4QXHQaXmxl5PqQQUck175mPAGfHmuy
        3fmlJ3HTf/WA0CAicQ
        """;

    // Made with keytool -storetype JKS: the same names, other keys; each has a password of its own, "of-first-key" and "of-second-key".
    private const string JavaStore = """
        /u3+7QAAAAIAAAACAAAAAQAGc2Vjb25kAAABoiKToEEAAAB/MH0wDgYKKwYBBAEqAhEBAQUABGt1wj872jdvprtDpI/6sV82Kp3LlDFzYtY630cum/UEGVPtRkyiAuNvuTPqL5WajLqyHVYq+MsFTqcJoc
        hUfTcYZhITuUrTcPMPpdwQw5j7hAtmijaqEG6LLIKJBmF090Cz/0jBskd1VleR5gAAAAEABVguNTA5AAABPzCCATswgeKgAwIBAgIJALzbQkEx9ZQzMAoGCCqGSM49BAMCMBExDzANBgNVBAMTBnNlY29u
        ZDAgFw0yNjExMjgxNDMzNDlaGA8yMTI2MTEwNDE0MzM0OVowETEPMA0GA1UEAxMGc2Vjb25kMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfvCdBxeVsEgGcSH29DZiPicd03PEV2pfAYQmJA6ZDa4jEP
        tiPvG+WNOj1/EFdpUVY7lGwcjoS6115nf1WFYrJKMhMB8wHQYDVR0OBBYEFMcGQpgJyuvQYW232psqdugw5W5jMAoGCCqGSM49BAMCA0gAMEUCICZbFwXfZv2/bP4+h0V3ZCmdbKWHOej3rzu5/5sg4Do8
        AiEA2SzkwWmYtWJw0rfNF4hLMnftBG82EnXrR8TX4KwB/ycAAAABAAVmaXJzdAAAAaIik5vpAAAAfzB9MA4GCisGAQQBKgIRAQEFAARrDEAHXAEvS4g5g6R88KRwwJF7vBjy/sq9yvbx/VRhk1bAPWdoT1
        P2jgfpvcj0EVfnBtDWtt25k7dmbsi6yMByXmiDrDY1usTcQasKUyCQoA7zhnjj0QHGOl/kD71MEcglrOnCrVHIyEZaZFYAAAABAAVYLjUwOQAAATswggE3MIHfoAMCAQICCGxNac9lQSFNMAoGCCqGSM49
        BAMCMBAxDjAMBgNVBAMTBWZpcnN0MCAXDTI2MTEyODE0MzM0OFoYDzIxMjYxMTA0MTQzMzQ4WjAQMQ4wDAYDVQQDEwVmaXJzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABM2k/W3oKC8B/OkrxBHV37
        z90xLDhDiTy7qjLoSo1CwV+r/3wdrEm0pcnRoyurdCKMBGhZJnf48NE9fa6VWQIlqjITAfMB0GA1UdDgQWBBTITLdbLyVNz4LkNQ3NGP5gve+L/TAKBggqhkjOPQQDAgNHADBEAiBqnuuKQj5zhbW7Hsqu
        NVIzcnZi7kdOqFNUyYt9id5cHwIgEYBj25snbK01d03kGz7GgKqNTwAH2+xPJeMcOTAykvfBwdu/W0Wq0ei2XSnyrKlbuNiU/A==
        """;

    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".p12");

    public Keystores() => File.WriteAllBytes(_file, Convert.FromBase64String(Store));

    public void Dispose() => File.Delete(_file);

    private ComponentRepresentation Component(string alias, string password = "changeit") => new()
    {
        Id = "c", Name = "store", ProviderId = "java-keystore", ProviderType = KeyProviders.ProviderType,
        Config = new() { ["keystore"] = [_file], ["keystorePassword"] = [password], ["keyAlias"] = [alias], ["priority"] = ["100"] },
    };

    [Theory]
    [InlineData("first")]
    [InlineData("second")]
    [InlineData("SECOND")]
    public void The_alias_says_which_key_signs(string alias)
    {
        var component = Component(alias);
        Assert.Null(KeyProviders.Prepare(component, "r", DateTimeOffset.UnixEpoch));
        var key = KeyProviders.Find("java-keystore")!.Read(component)!;
        using var certificate = key.Certificate!;
        Assert.Equal("CN=" + alias.ToLowerInvariant(), certificate.Subject);
        Assert.Equal("ES256", key.Algorithm);
    }

    [Theory]
    [InlineData("ES256", null)]
    [InlineData("ECDH-ES", null)]
    [InlineData("ES384", "Failed to load keys. The key 'first' is not for ES384: it is an EC key on P-256.")]
    [InlineData("RS256", "Failed to load keys. The key 'first' is not for RS256: it is an EC key on P-256.")]
    [InlineData("RSA-OAEP", "Failed to load keys. The key 'first' is not for RSA-OAEP: it is an EC key on P-256.")]
    [InlineData("nonsense", "Failed to load keys. The key 'first' is not for nonsense: it is an EC key on P-256.")]
    public void A_key_signs_only_with_an_algorithm_that_it_is_for(string algorithm, string? refusal)
    {
        var component = Component("first");
        component.Config!["algorithm"] = [algorithm];
        Assert.Equal(refusal, KeyProviders.Prepare(component, "r", DateTimeOffset.UnixEpoch));
        Assert.Equal(refusal is null, KeyProviders.Find("java-keystore")!.Read(component) is not null);
    }

    [Theory]
    [InlineData("first", "of-first-key", "changeit", null)]
    [InlineData("SECOND", "of-second-key", "changeit", null)]
    [InlineData("second", "of-first-key", "changeit", "Failed to load keys. The key 'second' cannot be opened with the password, or cannot sign.")]
    [InlineData("third", "of-first-key", "changeit", "Failed to load keys. The keystore holds no private key of the alias 'third'.")]
    [InlineData("first", "of-first-key", "wrong", "Failed to load keys. The keystore cannot be opened: wrong password, or neither PKCS12 nor JKS.")]
    public void A_store_of_Java_s_own_form_is_read(string alias, string keyPassword, string password, string? refusal)
    {
        File.WriteAllBytes(_file, Convert.FromBase64String(JavaStore));
        var component = Component(alias, password);
        component.Config!["keyPassword"] = [keyPassword];
        Assert.Equal(refusal, KeyProviders.Prepare(component, "r", DateTimeOffset.UnixEpoch));
        using var certificate = KeyProviders.Find("java-keystore")!.Read(component)?.Certificate;
        Assert.Equal(refusal is null ? "CN=" + alias.ToLowerInvariant() : null, certificate?.Subject);
    }

    [Theory]
    [InlineData(JavaStore, "of-first-key")]
    [InlineData(Store, null)]
    public void A_store_that_is_broken_anywhere_is_read_or_refused(string store, string? keyPassword)
    {
        var whole = Convert.FromBase64String(store);
        for (var at = 0; at < whole.Length; at += 9)
        {
            var broken = whole.ToArray();
            broken[at] ^= 0x55;
            try
            {
                KeyStoreFile.Find(broken, "first", "changeit", keyPassword);
            }
            catch (System.Security.Cryptography.CryptographicException)
            {
                // The one way in which it is refused.
            }
        }
    }

    [Fact]
    public void A_store_whose_password_costs_too_much_is_refused()
    {
        // RFC 7292 §4: the seal ends the file, and the number of rounds ends the seal. Two bytes more for the number, and in the lengths of what holds it.
        byte[] dear = [.. Convert.FromBase64String(Store)[..^4], 0x02, 0x04, 0x7F, 0xFF, 0xFF, 0xFF];
        dear[3] += 2;
        dear[^80] += 2;
        Assert.Throws<System.Security.Cryptography.X509Certificates.Pkcs12LoadLimitExceededException>(() => KeyStoreFile.Find(dear, "first", "changeit", null));
    }

    [Fact]
    public void A_form_that_nobody_reads_is_named()
    {
        File.WriteAllBytes(_file, [0xCE, 0xCE, 0xCE, 0xCE, 0, 0, 0, 2]);
        Assert.Equal(
            "Failed to load keys. Keystores of type JCEKS cannot be read; convert it to PKCS12 (keytool -importkeystore -deststoretype pkcs12).",
            KeyProviders.Prepare(Component("first"), "r", DateTimeOffset.UnixEpoch));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_store_that_is_written_is_read_again(bool jks)
    {
        var first = KeyStoreFile.Find(Convert.FromBase64String(JavaStore), "first", "changeit", "of-first-key")!;
        List<(string, StoredKey)> entries = [("one", first), ("two", first with { Pkcs8 = null, IsKey = false })];
        var written = jks ? KeyStoreFile.WriteJks(entries, "store-password", "key-password") : KeyStoreFile.WritePkcs12(entries, "store-password");
        Assert.Equal(jks, KeyStoreFile.IsJks(written));
        var (one, two) = (KeyStoreFile.Find(written, "ONE", "store-password", jks ? "key-password" : null)!, KeyStoreFile.Find(written, "two", "store-password", null)!);
        Assert.Equal((Hex(first.Certificate), Hex(first.Pkcs8!), true), (Hex(one.Certificate), Hex(one.Pkcs8!), one.IsKey));
        Assert.Equal((Hex(first.Certificate), null, false), (Hex(two.Certificate), two.Pkcs8, two.IsKey));
        Assert.Null(KeyStoreFile.Find(written, "one", "store-password", "another")!.Pkcs8);
        Assert.Null(KeyStoreFile.Find(written, "three", "store-password", null));
        Assert.Throws<System.Security.Cryptography.CryptographicException>(() => KeyStoreFile.Find(written, "one", "another", null));
        Assert.Throws<System.Security.Cryptography.CryptographicException>(() => KeyStoreFile.Find(written[..40], "one", "store-password", null));

        static string Hex(byte[] bytes) => Convert.ToHexString(bytes);
    }

    [Theory]
    [InlineData("third", "changeit", "Failed to load keys. The keystore holds no private key of the alias 'third'.")]
    [InlineData("first", "wrong", "Failed to load keys. The key 'first' cannot be opened with the password, or cannot sign.")]
    public void What_cannot_be_loaded_is_refused(string alias, string password, string refusal) =>
        Assert.Equal(refusal, KeyProviders.Prepare(Component(alias, password), "r", DateTimeOffset.UnixEpoch));
}
