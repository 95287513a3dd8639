using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Castellan.Protocol.Jose;

/// <summary>
/// How a JWE's content key reaches its reader (RFC 7518 §4). Passwords (PBES2) are not among them: their cost is the sender's choice.
/// </summary>
public sealed class KeyEncryption
{
    private readonly Kind _kind;

    private KeyEncryption(string name, Kind kind, int wrapLength = 0) => (Name, _kind, WrapLength) = (name, kind, wrapLength);

    private enum Kind
    {
        RsaPkcs1,
        RsaOaep,
        RsaOaep256,
        Agreement,
        Wrap,
        Direct,
    }

    /// <summary>The name in the header's <c>alg</c>.</summary>
    public string Name { get; }

    /// <summary>The length of the AES key that wraps; 0 where nothing is wrapped with AES.</summary>
    internal int WrapLength { get; }

    internal bool IsAgreement => _kind == Kind.Agreement;

    /// <summary>Whether sender and reader share one secret.</summary>
    public bool IsSymmetric => _kind is Kind.Wrap or Kind.Direct;

    /// <inheritdoc/>
    public override string ToString() => Name;

#pragma warning disable CS1591 // the names say it
    public static readonly KeyEncryption Rsa15 = new("RSA1_5", Kind.RsaPkcs1);
    public static readonly KeyEncryption RsaOaep = new("RSA-OAEP", Kind.RsaOaep);
    public static readonly KeyEncryption RsaOaep256 = new("RSA-OAEP-256", Kind.RsaOaep256);
    public static readonly KeyEncryption EcdhEs = new("ECDH-ES", Kind.Agreement);
    public static readonly KeyEncryption EcdhEsA128Kw = new("ECDH-ES+A128KW", Kind.Agreement, 16);
    public static readonly KeyEncryption EcdhEsA192Kw = new("ECDH-ES+A192KW", Kind.Agreement, 24);
    public static readonly KeyEncryption EcdhEsA256Kw = new("ECDH-ES+A256KW", Kind.Agreement, 32);
    public static readonly KeyEncryption A128Kw = new("A128KW", Kind.Wrap, 16);
    public static readonly KeyEncryption A192Kw = new("A192KW", Kind.Wrap, 24);
    public static readonly KeyEncryption A256Kw = new("A256KW", Kind.Wrap, 32);
    public static readonly KeyEncryption Dir = new("dir", Kind.Direct);
#pragma warning restore CS1591

    /// <summary>All of them.</summary>
    public static IReadOnlyList<KeyEncryption> All { get; } =
        [Rsa15, RsaOaep, RsaOaep256, EcdhEs, EcdhEsA128Kw, EcdhEsA192Kw, EcdhEsA256Kw, A128Kw, A192Kw, A256Kw, Dir];

    /// <summary>The algorithm of that name, or null.</summary>
    public static KeyEncryption? Find(string? name) => All.FirstOrDefault(algorithm => algorithm.Name == name);

    /// <summary>Whether the key is of the kind and size that the algorithm wants.</summary>
    public bool Fits(JoseKey key, ContentEncryption encryption) => (_kind, key) switch
    {
        (Kind.RsaPkcs1 or Kind.RsaOaep or Kind.RsaOaep256, RsaKey rsa) => rsa.Bits >= 1024,
        (Kind.Agreement, EcKey) => true,
        (Kind.Wrap, OctKey oct) => oct.Secret.Length == WrapLength,
        (Kind.Direct, OctKey oct) => oct.Secret.Length == encryption.KeyLength,
        _ => false,
    };

