using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Castellan.Protocol.Jose;

/// <summary>A JWS in compact form (RFC 7515 §7.1), taken apart and not yet believed: <see cref="VerificationKeys.Verify"/> comes next.</summary>
public sealed class Jws
{
    /// <summary>What is read when the caller names no limit.</summary>
    public const int DefaultMaxLength = 128 * 1024;

    private Jws(JoseHeader header, ReadOnlyMemory<byte> signingInput, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> signature)
    {
        (Header, SigningInput, Payload, Signature) = (header, signingInput, payload, signature);
        Algorithm = SignatureAlgorithm.Find(header.Alg);
    }

    /// <summary>The header.</summary>
    public JoseHeader Header { get; }

    /// <summary>The algorithm; null when the object is unsecured or the name unknown.</summary>
    public SignatureAlgorithm? Algorithm { get; }

    /// <summary>Header and payload as they were sent: what the signature is over.</summary>
    public ReadOnlyMemory<byte> SigningInput { get; }

    /// <summary>The payload, decoded.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The signature, decoded.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>Whether it says <c>none</c> and brings no signature (RFC 7515, appendix A.5).</summary>
    public bool IsUnsecured => Header.Alg == "none" && Signature.IsEmpty;

    /// <summary>Takes a token apart. Unsecured ones are refused unless <paramref name="allowUnsecured"/>; read <see cref="IsUnsecured"/> then.</summary>
    /// <param name="allowUnknown">Lets any algorithm through, for a caller that refuses it in its own words: <see cref="Algorithm"/> is null then.</param>
    public static JoseFault TryParse(
        ReadOnlySpan<char> token, [NotNullWhen(true)] out Jws? jws, bool allowUnsecured = false, int maxLength = DefaultMaxLength, bool allowUnknown = false)
    {
        jws = null;
        if (token.Length > maxLength)
        {
            return JoseFault.TooLong;
        }

        var ascii = new byte[token.Length];
        return Ascii.FromUtf16(token, ascii, out _) == System.Buffers.OperationStatus.Done
            ? TryParse(ascii.AsMemory(), out jws, allowUnsecured, maxLength, allowUnknown)
            : JoseFault.Malformed;
    }

    /// <summary>Takes a token apart; it keeps the memory, which must not change any more.</summary>
    public static JoseFault TryParse(
        ReadOnlyMemory<byte> token, [NotNullWhen(true)] out Jws? jws, bool allowUnsecured = false, int maxLength = DefaultMaxLength, bool allowUnknown = false)
    {
        jws = null;
        if (token.Length > maxLength)
        {
            return JoseFault.TooLong;
        }

        // Two dots, found without splitting: a megabyte of dots costs nothing.
        var text = token.Span;
        var first = text.IndexOf((byte)'.');
        var second = first < 0 ? -1 : text[(first + 1)..].IndexOf((byte)'.') + first + 1;
        if (first <= 0 || second <= first || text[(second + 1)..].Contains((byte)'.'))
        {
            return JoseFault.Malformed;
        }

        var fault = ReadHeader(text[..first], out var header);
        if (header is null)
        {
            return fault;
        }

        var payloadLength = StrictBase64Url.DecodedLength(second - first - 1);
        var decoded = new byte[payloadLength + StrictBase64Url.DecodedLength(text.Length - second - 1)];
        if (!StrictBase64Url.TryDecode(text[(first + 1)..second], decoded.AsSpan(0, payloadLength), out _)
            || !StrictBase64Url.TryDecode(text[(second + 1)..], decoded.AsSpan(payloadLength), out _))
        {
            return JoseFault.Malformed;
        }

        var parsed = new Jws(header, token[..second], decoded.AsMemory(0, payloadLength), decoded.AsMemory(payloadLength));
        if (parsed.Algorithm is null && !allowUnknown && !(allowUnsecured && parsed.IsUnsecured))
        {
            return JoseFault.UnknownAlgorithm;
        }

        jws = parsed;
        return JoseFault.None;
    }

    /// <summary>The payload as claims, or null when it is not a JSON object with distinct names.</summary>
    public JwtClaims? Claims() => JwtClaims.TryParse(Payload);

    internal static JoseFault ReadHeader(ReadOnlySpan<byte> encoded, out JoseHeader? header)
    {
        header = null;
        if (StrictBase64Url.DecodedLength(encoded.Length) > JoseHeader.MaxLength)
        {
            return JoseFault.TooLong;
        }

        var rented = System.Buffers.ArrayPool<byte>.Shared.Rent(StrictBase64Url.DecodedLength(encoded.Length));
        try
        {
            return StrictBase64Url.TryDecode(encoded, rented, out var length)
                ? JoseHeader.TryParse(rented.AsSpan(0, length), out header)
                : JoseFault.Malformed;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
