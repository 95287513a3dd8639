using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Castellan.Protocol.Jose;

/// <summary>A JWE in compact form (RFC 7516 §7.1). Nothing is ever inflated: <c>zip</c> is refused.</summary>
public sealed class Jwe
{
    private readonly byte[] _header;
    private readonly byte[] _encryptedKey;
    private readonly byte[] _iv;
    private readonly byte[] _ciphertext;
    private readonly byte[] _tag;

    private Jwe(JoseHeader header, byte[] encodedHeader, byte[][] parts)
    {
        Header = header;
        (_header, _encryptedKey, _iv, _ciphertext, _tag) = (encodedHeader, parts[0], parts[1], parts[2], parts[3]);
    }

    /// <summary>The header.</summary>
    public JoseHeader Header { get; }

    /// <summary>How the content key was encrypted; null when we do not have that.</summary>
    public KeyEncryption? Algorithm => KeyEncryption.Find(Header.Alg);

    /// <summary>How the content was; null when we do not have that.</summary>
    public ContentEncryption? Encryption => ContentEncryption.Find(Header.Enc);

    /// <summary>Whether a text has the five parts of a JWE, as against the three of a JWS. Says nothing about their contents.</summary>
    public static bool LooksLikeOne(ReadOnlySpan<char> token) => token.Count('.') == 4;

    /// <summary>Encrypts.</summary>
    /// <param name="plaintext">The content; a nested JWT has <paramref name="cty"/> <c>JWT</c>.</param>
    /// <param name="key">The reader's key.</param>
    /// <param name="algorithm">How the content key reaches the reader; must fit the key.</param>
    /// <param name="encryption">How the content is encrypted.</param>
    /// <param name="kid">The name of the reader's key.</param>
    /// <param name="cty">What the content is.</param>
    /// <param name="typ">What the whole is.</param>
    public static string Encrypt(
        ReadOnlySpan<byte> plaintext, JoseKey key, KeyEncryption algorithm, ContentEncryption encryption, string? kid, string? cty = null, string? typ = null)
    {
        if (!algorithm.Fits(key, encryption))
        {
            throw new ArgumentException($"A {key.Kty} key of this kind is not for {algorithm}.", nameof(key));
        }

        var (contentKey, encryptedKey, ephemeral) = algorithm.Encrypt(key, encryption);
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Json.Compact))
        {
            json.WriteStartObject();
            json.WriteString("alg", algorithm.Name);
            json.WriteString("enc", encryption.Name);
            Optional(json, "kid", kid);
            Optional(json, "typ", typ);
            Optional(json, "cty", cty);
            if (ephemeral is not null)
            {
                json.WritePropertyName("epk");
                ephemeral.WriteTo(json);
            }

            json.WriteEndObject();
        }

        var header = StrictBase64Url.Encode(buffer.WrittenSpan);
        var iv = RandomNumberGenerator.GetBytes(encryption.IvLength);
        var (ciphertext, tag) = encryption.Encrypt(contentKey, iv, plaintext, Encoding.ASCII.GetBytes(header));
        CryptographicOperations.ZeroMemory(contentKey);
        return string.Join('.', header, StrictBase64Url.Encode(encryptedKey), StrictBase64Url.Encode(iv),
            StrictBase64Url.Encode(ciphertext), StrictBase64Url.Encode(tag));

        static void Optional(Utf8JsonWriter json, string name, string? value)
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }
    }

    /// <summary>Takes a token apart.</summary>
    public static JoseFault TryParse(ReadOnlySpan<char> token, [NotNullWhen(true)] out Jwe? jwe, int maxLength = Jws.DefaultMaxLength)
    {
        jwe = null;
        if (token.Length > maxLength)
        {
            return JoseFault.TooLong;
        }

        Span<Range> ranges = stackalloc Range[6];
        if (token.Split(ranges, '.') != 5)
        {
            return JoseFault.Malformed;
        }

        var ascii = new byte[token.Length];
        if (Ascii.FromUtf16(token, ascii, out _) != OperationStatus.Done)
        {
            return JoseFault.Malformed;
        }

        var encoded = ascii[ranges[0]];
        var fault = Jws.ReadHeader(encoded, out var header);
        if (header is null)
        {
            return fault;
        }

        if (header.IsCompressed || header.Enc is null)
        {
            return JoseFault.Malformed;
        }

        var parts = new byte[4][];
        for (var i = 0; i < 4; i++)
        {
            if (!StrictBase64Url.TryDecode(ascii.AsSpan(ranges[i + 1]), out var part))
            {
                return JoseFault.Malformed;
            }

            parts[i] = part;
        }

        jwe = new Jwe(header, encoded, parts);
        return JoseFault.None;
    }

    /// <summary>Decrypts with this key under an algorithm that fits it. The caller has checked that the algorithms are among those it allows.</summary>
    public JoseFault Decrypt(JoseKey key, out byte[] plaintext)
    {
        plaintext = [];
        if (Algorithm is not { } algorithm || Encryption is not { } encryption)
        {
            return JoseFault.UnknownAlgorithm;
        }

        if (!key.HasPrivate || !algorithm.Fits(key, encryption))
        {
            return JoseFault.AlgorithmMismatch;
        }

        if (algorithm.Decrypt(key, encryption, Header, _encryptedKey) is not { } contentKey)
        {
            return JoseFault.BadEncryption;
        }

        var text = encryption.Decrypt(contentKey, _iv, _ciphertext, _tag, _header);
        CryptographicOperations.ZeroMemory(contentKey);
        plaintext = text ?? [];
        return text is null ? JoseFault.BadEncryption : JoseFault.None;
    }
}
