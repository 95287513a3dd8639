using System.Text.Json;
using System.Text.Json.Serialization;

namespace Castellan.Storage;

/// <summary>
/// Strings that are in many documents, once. A thousand realms have the same names of scopes, mappers, flows and settings, which make up two thirds
/// of what a realm takes in memory. A table of fixed size in which a newer string takes the place of an older one: whoever looks finds a string that
/// is equal, or makes one; threads that get in each other's way lose nothing but a string.
/// </summary>
internal static class KnownStrings
{
    private const int Size = 1 << 14;
    private const int MaxLength = 128;

    /// <summary>A UUID, which is in few documents.</summary>
    private const int IdLength = 36;

    private static readonly string?[] s_known = new string?[Size];

    public static string Of(string text) => IsWorthIt(text.Length) ? Find(text, text) : text;

    /// <summary>The string at which the reader stands.</summary>
    public static string Of(ref Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueIsEscaped || !IsWorthIt(reader.ValueSpan.Length))
        {
            return reader.GetString()!;
        }

        Span<char> text = stackalloc char[MaxLength];
        return Find(text[..reader.CopyString(text)], null);
    }

    private static bool IsWorthIt(int length) => length is > 0 and <= MaxLength and not IdLength;

    private static string Find(ReadOnlySpan<char> text, string? made)
    {
        ref var place = ref s_known[(uint)string.GetHashCode(text) % Size];
        var known = place;
        return known is not null && text.SequenceEqual(known) ? known : place = made ?? new(text);
    }
}

/// <summary>Reads strings and names of members of dictionaries by <see cref="KnownStrings"/>.</summary>
internal sealed class KnownStringConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? KnownStrings.Of(ref reader) : reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => KnownStrings.Of(ref reader);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);
}
