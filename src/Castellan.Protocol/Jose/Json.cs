using System.Text.Json;
using System.Text.Unicode;
using Castellan.Protocol.Messages;

namespace Castellan.Protocol.Jose;

/// <summary>How JSON is read and written in JOSE objects.</summary>
internal static class Json
{
    /// <summary>Nothing is escaped that JSON does not want escaped: the text never meets a browser as a page.</summary>
    public static readonly JsonWriterOptions Compact = new() { Encoder = PlainJson.Encoder, MaxDepth = 64 };

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <summary>
    /// Reads a text of which every string can be had: distinct names (RFC 7515 §4, RFC 7519 §4), little depth, well-formed UTF-8
    /// and no half of a surrogate pair. The document itself would find the last two only when the string is asked for, by throwing.
    /// </summary>
    public static JsonDocument? TryParse(ReadOnlyMemory<byte> json)
    {
        if (!Utf8.IsValid(json.Span))
        {
            return null;
        }

        try
        {
            if (json.Span.IndexOf("\\u"u8) >= 0)
            {
                ReadAllStrings(json.Span);
            }

            return JsonDocument.Parse(json, s_strict);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // InvalidOperationException: half of a pair
        }
    }

    private static void ReadAllStrings(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 32 });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                _ = reader.GetString();
            }
        }
    }
}
