using Castellan.Core.Authorization.Evaluation.Policies;

namespace Castellan.Core.Authorization.Evaluation;

/// <summary>Decides by one type of policy.</summary>
public interface IPolicyRule
{
    /// <summary>The type of policy, as <see cref="PolicyTypes"/> has it.</summary>
    string Type { get; }

    /// <summary>Whether what the policy asks for is so; its logic is applied afterwards. Null when that cannot be said, which denies whatever the logic.</summary>
    /// <param name="decide">Decides another policy, for those that hang on others.</param>
    ValueTask<bool?> HoldsAsync(Policy policy, PolicyContext context, Func<string, ValueTask<bool?>> decide, CancellationToken ct);
}

/// <summary>What the policies of a resource server decide for one who asks. Each is decided once, however many permissions apply it.</summary>
public sealed class PolicyDecisions(IEnumerable<Policy> policies, PolicyContext context)
{
    /// <summary>One line for each type.</summary>
    private static readonly Dictionary<string, IPolicyRule> s_rules = new IPolicyRule[]
    {
        new RolePolicy(), new UserPolicy(), new ClientPolicy(), new GroupPolicy(), new ClientScopePolicy(), new RegexPolicy(), new TimePolicy(), new AggregatePolicy(),
    }.ToDictionary(r => r.Type, StringComparer.Ordinal);

    private readonly Dictionary<string, Policy> _policies = policies.ToDictionary(p => p.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _decided = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly HashSet<string> _undecided = new(StringComparer.Ordinal);

    /// <summary>What a permission decides by the policies that it applies; null when it applies none.</summary>
    public async ValueTask<PermissionDecision?> DecideAsync(Policy permission, CancellationToken ct)
    {
        var applied = new List<AppliedPolicy>();
        foreach (var id in permission.PolicyIds)
        {
            if (await DecideAsync(id, ct) is { } permits)
            {
                applied.Add(new(_policies[id], permits));
            }
        }

        return applied.Count > 0 ? new(permission, permission.Strategy.Permits([.. applied.Select(a => a.Permits)]), applied) : null;
    }

    /// <summary>What a policy decides; null when there is none of this id. A policy that hangs on itself denies.</summary>
    public async ValueTask<bool?> DecideAsync(string id, CancellationToken ct)
    {
        if (!_policies.TryGetValue(id, out var policy))
        {
            return null;
        }

        if (_decided.TryGetValue(id, out var known))
        {
            return known;
        }

        if (!_open.Add(id))
        {
            _undecided.Add(id);
            return false;
        }

        var hangsOnUndecided = false;
        var holds = s_rules.TryGetValue(policy.Type, out var rule) ? await rule.HoldsAsync(policy, context, PartAsync, ct) : null;
        _open.Remove(id);

        // What cannot be decided denies. Turned round further up it would permit, so that what it made false cannot be decided either.
        if (holds is null || (holds is false && hangsOnUndecided))
        {
            _undecided.Add(id);
            return _decided[id] = false;
        }

        return _decided[id] = holds != policy.IsNegative;

        async ValueTask<bool?> PartAsync(string part)
        {
            var decided = await DecideAsync(part, ct);
            hangsOnUndecided |= _undecided.Contains(part);
            return decided;
        }
    }
}
