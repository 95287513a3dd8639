using System.Text.Json;
using System.Text.Json.Serialization;

namespace Castellan.Core.Representations;

/// <summary>Reads the scopes of a protected resource: objects, or their names alone.</summary>
public sealed class LenientScopes : JsonConverter<List<ScopeRepresentation>>
{
    public override List<ScopeRepresentation> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("Scopes are a list.");
        }

        var scopes = new List<ScopeRepresentation>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            scopes.Add(reader.TokenType == JsonTokenType.String
                ? new() { Name = reader.GetString() }
                : JsonSerializer.Deserialize(ref reader, AdminJson.Default.ScopeRepresentation) ?? throw new JsonException("A scope is null."));
        }

        return scopes;
    }

    public override void Write(Utf8JsonWriter writer, List<ScopeRepresentation> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var scope in value)
        {
            JsonSerializer.Serialize(writer, scope, AdminJson.Default.ScopeRepresentation);
        }

        writer.WriteEndArray();
    }
}
