using System.Text.Json;
using System.Text.Json.Serialization;

namespace Castellan.Core.Representations;

/// <summary>Reads attributes of users as Keycloak does: a single text stands for a list of one.</summary>
public sealed class LenientLists : JsonConverter<Dictionary<string, List<string>>>
{
    private static readonly LenientString s_text = new();

    public override Dictionary<string, List<string>> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Attributes are an object.");
        }

        var lists = new Dictionary<string, List<string>>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            var values = lists[name] = [];
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                Add(values, ref reader, options);
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                Add(values, ref reader, options);
            }
        }

        return lists;
    }

    public override void Write(Utf8JsonWriter writer, Dictionary<string, List<string>> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, values) in value)
        {
            writer.WriteStartArray(name);
            foreach (var text in values)
            {
                writer.WriteStringValue(text);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void Add(List<string> values, ref Utf8JsonReader reader, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.Null && s_text.Read(ref reader, typeof(string), options) is { } text)
        {
            values.Add(text);
        }
    }
}
