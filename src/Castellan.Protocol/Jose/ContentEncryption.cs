using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Castellan.Protocol.Jose;

/// <summary>A content encryption algorithm of JWE (RFC 7518 §5).</summary>
public sealed class ContentEncryption
{
    private readonly bool _gcm;
    private readonly HashAlgorithmName _hash;

    private ContentEncryption(string name, int keyLength, bool gcm, HashAlgorithmName hash = default) =>
        (Name, KeyLength, _gcm, _hash) = (name, keyLength, gcm, hash);

    /// <summary>The name in the header's <c>enc</c>.</summary>
    public string Name { get; }

    /// <summary>The length of the content key in bytes.</summary>
    public int KeyLength { get; }

    /// <summary>The length of the initialisation vector in bytes.</summary>
    public int IvLength => _gcm ? 12 : 16;

    /// <summary>The length of the authentication tag in bytes.</summary>
    public int TagLength => _gcm ? 16 : KeyLength / 2;

    /// <inheritdoc/>
    public override string ToString() => Name;

#pragma warning disable CS1591 // the names say it
    public static readonly ContentEncryption A128Gcm = new("A128GCM", 16, true);
    public static readonly ContentEncryption A192Gcm = new("A192GCM", 24, true);
    public static readonly ContentEncryption A256Gcm = new("A256GCM", 32, true);
    public static readonly ContentEncryption A128CbcHs256 = new("A128CBC-HS256", 32, false, HashAlgorithmName.SHA256);
    public static readonly ContentEncryption A192CbcHs384 = new("A192CBC-HS384", 48, false, HashAlgorithmName.SHA384);
    public static readonly ContentEncryption A256CbcHs512 = new("A256CBC-HS512", 64, false, HashAlgorithmName.SHA512);
#pragma warning restore CS1591

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ContentEncryption> All { get; } = [A128Gcm, A192Gcm, A256Gcm, A128CbcHs256, A192CbcHs384, A256CbcHs512];

    /// <summary>The algorithm of that name, or null.</summary>
    public static ContentEncryption? Find(string? name) => All.FirstOrDefault(algorithm => algorithm.Name == name);

    internal (byte[] Ciphertext, byte[] Tag) Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> text, ReadOnlySpan<byte> header)
    {
        var tag = new byte[TagLength];
        if (_gcm)
        {
            var sealedText = new byte[text.Length];
            using var gcm = new AesGcm(key, tag.Length);
            gcm.Encrypt(iv, text, sealedText, tag, header);
            return (sealedText, tag);
        }

        using var aes = Aes.Create();
        aes.SetKey(key[(KeyLength / 2)..]);
        var ciphertext = aes.EncryptCbc(text, iv);
        Authenticate(key, iv, ciphertext, header, tag);
        return (ciphertext, tag);
    }

    /// <summary>The plain text; null when anything about it is wrong.</summary>
    internal byte[]? Decrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> header)
    {
        if (iv.Length != IvLength || tag.Length != TagLength || key.Length != KeyLength)
        {
            return null;
        }

        try
        {
            if (_gcm)
            {
                var text = new byte[ciphertext.Length];
                using var gcm = new AesGcm(key, tag.Length);
                gcm.Decrypt(iv, ciphertext, tag, text, header);
                return text;
            }

            // The tag is checked first, so that the padding tells nothing (RFC 7518 §5.2.2.2).
            Span<byte> expected = stackalloc byte[TagLength];
            Authenticate(key, iv, ciphertext, header, expected);
            if (!CryptographicOperations.FixedTimeEquals(expected, tag))
            {
                return null;
            }

            using var aes = Aes.Create();
            aes.SetKey(key[(KeyLength / 2)..]);
            return aes.DecryptCbc(ciphertext, iv);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    // §5.2.2.1: HMAC over header, vector, text and the header's length in bits; its left half is the tag.
    private void Authenticate(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> header, Span<byte> tag)
    {
        Span<byte> bits = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bits, (ulong)header.Length * 8);
        using var hmac = IncrementalHash.CreateHMAC(_hash, key[..(KeyLength / 2)]);
        hmac.AppendData(header);
        hmac.AppendData(iv);
        hmac.AppendData(ciphertext);
        hmac.AppendData(bits);
        Span<byte> whole = stackalloc byte[64];
        hmac.TryGetHashAndReset(whole, out _);
        whole[..TagLength].CopyTo(tag);
    }
}
