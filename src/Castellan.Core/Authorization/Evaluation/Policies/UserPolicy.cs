namespace Castellan.Core.Authorization.Evaluation.Policies;

/// <summary>One of these people.</summary>
internal sealed class UserPolicy : IPolicyRule
{
    public string Type => "user";

    public ValueTask<bool?> HoldsAsync(Policy policy, PolicyContext context, Func<string, ValueTask<bool?>> decide, CancellationToken ct) =>
        new(PolicyReferences.Texts(policy.Config("users")).Contains(context.User.Id));
}
