using System.Globalization;
using System.Text.Json;

namespace Castellan.Core.Clients.Policies;

/// <summary>The configuration of a condition or an executor. Truth values and numbers come as such or as texts; what is of another kind counts as absent.</summary>
public readonly record struct PolicySettings(JsonElement? Configuration)
{
    public bool Flag(string name, bool otherwise = false) => Find(name) is { } value
        ? value.ValueKind == JsonValueKind.True || (value.ValueKind == JsonValueKind.String && string.Equals(value.GetString(), "true", StringComparison.OrdinalIgnoreCase))
        : otherwise;

    public string? Text(string name) => Find(name) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetDouble().ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    public IReadOnlyList<string> Texts(string name) => Find(name) switch
    {
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)],
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        _ => [],
    };

    private JsonElement? Find(string name) =>
        Configuration is { ValueKind: JsonValueKind.Object } all && all.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
