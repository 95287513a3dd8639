namespace Castellan.Core.Authorization;

/// <summary>How several decisions become one.</summary>
public enum DecisionStrategy
{
    /// <summary>None of them denies.</summary>
    Unanimous,

    /// <summary>One of them permits.</summary>
    Affirmative,

    /// <summary>More of them permit than deny.</summary>
    Consensus,
}

/// <summary>Decision strategies as they are written, and what they make of decisions.</summary>
public static class DecisionStrategies
{
    /// <summary>The words for strategies of policies. A resource server has no consensus.</summary>
    public static readonly IReadOnlyList<string> OfPolicies = ["UNANIMOUS", "AFFIRMATIVE", "CONSENSUS"];

    public static readonly IReadOnlyList<string> OfServers = ["UNANIMOUS", "AFFIRMATIVE"];

    /// <summary>The words for how a resource server enforces.</summary>
    public static readonly IReadOnlyList<string> EnforcementModes = ["ENFORCING", "PERMISSIVE", "DISABLED"];

    public static readonly IReadOnlyList<string> Logics = ["POSITIVE", "NEGATIVE"];

    public static DecisionStrategy Read(string? word) => word switch
    {
        "AFFIRMATIVE" => DecisionStrategy.Affirmative,
        "CONSENSUS" => DecisionStrategy.Consensus,
        _ => DecisionStrategy.Unanimous,
    };

    /// <summary>The one decision. A tie is no consensus.</summary>
    public static bool Permits(this DecisionStrategy strategy, IReadOnlyCollection<bool> decisions) => strategy switch
    {
        DecisionStrategy.Affirmative => decisions.Contains(true),
        DecisionStrategy.Consensus => decisions.Count(d => d) > decisions.Count(d => !d),
        _ => !decisions.Contains(false),
    };
}
