using System.Security.Cryptography;

namespace Castellan.Protocol.Saml;

/// <summary>AES over the text of an element (XML Encryption 1.1 §5.2): GCM, and CBC for those that have nothing newer.</summary>
internal sealed class XmlContentEncryption
{
    public const string Default = SamlNames.Encryption11 + "aes256-gcm";

    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int BlockLength = 16;

    private static readonly XmlContentEncryption[] s_all =
    [
        new(SamlNames.Encryption11 + "aes128-gcm", 16, true), new(SamlNames.Encryption11 + "aes192-gcm", 24, true), new(Default, 32, true),
        new(SamlNames.Encryption + "aes128-cbc", 16, false), new(SamlNames.Encryption + "aes192-cbc", 24, false), new(SamlNames.Encryption + "aes256-cbc", 32, false),
    ];

    private readonly bool _gcm;

    private XmlContentEncryption(string address, int keyLength, bool gcm) => (Address, KeyLength, _gcm) = (address, keyLength, gcm);

    public string Address { get; }

    public int KeyLength { get; }

    public static XmlContentEncryption? At(string? address) => s_all.FirstOrDefault(a => a.Address == address);

    public byte[] Encrypt(byte[] key, byte[] text)
    {
        if (!_gcm)
        {
            using var aes = Aes.Create();
            aes.SetKey(key);
            var vector = RandomNumberGenerator.GetBytes(BlockLength);
            // The filler may be anything (§5.2.1), so PKCS #7's will do.
            return [.. vector, .. aes.EncryptCbc(text, vector)];
        }

        var hidden = new byte[NonceLength + text.Length + TagLength];
        var nonce = hidden.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var gcm = new AesGcm(key, TagLength);
        gcm.Encrypt(nonce, text, hidden.AsSpan(NonceLength, text.Length), hidden.AsSpan(NonceLength + text.Length));
        return hidden;
    }

    /// <summary>The text; null when it cannot be had.</summary>
    public byte[]? Decrypt(byte[] key, byte[] hidden)
    {
        try
        {
            return _gcm ? DecryptGcm(key, hidden) : DecryptCbc(key, hidden);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[]? DecryptGcm(byte[] key, byte[] hidden)
    {
        if (hidden.Length < NonceLength + TagLength)
        {
            return null;
        }

        var text = new byte[hidden.Length - NonceLength - TagLength];
        using var gcm = new AesGcm(key, TagLength);
        gcm.Decrypt(hidden.AsSpan(0, NonceLength), hidden.AsSpan(NonceLength, text.Length), hidden.AsSpan(NonceLength + text.Length), text);
        return text;
    }

    private static byte[]? DecryptCbc(byte[] key, byte[] hidden)
    {
        if (hidden.Length < 2 * BlockLength || hidden.Length % BlockLength != 0)
        {
            return null;
        }

        using var aes = Aes.Create();
        aes.SetKey(key);
        var text = aes.DecryptCbc(hidden.AsSpan(BlockLength), hidden.AsSpan(0, BlockLength), PaddingMode.None);
        // §5.2.1: the last byte says how many were filled in; what the others are does not matter.
        return text[^1] is >= 1 and <= BlockLength and var filler ? text[..^filler] : null;
    }
}
