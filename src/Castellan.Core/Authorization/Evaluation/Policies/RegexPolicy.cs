using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Castellan.Core.Authorization.Evaluation.Policies;

/// <summary>A claim, or an attribute that was pushed, matches whole. A name with dots leads into an object.</summary>
internal sealed class RegexPolicy : IPolicyRule
{
    /// <summary>An expression that takes longer is one that was made to.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(250);

    /// <summary>A longer value is not looked at.</summary>
    private const int LongestValue = 4 * 1024;

    public string Type => "regex";

    public ValueTask<bool?> HoldsAsync(Policy policy, PolicyContext context, Func<string, ValueTask<bool?>> decide, CancellationToken ct)
    {
        var (target, pattern) = (policy.Config("targetClaim"), policy.Config("pattern"));
        if (string.IsNullOrEmpty(target) || pattern is null || Value(policy, context, target) is not { } value)
        {
            return new(false);
        }

        if (value.Length > LongestValue)
        {
            return default;
        }

        try
        {
            return new(Regex.IsMatch(value, $@"\A(?:{pattern})\z", RegexOptions.CultureInvariant, s_patience));
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            return default;
        }
    }

    private static string? Value(Policy policy, PolicyContext context, string target)
    {
        var path = Path(target);
        if (policy.Config("targetContextAttributes") == "true")
        {
            return path.Count == 1 && context.Attributes.GetValueOrDefault(path[0]) is [var first, ..] ? first : null;
        }

        if (PolicyContext.Member(context.Claims, path[0]) is not { } at)
        {
            return null;
        }

        if (path.Count == 1)
        {
            return at.ValueKind == JsonValueKind.Array ? at.EnumerateArray().Select(PolicyContext.Text).FirstOrDefault() : PolicyContext.Text(at);
        }

        foreach (var name in path.Skip(1))
        {
            if (Step(at, name) is not { } member)
            {
                return null;
            }

            at = member;
        }

        return at.ValueKind == JsonValueKind.Array ? Written(at) : PolicyContext.Text(at)?.Trim() is { Length: > 0 } text ? text : null;
    }

    /// <summary>The names between the dots. A backslash takes what a character means.</summary>
    private static List<string> Path(string target)
    {
        var (names, name) = (new List<string>(), new StringBuilder());
        for (var i = 0; i < target.Length; i++)
        {
            if (target[i] == '.' && name.Length > 0)
            {
                names.Add(name.ToString());
                name.Clear();
            }
            else
            {
                name.Append(target[i] == '\\' && i + 1 < target.Length ? target[++i] : target[i]);
            }
        }

        names.Add(name.ToString());
        return names;
    }

    /// <summary>A member, or with <c>name[2]</c> what stands at this place of its list.</summary>
    private static JsonElement? Step(JsonElement at, string name)
    {
        var bracket = name.IndexOf('[', StringComparison.Ordinal);
        if (!name.EndsWith(']') || bracket < 0)
        {
            return PolicyContext.Member(at, name);
        }

        return int.TryParse(name.AsSpan(bracket + 1, name.Length - bracket - 2), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var place)
            && PolicyContext.Member(at, name[..bracket].Trim()) is { ValueKind: JsonValueKind.Array } list && place < list.GetArrayLength()
            ? list[place]
            : null;
    }

    /// <summary>The texts of a list that lies inside a claim, as people's patterns know it: in brackets, one after the other.</summary>
    private static string? Written(JsonElement list)
    {
        var texts = list.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()).ToList();
        return texts.Count > 0 ? $"[{string.Join(", ", texts)}]" : null;
    }
}
