using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Castellan.Protocol.Jose;
using Castellan.Tests.Rfc7515;
using Xunit;

namespace Castellan.Tests.Rfc7518;

public sealed class KeyFilesTests
{
    public static TheoryData<string> Kinds => ["RSA", "P-256", "P-384", "P-521", "Ed25519", "Ed448"];

    [Theory, MemberData(nameof(Kinds))]
    public void A_private_key_is_read_in_each_of_its_forms(string kind)
    {
        var key = Key(kind);
        foreach (var text in Forms(key))
        {
            Assert.True(KeyFiles.TryReadPrivateKey(text, out var read), text);
            Assert.True(read!.HasPrivate);
            Assert.Equal(key.KeyId(), read.KeyId());
            Assert.Equal(key.ToJwk(true).ToJson(true), read.ToJwk(true).ToJson(true));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_public_key_is_read_in_each_of_its_forms(string kind)
    {
        var key = Key(kind);
        using var certificate = KeyFiles.SelfSigned(key, "myrealm", new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        List<string> forms = [KeyFiles.WritePublicKey(key), PemEncoding.WriteString("PUBLIC KEY", key.SubjectPublicKeyInfo())];
        if (certificate is not null)
        {
            forms.AddRange([KeyFiles.WriteCertificate(certificate), certificate.ExportCertificatePem()]);
        }

        foreach (var text in forms)
        {
            Assert.True(KeyFiles.TryReadPublicKey(text, out var read), text);
            Assert.False(read!.HasPrivate);
            Assert.Equal(key.KeyId(), read.KeyId());
        }
    }

    [Fact]
    public void An_elliptic_key_without_its_public_half_is_completed()
    {
        // As Java writes it: ECPrivateKey (RFC 5915) with the optional publicKey left out.
        Assert.True(KeyFiles.TryReadPrivateKey("MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCAtORtk0od3C7KtqL7H5WGyxnJXxN5BnId88Es5ePFjJA==", out var key));
        var algorithm = SignatureAlgorithm.ES256;
        Jws.TryParse(JwsWriter.Sign(new SigningKey(key, algorithm, null), "{}"u8), out var jws);
        Assert.Equal(JoseFault.None, new VerificationKey(JoseKey.FromJwk(key.ToJwk())!, null, [algorithm]).Verify(jws!));
    }

    [Fact]
    public void A_realm_certificate_names_the_realm_and_lasts_ten_years()
    {
        var now = new DateTimeOffset(2026, 4, 1, 12, 0, 0, TimeSpan.Zero);
        var key = TestKeys.Rsa();
        using var certificate = KeyFiles.SelfSigned(key, "my realm, with \"signs\"", now)!;
        Assert.Equal("my realm, with \"signs\"", certificate.GetNameInfo(X509NameType.SimpleName, false));
        Assert.Equal(certificate.Subject, certificate.Issuer);
        Assert.Equal(now.AddYears(10), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
        Assert.True(certificate.NotBefore.ToUniversalTime() < now.UtcDateTime);
        Assert.False(certificate.HasPrivateKey);
        Assert.Equal(key.KeyId(), KeyFiles.PublicKeyOf(certificate)!.KeyId());
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("AAAA")]
    [InlineData("MAA=")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----")]
    public void What_is_no_key_is_refused(string text)
    {
        Assert.False(KeyFiles.TryReadPrivateKey(text, out _));
        Assert.False(KeyFiles.TryReadPublicKey(text, out _));
        Assert.False(KeyFiles.TryReadCertificate(text, out _));
    }

    [Fact]
    public void A_cut_or_changed_key_is_refused_and_never_throws()
    {
        foreach (var kind in (string[])["RSA", "P-256", "Ed25519"])
        {
            var der = Key(kind).Pkcs8();
            for (var length = 0; length < der.Length; length += 1 + (length / 64))
            {
                Assert.False(KeyFiles.TryReadPrivateKey(Convert.ToBase64String(der[..length]), out _));
                var changed = der.ToArray();
                changed[length] ^= 0x41;
                KeyFiles.TryReadPrivateKey(Convert.ToBase64String(changed), out _);
                KeyFiles.TryReadPublicKey(Convert.ToBase64String(changed), out _);
            }
        }
    }

    private static IEnumerable<string> Forms(JoseKey key)
    {
        yield return KeyFiles.WritePrivateKey(key);
        yield return Convert.ToBase64String(key.Pkcs8());
        yield return PemEncoding.WriteString("PRIVATE KEY", key.Pkcs8());
        yield return "Some words before\r\n" + PemEncoding.WriteString("PRIVATE KEY", key.Pkcs8()).ReplaceLineEndings("\r\n") + "\r\n";
        if (key is RsaKey rsa)
        {
            yield return PemEncoding.WriteString("RSA PRIVATE KEY", rsa.Pkcs1());
        }
        else if (key is EcKey)
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportPkcs8PrivateKey(key.Pkcs8(), out _);
            yield return "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + ecdsa.ExportECPrivateKeyPem();
        }
    }

    private static JoseKey Key(string kind) => kind switch
    {
        "RSA" => TestKeys.Rsa(),
        "Ed25519" or "Ed448" => TestKeys.Of("file" + kind, () => OkpKey.Generate(kind)!),
        _ => TestKeys.Of("file" + kind, () => EcKey.Generate(kind)!),
    };
}
