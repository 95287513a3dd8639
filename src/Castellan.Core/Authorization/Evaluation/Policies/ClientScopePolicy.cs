namespace Castellan.Core.Authorization.Evaluation.Policies;

/// <summary>The token has one of the scopes, and each that is required.</summary>
internal sealed class ClientScopePolicy : IPolicyRule
{
    public string Type => "client-scope";

    public ValueTask<bool?> HoldsAsync(Policy policy, PolicyContext context, Func<string, ValueTask<bool?>> decide, CancellationToken ct)
    {
        var granted = (context.Claim("scope") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        return new(RolePolicy.Some(
            PolicyReferences.Read(policy.Config("clientScopes")), reference => context.Realm.FindScopeById(reference.Id) is { } scope && granted.Contains(scope.Name)));
    }
}
