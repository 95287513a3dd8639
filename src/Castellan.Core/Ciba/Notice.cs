using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Castellan.Core.Ciba;

/// <summary>
/// What a client is told with once its person has decided (§10.2): the id of its request and the token that it gave for this. Both are secrets that the
/// server knows by their hashes alone; they are kept sealed under the secret that went to the device, which is nowhere stored either.
/// </summary>
public sealed record Notice(string AuthReqId, string Token)
{
    private static readonly byte[] s_purpose = Encoding.ASCII.GetBytes("castellan ciba notice");

    /// <param name="secret">The device's secret. It seals one notice, ever.</param>
    public string Seal(string secret)
    {
        var text = Encoding.UTF8.GetBytes($"{AuthReqId} {Token}");
        var box = new byte[text.Length + AesGcm.TagByteSizes.MaxSize];
        using var cipher = Cipher(secret);
        cipher.Encrypt(Nonce(), text, box.AsSpan(0, text.Length), box.AsSpan(text.Length));
        return Base64Url.EncodeToString(box);
    }

    /// <summary>The notice; null when it was sealed under another secret.</summary>
    public static Notice? Open(string box, string secret)
    {
        var bytes = Base64Url.DecodeFromChars(box);
        var text = new byte[bytes.Length - AesGcm.TagByteSizes.MaxSize];
        try
        {
            using var cipher = Cipher(secret);
            cipher.Decrypt(Nonce(), bytes.AsSpan(0, text.Length), bytes.AsSpan(text.Length), text);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        return Encoding.UTF8.GetString(text).Split(' ', 2) is [var id, var token] ? new(id, token) : null;
    }

    private static AesGcm Cipher(string secret) => new(HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), 32, info: s_purpose), AesGcm.TagByteSizes.MaxSize);

    // The key seals nothing else, so that any nonce does.
    private static byte[] Nonce() => new byte[AesGcm.NonceByteSizes.MaxSize];
}
