using System.Text.Json;

namespace Castellan.Protocol.Jose;

/// <summary>The claims of a JWT (RFC 7519 §4). Dispose of it when done: the memory is pooled.</summary>
public sealed class JwtClaims : IDisposable
{
    private readonly JsonDocument _document;

    private JwtClaims(JsonDocument document) => _document = document;

    /// <summary>All of them.</summary>
    public JsonElement Root => _document.RootElement;

    /// <summary>Reads a claims set; null when it is not a JSON object with distinct names.</summary>
    public static JwtClaims? TryParse(ReadOnlyMemory<byte> json)
    {
        var document = Json.TryParse(json);
        if (document?.RootElement.ValueKind == JsonValueKind.Object)
        {
            return new JwtClaims(document);
        }

        document?.Dispose();
        return null;
    }

    /// <summary>Whether the claim is there, as whatever value.</summary>
    public bool Has(string name) => Root.TryGetProperty(name, out _);

    /// <summary>The claim as text; null when it is absent or no text.</summary>
    public string? Text(string name) =>
        Root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The claim as a number of seconds (RFC 7519 §2, NumericDate); null when it is absent or no such number.</summary>
    public long? Seconds(string name)
    {
        if (!Root.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Number)
        {
            return null;
        }

        if (value.TryGetInt64(out var whole))
        {
            return whole;
        }

        return value.TryGetDouble(out var real) && Math.Abs(real) < 1e15 ? (long)Math.Floor(real) : null;
    }

    /// <summary>A claim that is one text or a list of them, as <c>aud</c> is; empty when absent, null when it is anything else.</summary>
    public IReadOnlyList<string>? Texts(string name)
    {
        if (!Root.TryGetProperty(name, out var value))
        {
            return [];
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
                [.. value.EnumerateArray().Select(item => item.GetString()!)],
            _ => null,
        };
    }

    /// <summary>Whether the token is for that audience.</summary>
    public bool HasAudience(string audience)
    {
        if (!Root.TryGetProperty("aud", out var value))
        {
            return false;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.ValueEquals(audience);
        }

        return value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && item.ValueEquals(audience));
    }

    /// <inheritdoc/>
    public void Dispose() => _document.Dispose();
}