    /// <summary>Makes a content key and its encrypted form; an agreement also makes the ephemeral key for the header.</summary>
    internal (byte[] ContentKey, byte[] Encrypted, Jwk? Ephemeral) Encrypt(JoseKey key, ContentEncryption encryption)
    {
        if (_kind == Kind.Direct)
        {
            return (((OctKey)key).Secret.ToArray(), [], null);
        }

        if (_kind == Kind.Agreement)
        {
            var reader = (EcKey)key;
            var ephemeral = EcKey.Generate(reader.Curve)!;
            var derived = Derive(ephemeral.Agree(reader)!, encryption, [], []);
            if (WrapLength == 0)
            {
                return (derived, [], ephemeral.ToJwk());
            }

            var agreed = RandomNumberGenerator.GetBytes(encryption.KeyLength);
            return (agreed, AesKeyWrap.Wrap(derived, agreed), ephemeral.ToJwk());
        }

        var content = RandomNumberGenerator.GetBytes(encryption.KeyLength);
        var encrypted = key is OctKey oct ? AesKeyWrap.Wrap(oct.Secret, content) : ((RsaKey)key).Encrypt(content, Padding);
        return (content, encrypted, null);
    }

    /// <summary>The content key; null when that fails in a way that tells the sender nothing.</summary>
    internal byte[]? Decrypt(JoseKey key, ContentEncryption encryption, JoseHeader header, ReadOnlySpan<byte> encrypted)
    {
        switch (_kind)
        {
            case Kind.Direct:
                return encrypted.IsEmpty ? ((OctKey)key).Secret.ToArray() : null;
            case Kind.Wrap:
                return AesKeyWrap.Unwrap(((OctKey)key).Secret, encrypted);
            case Kind.Agreement:
                if (header.Epk is not { } epk || !Jwk.TryParse(epk, out var jwk) || jwk.HasPrivate
                    || JoseKey.FromJwk(jwk) is not EcKey ephemeral || ((EcKey)key).Agree(ephemeral) is not { } secret
                    || !Party(header.Apu, out var apu) || !Party(header.Apv, out var apv))
                {
                    return null;
                }

                var derived = Derive(secret, encryption, apu, apv);
                return WrapLength > 0 ? AesKeyWrap.Unwrap(derived, encrypted) : encrypted.IsEmpty ? derived : null;
            default:
                // RFC 7516 §11.5: a wrong padding goes on with a random key, so that it fails where and when a wrong tag does.
                var random = RandomNumberGenerator.GetBytes(encryption.KeyLength);
                return ((RsaKey)key).Decrypt(encrypted, Padding) is { } content && content.Length == encryption.KeyLength ? content : random;
        }
    }

    private RSAEncryptionPadding Padding => _kind switch
    {
        Kind.RsaPkcs1 => RSAEncryptionPadding.Pkcs1,
        Kind.RsaOaep => RSAEncryptionPadding.OaepSHA1,
        _ => RSAEncryptionPadding.OaepSHA256,
    };

    private static bool Party(string? text, out byte[] bytes)
    {
        bytes = [];
        if (text is null)
        {
            return true;
        }

        var sound = StrictBase64Url.TryDecode(text, out var decoded);
        bytes = decoded ?? [];
        return sound;
    }

    // §4.6.2: Concat KDF (NIST SP 800-56A §5.8.1) with SHA-256.
    internal byte[] Derive(byte[] secret, ContentEncryption encryption, byte[] apu, byte[] apv)
    {
        var length = WrapLength == 0 ? encryption.KeyLength : WrapLength;
        var name = Encoding.ASCII.GetBytes(WrapLength == 0 ? encryption.Name : Name);
        var derived = new byte[(length + 31) / 32 * 32];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var round = 0; round * 32 < length; round++)
        {
            Number(round + 1);
            hash.AppendData(secret);
            Number(name.Length);
            hash.AppendData(name);
            Number(apu.Length);
            hash.AppendData(apu);
            Number(apv.Length);
            hash.AppendData(apv);
            Number(length * 8);
            hash.GetHashAndReset(derived.AsSpan(round * 32));
        }

        CryptographicOperations.ZeroMemory(secret);
        return derived[..length];

        void Number(int value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            hash.AppendData(bytes);
        }
    }
}
