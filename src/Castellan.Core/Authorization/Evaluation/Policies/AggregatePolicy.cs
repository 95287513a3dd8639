namespace Castellan.Core.Authorization.Evaluation.Policies;

/// <summary>What its policies decide together.</summary>
internal sealed class AggregatePolicy : IPolicyRule
{
    public string Type => "aggregate";

    public async ValueTask<bool?> HoldsAsync(Policy policy, PolicyContext context, Func<string, ValueTask<bool?>> decide, CancellationToken ct)
    {
        var decisions = new List<bool>();
        foreach (var id in policy.PolicyIds)
        {
            if (await decide(id) is { } decided)
            {
                decisions.Add(decided);
            }
        }

        return decisions.Count > 0 && policy.Strategy.Permits(decisions);
    }
}
