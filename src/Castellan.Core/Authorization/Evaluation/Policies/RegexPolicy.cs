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
        var path = target.Split('.');
        if (policy.Config("targetContextAttributes") == "true")
        {
            return path.Length == 1 && context.Attributes.GetValueOrDefault(target) is [var first, ..] ? first : null;
        }

        var at = context.Claims;
        foreach (var name in path)
        {
            if (PolicyContext.Member(at, name) is not { } member)
            {
                return null;
            }

            at = member;
        }

        return at.ValueKind == JsonValueKind.Array ? at.EnumerateArray().Select(PolicyContext.Text).FirstOrDefault() : PolicyContext.Text(at);
    }
}
