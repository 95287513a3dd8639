using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Asn1.Nist;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace Castellan.Core.Keys;

/// <summary>What stands in a key store under a name.</summary>
/// <param name="Certificate">DER.</param>
/// <param name="Pkcs8">The private key that the certificate is of; null where there is none, or the password does not open it.</param>
/// <param name="IsKey">Whether there is a private key.</param>
public sealed record StoredKey(byte[] Certificate, byte[]? Pkcs8, bool IsKey);

/// <summary>Key stores as Java has them: JKS, and PKCS #12 (RFC 7292). Which of the two a file is, its first bytes say, as Java goes by them too.</summary>
public static class KeyStoreFile
{
    /// <summary>Whether a file is a key store of Java's own form.</summary>
    public static bool IsJks(ReadOnlySpan<byte> file) => file is [0xFE, 0xED, 0xFE, 0xED, ..];

    /// <summary>What the alias names, in any case of letters; null for nothing.</summary>
    /// <param name="keyPassword">Null for that of the store.</param>
    /// <exception cref="CryptographicException">The store cannot be read, or the password is another.</exception>
    public static StoredKey? Find(byte[] file, string alias, string storePassword, string? keyPassword)
    {
        try
        {
            using var stream = new MemoryStream(file, writable: false);
            if (IsJks(file))
            {
                return FindInJks(stream, alias, storePassword, keyPassword);
            }

            RefuseDear(file, storePassword);
            return FindInPkcs12(stream, alias, storePassword, keyPassword);
        }
        catch (Exception e) when (e is not (CryptographicException or OutOfMemoryException))
        {
            // The library has many kinds of exceptions for what it cannot read, and documents none.
            throw new CryptographicException("The key store cannot be read.", e);
        }
    }

    /// <summary>A store in Java's own form.</summary>
    public static byte[] WriteJks(IEnumerable<(string Alias, StoredKey Key)> entries, string storePassword, string? keyPassword)
    {
        var store = new JksStore();
        foreach (var (alias, (certificate, pkcs8, _)) in entries)
        {
            var read = Certificate(certificate);
            if (pkcs8 is null)
            {
                store.SetCertificateEntry(alias, read);
            }
            else
            {
                store.SetKeyEntry(alias, PrivateKeyFactory.CreateKey(pkcs8), (keyPassword ?? storePassword).ToCharArray(), [read]);
            }
        }

        using var written = new MemoryStream();
        store.Save(written, storePassword.ToCharArray());
        return written.ToArray();
    }

    /// <summary>A store as PKCS #12; keys and certificates have the password of the store, as all readers expect.</summary>
    public static byte[] WritePkcs12(IEnumerable<(string Alias, StoredKey Key)> entries, string storePassword)
    {
        var store = new Pkcs12StoreBuilder()
            .SetKeyAlgorithm(NistObjectIdentifiers.IdAes256Cbc, PkcsObjectIdentifiers.IdHmacWithSha256)
            .SetCertAlgorithm(NistObjectIdentifiers.IdAes256Cbc, PkcsObjectIdentifiers.IdHmacWithSha256)
            .SetEnableOracleTrustedKeyUsage(true).Build();
        foreach (var (alias, (certificate, pkcs8, _)) in entries)
        {
            var read = new X509CertificateEntry(Certificate(certificate));
            if (pkcs8 is null)
            {
                store.SetCertificateEntry(alias, read);
            }
            else
            {
                store.SetKeyEntry(alias, new AsymmetricKeyEntry(PrivateKeyFactory.CreateKey(pkcs8)), [read]);
            }
        }

        using var written = new MemoryStream();
        store.Save(written, storePassword.ToCharArray(), new SecureRandom());
        return written.ToArray();
    }

    /// <summary>A file says itself how often its password is hashed. .NET bounds that and the library does not, so .NET opens it first; whatever else it has against a file, the library may know better.</summary>
    private static void RefuseDear(byte[] file, string password)
    {
        try
        {
            foreach (var certificate in X509CertificateLoader.LoadPkcs12Collection(file, password, X509KeyStorageFlags.EphemeralKeySet))
            {
                certificate.Dispose();
            }
        }
        catch (CryptographicException fault) when (fault is not Pkcs12LoadLimitExceededException)
        {
            // Java keeps a certificate twice where .NET does not, and the like.
        }
    }

    private static StoredKey? FindInJks(Stream file, string alias, string storePassword, string? keyPassword)
    {
        var store = new JksStore();
        store.Load(file, storePassword.ToCharArray());
        var isKey = store.IsKeyEntry(alias);
        if ((isKey ? store.GetCertificateChain(alias).FirstOrDefault() : store.GetCertificate(alias)) is not { } certificate)
        {
            return null;
        }

        try
        {
            return new(certificate.GetEncoded(), isKey ? Pkcs8(store.GetKey(alias, (keyPassword ?? storePassword).ToCharArray())) : null, isKey);
        }
        catch (IOException)
        {
            return new(certificate.GetEncoded(), null, isKey);
        }
    }

    private static StoredKey? FindInPkcs12(Stream file, string alias, string storePassword, string? keyPassword)
    {
        var store = new Pkcs12StoreBuilder().Build();
        store.Load(file, storePassword.ToCharArray());
        return store.GetCertificate(alias) is { } certificate
            ? new(certificate.Certificate.GetEncoded(), (keyPassword ?? storePassword) == storePassword && store.GetKey(alias) is { } key ? Pkcs8(key.Key) : null, store.IsKeyEntry(alias))
            : null;
    }

    private static byte[] Pkcs8(AsymmetricKeyParameter key) => PrivateKeyInfoFactory.CreatePrivateKeyInfo(key).GetDerEncoded();

    private static Org.BouncyCastle.X509.X509Certificate Certificate(byte[] der) => new X509CertificateParser().ReadCertificate(der);
}
