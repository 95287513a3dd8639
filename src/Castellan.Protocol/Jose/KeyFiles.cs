using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Castellan.Protocol.Jose;

/// <summary>
/// Keys and certificates as text: PEM (RFC 7468), and the bare base64 of its inside, which is how Keycloak's realm files and client
/// attributes carry them.
/// </summary>
public static class KeyFiles
{
    private const int LongestText = 64 * 1024;

    /// <summary>
    /// Reads a private key: PKCS #8 (RSA, EC, Ed25519, Ed448), PKCS #1 or SEC 1, with or without PEM lines. Encrypted ones are refused.
    /// </summary>
    public static bool TryReadPrivateKey(string text, [NotNullWhen(true)] out JoseKey? key)
    {
        key = null;
        if (!TryReadDer(text, "PRIVATE KEY", out var der))
        {
            return false;
        }

        try
        {
            key = ReadPrivateKey(der);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or PlatformNotSupportedException)
        {
            return false;
        }

        return key is not null;
    }

    /// <summary>Reads a public key: SubjectPublicKeyInfo, PKCS #1, or the key of a certificate, with or without PEM lines.</summary>
    public static bool TryReadPublicKey(string text, [NotNullWhen(true)] out JoseKey? key)
    {
        key = null;
        if (TryReadDer(text, "PUBLIC KEY", out var der))
        {
            try
            {
                key = ReadPublicKey(der);
            }
            catch (Exception e) when (e is CryptographicException or AsnContentException or PlatformNotSupportedException)
            {
                key = null;
            }
        }

        if (key is null && TryReadCertificate(text, out var certificate))
        {
            using (certificate)
            {
                key = PublicKeyOf(certificate);
            }
        }

        return key is not null;
    }

    /// <summary>Reads the first certificate of a text, with or without PEM lines.</summary>
    public static bool TryReadCertificate(string text, [NotNullWhen(true)] out X509Certificate2? certificate)
    {
        certificate = null;
        if (!TryReadDer(text, "CERTIFICATE", out var der))
        {
            return false;
        }

        try
        {
            certificate = X509CertificateLoader.LoadCertificate(der);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>The key of a certificate; null when it is of a kind that we do not have.</summary>
    public static JoseKey? PublicKeyOf(X509Certificate2 certificate)
    {
        try
        {
            return ReadPublicKey(certificate.PublicKey.ExportSubjectPublicKeyInfo());
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or PlatformNotSupportedException)
        {
            return null;
        }
    }

    /// <summary>The private key in the form in which Keycloak stores it: bare base64, of PKCS #1 for RSA and PKCS #8 for the others.</summary>
    public static string WritePrivateKey(JoseKey key) => Convert.ToBase64String(key is RsaKey rsa ? rsa.Pkcs1() : key.Pkcs8());

    /// <summary>The public key in the form in which Keycloak stores and shows it: bare base64 of SubjectPublicKeyInfo.</summary>
    public static string WritePublicKey(JoseKey key) => Convert.ToBase64String(key.SubjectPublicKeyInfo());

    /// <summary>The certificate as bare base64.</summary>
    public static string WriteCertificate(X509Certificate2 certificate) => Convert.ToBase64String(certificate.RawDataMemory.Span);

    /// <summary>
    /// A certificate by which a realm's own key says whose it is: <c>CN=</c> the realm's name, ten years. Null for keys that sign no
    /// certificates here (Edwards curves and symmetric ones have none in Keycloak either).
    /// </summary>
    public static X509Certificate2? SelfSigned(JoseKey key, string name, DateTimeOffset now)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = key switch
        {
            RsaKey rsa => new CertificateRequest(subject.Build(), rsa.Rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            EcKey ec => new CertificateRequest(subject.Build(), ec.Ecdsa, HashAlgorithmName.SHA256),
            _ => null,
        };
        if (request is null)
        {
            return null;
        }

        // A little into the past, for verifiers whose clocks are late.
        using var withKey = request.CreateSelfSigned(now.AddSeconds(-100), now.AddYears(10));
        return X509CertificateLoader.LoadCertificate(withKey.RawDataMemory.Span);
    }

    private static bool TryReadDer(string text, string label, [NotNullWhen(true)] out byte[]? der)
    {
        der = null;
        if (text.Length > LongestText)
        {
            return false;
        }

        if (text.Contains("-----BEGIN", StringComparison.Ordinal))
        {
            // Other things may stand before it ("EC PARAMETERS"); the first that has the label counts.
            for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
            {
                var found = rest[fields.Label];
                if (found.EndsWith(label, StringComparison.Ordinal) && !found.StartsWith("ENCRYPTED", StringComparison.Ordinal))
                {
                    der = Convert.FromBase64String(rest[fields.Base64Data].ToString());
                    return true;
                }
            }

            return false;
        }

        der = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, der, out var length) || length == 0)
        {
            return false;
        }

        Array.Resize(ref der, length);
        return true;
    }

    private static JoseKey? ReadPrivateKey(byte[] der)
    {
        var reader = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        if (!reader.TryReadInt32(out var version))
        {
            return null;
        }

        var next = reader.PeekTag();
        if (next.HasSameClassAndValue(Asn1Tag.PrimitiveOctetString))
        {
            // SEC 1: version 1, then the key as octets.
            return ReadEc((ecdsa, bytes) => ecdsa.ImportECPrivateKey(bytes, out _), der);
        }

        if (next.HasSameClassAndValue(Asn1Tag.Integer))
        {
            // PKCS #1: version 0, then the modulus.
            return version == 0 ? ReadRsa((rsa, bytes) => rsa.ImportRSAPrivateKey(bytes, out _), der) : null;
        }

        var oid = reader.ReadSequence().ReadObjectIdentifier();
        if (OkpKey.CurveOf(oid) is { } curve)
        {
            return OkpKey.FromSeed(curve, new AsnReader(reader.ReadOctetString(), AsnEncodingRules.BER).ReadOctetString());
        }

        return oid switch
        {
            "1.2.840.113549.1.1.1" => ReadRsa((rsa, bytes) => rsa.ImportPkcs8PrivateKey(bytes, out _), der),
            "1.2.840.10045.2.1" => ReadEc((ecdsa, bytes) => ecdsa.ImportPkcs8PrivateKey(bytes, out _), der),
            _ => null,
        };
    }

    private static JoseKey? ReadPublicKey(byte[] der)
    {
        var reader = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        if (reader.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
        {
            return ReadRsa((rsa, bytes) => rsa.ImportRSAPublicKey(bytes, out _), der);
        }

        var oid = reader.ReadSequence().ReadObjectIdentifier();
        if (OkpKey.CurveOf(oid) is { } curve)
        {
            return OkpKey.FromPublic(curve, reader.ReadBitString(out _));
        }

        return oid switch
        {
            "1.2.840.113549.1.1.1" => ReadRsa((rsa, bytes) => rsa.ImportSubjectPublicKeyInfo(bytes, out _), der),
            "1.2.840.10045.2.1" => ReadEc((ecdsa, bytes) => ecdsa.ImportSubjectPublicKeyInfo(bytes, out _), der),
            _ => null,
        };
    }

    private static RsaKey ReadRsa(Action<RSA, byte[]> import, byte[] der)
    {
        var rsa = RSA.Create();
        import(rsa, der);
        return new RsaKey(rsa);
    }

    private static EcKey ReadEc(Action<ECDsa, byte[]> import, byte[] der)
    {
        var ecdsa = ECDsa.Create();
        import(ecdsa, der);
        return new EcKey(ecdsa);
    }
}
