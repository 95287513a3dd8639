namespace Castellan.Core.Login;

/// <summary>The steps and conditions that flows may name. A host of its own adds to the lists.</summary>
public sealed class LoginSteps(IEnumerable<ILoginStep> steps, IEnumerable<ILoginCondition> conditions)
{
    private readonly Dictionary<string, ILoginStep> _steps = steps.ToDictionary(s => s.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, ILoginCondition> _conditions = conditions.ToDictionary(c => c.Id, StringComparer.Ordinal);

    public ILoginStep? Find(string? id) => id is null ? null : _steps.GetValueOrDefault(id);

    public ILoginCondition? FindCondition(string? id) => id is null ? null : _conditions.GetValueOrDefault(id);
}
