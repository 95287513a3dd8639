using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace Castellan.Protocol.Messages;

/// <summary>
/// Text in JSON as it is, but for what RFC 8259 §7 wants escaped: JSON that is never part of a page. The framework's relaxed encoder, which finds what
/// may have to be escaped, escapes characters beyond the first plane too.
/// </summary>
public sealed class PlainJson : JavaScriptEncoder
{
    public static PlainJson Encoder { get; } = new();

    public override int MaxOutputCharactersPerInputCharacter => UnsafeRelaxedJsonEscaping.MaxOutputCharactersPerInputCharacter;

    public override bool WillEncode(int unicodeScalar) => unicodeScalar is < ' ' or '"' or '\\';

    public override int FindFirstCharacterToEncodeUtf8(ReadOnlySpan<byte> utf8Text)
    {
        for (var at = 0; ;)
        {
            var found = UnsafeRelaxedJsonEscaping.FindFirstCharacterToEncodeUtf8(utf8Text[at..]);
            if (found < 0)
            {
                return -1;
            }

            at += found;
            if (Rune.DecodeFromUtf8(utf8Text[at..], out var rune, out var length) != OperationStatus.Done || WillEncode(rune.Value))
            {
                return at;
            }

            at += length;
        }
    }

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        for (var at = 0; ;)
        {
            var found = UnsafeRelaxedJsonEscaping.FindFirstCharacterToEncode(text + at, textLength - at);
            if (found < 0)
            {
                return -1;
            }

            at += found;
            if (Rune.DecodeFromUtf16(new(text + at, textLength - at), out var rune, out var length) != OperationStatus.Done || WillEncode(rune.Value))
            {
                return at;
            }

            at += length;
        }
    }

    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten) =>
        UnsafeRelaxedJsonEscaping.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);
}
