using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Castellan.Protocol.Jose;

/// <summary>A JWK set (RFC 7517 §5).</summary>
public sealed class JwkSet(IReadOnlyList<Jwk> keys)
{
    /// <summary>The longest document that is read.</summary>
    public const int MaxLength = 512 * 1024;

    private const int MaxKeys = 200;

    /// <summary>The keys, those that we cannot use included.</summary>
    public IReadOnlyList<Jwk> Keys => keys;

    /// <summary>Reads a set. Members and keys that are not understood are passed over (§5); a document that is no set is refused.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out JwkSet? set)
    {
        set = null;
        if (json.Length > MaxLength)
        {
            return false;
        }

        using var document = Json.TryParse(json);
        return document is not null && TryParse(document.RootElement, out set);
    }

    /// <summary>Reads a set from a document that was parsed already.</summary>
    public static bool TryParse(JsonElement element, [NotNullWhen(true)] out JwkSet? set)
    {
        set = null;
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array
            || list.GetArrayLength() > MaxKeys)
        {
            return false;
        }

        var keys = new List<Jwk>(list.GetArrayLength());
        foreach (var item in list.EnumerateArray())
        {
            if (Jwk.TryParse(item, out var jwk))
            {
                keys.Add(jwk);
            }
        }

        set = new JwkSet(keys);
        return true;
    }

    /// <summary>Writes the public members of all keys.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("keys");
        foreach (var key in keys)
        {
            key.WriteTo(json);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
