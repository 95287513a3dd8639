using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Castellan.Core.Brokering;

/// <summary>Finds claims in what a provider said. <c>a.b</c> is <c>b</c> inside <c>a</c>; a backslash before a dot makes it part of the name, and <c>a[0]</c> is the first of a list.</summary>
public static partial class ClaimReader
{
    /// <summary>The values of a claim, those of a list one by one; null when nothing says it.</summary>
    public static List<string>? Find(BrokeredIdentity identity, string? name)
    {
        if (name is not { Length: > 0 })
        {
            return null;
        }

        foreach (var claims in identity.Claims)
        {
            if (Find(claims, name) is { } value)
            {
                return Values(value);
            }
        }

        return null;
    }

    /// <summary>A claim that is one text, and no number or list; null for any other.</summary>
    public static string? FindText(BrokeredIdentity identity, string name) =>
        identity.Claims.Select(c => Find(c, name)).FirstOrDefault(v => v is not null) is { ValueKind: JsonValueKind.String } value && Values(value) is [var text] ? text : null;

    /// <summary>A claim of one JSON object; null for one that is absent or <c>null</c>.</summary>
    public static JsonElement? Find(JsonElement claims, string name)
    {
        var at = claims;
        foreach (var part in Dots().Split(name).Select(p => p.Replace("\\.", ".", StringComparison.Ordinal)))
        {
            if (at.ValueKind != JsonValueKind.Object || (!at.TryGetProperty(part, out var member) && !TryIndex(at, part, out member)))
            {
                return null;
            }

            at = member;
        }

        return at.ValueKind == JsonValueKind.Null ? null : at;
    }

    /// <summary>A claim as one text.</summary>
    public static string? Text(JsonElement claims, string name) => Find(claims, name) is { } value && Values(value) is [{ Length: > 0 } first, ..] ? first : null;

    /// <summary>Whether every listed claim has the value listed with it, as a text or as a pattern for the whole of it.</summary>
    public static bool Fit(BrokeredIdentity identity, string? list, bool patterns) =>
        Listed(list) is { } wanted && wanted.TrueForAll(w => Find(identity, w.Key) is { } values && values.Exists(v => patterns ? Matches(v, w.Value ?? "") : v == w.Value));

    /// <summary>The pairs that a setting of a mapper lists, none where it is not set; null when they cannot be read.</summary>
    public static List<ClaimValue>? Listed(string? json)
    {
        try
        {
            return json is null ? [] : JsonSerializer.Deserialize(json, BrokeringJson.Default.ListClaimValue);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a pattern fits the whole of a text. A pattern that cannot be judged fits nothing.</summary>
    public static bool Matches(string value, string pattern)
    {
        try
        {
            return Regex.IsMatch(value, $@"\A(?:{pattern})\z", RegexOptions.None, TimeSpan.FromMilliseconds(50));
        }
        catch (Exception failed) when (failed is ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>One of a list: <c>name[2]</c>.</summary>
    private static bool TryIndex(JsonElement parent, string part, out JsonElement member)
    {
        member = default;
        var bracket = part.IndexOf('[', StringComparison.Ordinal);
        if (bracket < 0 || !part.EndsWith(']') || !int.TryParse(part.AsSpan(bracket + 1, part.Length - bracket - 2).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            || !parent.TryGetProperty(part[..bracket].Trim(), out var list) || list.ValueKind != JsonValueKind.Array || index >= list.GetArrayLength())
        {
            return false;
        }

        member = list[index];
        return true;
    }

    // PostgreSQL keeps no zero: a text with one is none.
    private static List<string> Values(JsonElement value) => (value.ValueKind switch
    {
        JsonValueKind.Array => [.. value.EnumerateArray().Where(v => v.ValueKind != JsonValueKind.Null).Select(v => v.ToString())],
        JsonValueKind.True => ["true"],
        JsonValueKind.False => ["false"],
        _ => (List<string>)[value.ToString()],
    }).FindAll(v => !v.Contains('\0', StringComparison.Ordinal));

    [GeneratedRegex(@"(?<!\\)\.")]
    private static partial Regex Dots();
}
