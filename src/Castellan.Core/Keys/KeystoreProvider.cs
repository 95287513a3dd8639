using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Castellan.Core.Representations;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Keys;

/// <summary>
/// A key in a key store on the server's disk (<c>java-keystore</c>), of type PKCS #12 or JKS.
/// </summary>
internal sealed class KeystoreProvider() : KeyProvider("java-keystore", RealmKey.Sig)
{
    private const int LargestFile = 1024 * 1024;

    public override RealmKey? Read(ComponentRepresentation component) => Load(component, out _) is { } found
        ? Key(
            component,
            found.Key.KeyId(),
            KeyProviders.Text(component, "algorithm") ?? Default(found.Key),
            found.Key,
            Convert.ToBase64String(found.Certificate.RawDataMemory.Span),
            string.Equals(KeyProviders.Text(component, "keyUse"), RealmKey.Enc, StringComparison.OrdinalIgnoreCase) ? RealmKey.Enc : RealmKey.Sig)
        : null;

    public override string? Prepare(ComponentRepresentation component, string realmName, DateTimeOffset now)
    {
        foreach (var (name, label) in new[] { ("keystore", "Keystore"), ("keystorePassword", "Keystore Password"), ("keyAlias", "Key Alias") })
        {
            if (KeyProviders.Text(component, name) is null)
            {
                return $"'{label}' is required";
            }
        }

        return Load(component, out var error) is null ? error : null;
    }

    public override Dictionary<string, List<string>>? Generates(string algorithm) => null;

    private static (JoseKey Key, X509Certificate2 Certificate)? Load(ComponentRepresentation component, out string error)
    {
        error = "Failed to load keys. File not found on server.";
        if (KeyProviders.Text(component, "keystore") is not { } path || new FileInfo(path) is not { Exists: true, Length: <= LargestFile })
        {
            return null;
        }

        if (KeyProviders.Text(component, "keystoreType") is { } type && type.ToUpperInvariant() is not ("PKCS12" or "JKS"))
        {
            error = $"Failed to load keys. Keystores of type {type} cannot be read; convert it to PKCS12 (keytool -importkeystore -deststoretype pkcs12).";
            return null;
        }

        try
        {
            var bytes = File.ReadAllBytes(path);
            if (bytes is [0xCE, 0xCE, 0xCE, 0xCE, ..])
            {
                error = "Failed to load keys. Keystores of type JCEKS cannot be read; convert it to PKCS12 (keytool -importkeystore -deststoretype pkcs12).";
                return null;
            }

            var (alias, password) = (KeyProviders.Text(component, "keyAlias") ?? "", KeyProviders.Text(component, "keystorePassword") ?? "");
            var keyPassword = KeyProviders.Text(component, "keyPassword") ?? password;
            if ((KeyStoreFile.IsJks(bytes) ? InJks(bytes, alias, password, keyPassword) : InPkcs12(bytes, alias, password, keyPassword)) is not var (key, certificate))
            {
                error = $"Failed to load keys. The keystore holds no private key of the alias '{alias}'.";
                return null;
            }

            if (key is null)
            {
                error = $"Failed to load keys. The key '{alias}' cannot be opened with the password, or cannot sign.";
                return null;
            }

            if (KeyProviders.Text(component, "algorithm") is { } algorithm && !Fits(key, algorithm))
            {
                error = $"Failed to load keys. The key '{alias}' is not for {algorithm}: it is {(key is EcKey { Curve: var curve } ? $"an EC key on {curve}" : "an RSA key")}.";
                return null;
            }

            if (certificate is not null)
            {
                return (key, certificate);
            }

            error = $"Failed to load keys. The key '{alias}' has no certificate.";
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or IOException or UnauthorizedAccessException)
        {
            error = "Failed to load keys. The keystore cannot be opened: wrong password, or neither PKCS12 nor JKS.";
        }

        return null;
    }

    /// <summary>The key, null where its password is another, and its certificate; null where the alias names no key.</summary>
    private static (JoseKey? Key, X509Certificate2? Certificate)? InPkcs12(byte[] store, string alias, string password, string keyPassword)
    {
        // A key of PKCS #12 may have a password of its own, which .NET alone can tell from that of the store.
        var named = KeystoreAliases.Read(store).Find(k => k.Alias.Equals(alias, StringComparison.OrdinalIgnoreCase)).Pkcs8;
        return named.IsEmpty ? null
            : Decrypt(named.Span, keyPassword) is { } key ? (key, X509CertificateLoader.LoadPkcs12Collection(store, password).FirstOrDefault(c => KeyFiles.PublicKeyOf(c)?.KeyId() == key.KeyId()))
            : (null, null);
    }

    /// <summary>As <see cref="InPkcs12"/>.</summary>
    private static (JoseKey? Key, X509Certificate2? Certificate)? InJks(byte[] store, string alias, string password, string keyPassword) =>
        KeyStoreFile.Find(store, alias, password, keyPassword) is not { IsKey: true } found ? null
        : found.Pkcs8 is { } pkcs8 && KeyFiles.TryReadPrivateKey(Convert.ToBase64String(pkcs8), out var key) ? (key, X509CertificateLoader.LoadCertificate(found.Certificate))
        : (null, null);

    // RFC 5958: the key says inside what kind it is.
    private static JoseKey? Decrypt(ReadOnlySpan<byte> pkcs8, string? password)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportEncryptedPkcs8PrivateKey(password, pkcs8, out _);
            return new RsaKey(rsa);
        }
        catch (CryptographicException)
        {
            rsa.Dispose();
        }

        var curve = ECDsa.Create();
        try
        {
            curve.ImportEncryptedPkcs8PrivateKey(password, pkcs8, out _);
            return new EcKey(curve);
        }
        catch (CryptographicException)
        {
            curve.Dispose();
            return null;
        }
    }

    private static bool Fits(JoseKey key, string algorithm) =>
        SignatureAlgorithm.Find(algorithm) is { } signature ? key.Fits(signature)
        : KeyEncryption.Find(algorithm) is { } encryption && encryption.Fits(key, ContentEncryption.A128CbcHs256);

    private static string Default(JoseKey key) => key is EcKey { Curve: var curve } ? curve switch { "P-256" => "ES256", "P-384" => "ES384", _ => "ES512" } : "RS256";
}
