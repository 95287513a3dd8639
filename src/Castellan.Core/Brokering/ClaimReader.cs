using System.Text.Json;
using System.Text.RegularExpressions;

namespace Castellan.Core.Brokering;

/// <summary>Finds claims in what a provider said. <c>a.b</c> is <c>b</c> inside <c>a</c>; a backslash before a dot makes it part of the name.</summary>
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

    /// <summary>A claim of one JSON object; null for one that is absent or <c>null</c>.</summary>
    public static JsonElement? Find(JsonElement claims, string name)
    {
        var at = claims;
        foreach (var part in Dots().Split(name).Select(p => p.Replace("\\.", ".", StringComparison.Ordinal)))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(part, out at))
            {
                return null;
            }
        }

        return at.ValueKind == JsonValueKind.Null ? null : at;
    }

    /// <summary>A claim as one text.</summary>
    public static string? Text(JsonElement claims, string name) => Find(claims, name) is { } value && Values(value) is [{ Length: > 0 } first, ..] ? first : null;

    /// <summary>Whether every listed claim has the value listed with it, as a text or as a pattern for the whole of it.</summary>
    public static bool Fit(BrokeredIdentity identity, string? list, bool patterns)
    {
        List<ClaimValue>? wanted;
        try
        {
            wanted = list is null ? null : JsonSerializer.Deserialize(list, BrokeringJson.Default.ListClaimValue);
        }
        catch (JsonException)
        {
            return false;
        }

        return wanted is not null && wanted.TrueForAll(w => Find(identity, w.Key) is { } values && values.Exists(v => patterns ? Matches(v, w.Value ?? "") : v == w.Value));
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
