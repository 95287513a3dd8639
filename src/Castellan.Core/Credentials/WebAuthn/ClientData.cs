using System.Text.Json;

namespace Castellan.Core.Credentials.WebAuthn;

/// <summary>What the browser says of the call (Web Authentication Level 3 §5.8.1).</summary>
internal sealed record ClientData(string Type, string Challenge, string Origin)
{
    public static ClientData? Read(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            var root = document.RootElement;
            return Text(root, "type") is { } type && Text(root, "challenge") is { } challenge && Text(root, "origin") is { } origin ? new(type, challenge, origin) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
