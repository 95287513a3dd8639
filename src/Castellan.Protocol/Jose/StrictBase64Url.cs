using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Castellan.Protocol.Jose;

/// <summary>
/// Base64url as RFC 7515 §2 has it: no padding, no white space, and one spelling only for any bytes. The decoder of the class
/// library forgives the first two; a token that can be spelled in two ways slips past whatever remembers tokens by their text.
/// </summary>
public static class StrictBase64Url
{
    private static readonly SearchValues<byte> s_alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    /// <summary>How many characters that many bytes become.</summary>
    public static int EncodedLength(int bytes) => Base64Url.GetEncodedLength(bytes);

    /// <summary>How many bytes that many characters hold.</summary>
    public static int DecodedLength(int characters) => characters / 4 * 3 + (characters % 4) switch { 2 => 1, 3 => 2, _ => 0 };

    /// <summary>The text of these bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>Writes the text of these bytes as ASCII; the destination must be long enough.</summary>
    public static int Encode(ReadOnlySpan<byte> bytes, Span<byte> destination) => Base64Url.EncodeToUtf8(bytes, destination);

    /// <summary>Decodes into <paramref name="destination"/>, or refuses a text that is not the one spelling of its bytes.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> destination, out int written)
    {
        written = 0;
        if (!IsWellFormed(text))
        {
            return false;
        }

        return Base64Url.DecodeFromUtf8(text, destination, out var consumed, out written) == OperationStatus.Done && consumed == text.Length;
    }

    /// <summary>Decodes to a new array, or refuses a text that is not the one spelling of its bytes.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = new byte[DecodedLength(text.Length)];
        if (TryDecode(text, bytes, out var written) && written == bytes.Length)
        {
            return true;
        }

        bytes = null;
        return false;
    }

    /// <summary>Decodes to a new array, or refuses a text that is not the one spelling of its bytes.</summary>
    public static bool TryDecode(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        var ascii = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            bytes = null;
            return System.Text.Ascii.FromUtf16(text, ascii, out var length) == OperationStatus.Done
                && TryDecode(ascii.AsSpan(0, length), out bytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(ascii);
        }
    }

    private static bool IsWellFormed(ReadOnlySpan<byte> text)
    {
        if (text.ContainsAnyExcept(s_alphabet))
        {
            return false;
        }

        // The last character of a partial group carries bits that belong to no byte; they must be zero.
        return (text.Length % 4) switch
        {
            0 => true,
            2 => (Value(text[^1]) & 0b1111) == 0,
            3 => (Value(text[^1]) & 0b11) == 0,
            _ => false,
        };
    }

    private static int Value(byte character) => character switch
    {
        >= (byte)'A' and <= (byte)'Z' => character - 'A',
        >= (byte)'a' and <= (byte)'z' => character - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => character - '0' + 52,
        (byte)'-' => 62,
        _ => 63,
    };
}
