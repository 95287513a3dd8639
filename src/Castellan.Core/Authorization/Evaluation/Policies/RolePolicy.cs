using Castellan.Core.Roles;
using Castellan.Core.Tokens;

namespace Castellan.Core.Authorization.Evaluation.Policies;

/// <summary>One of the roles, and each that is required. Roles are the token's, or the person's when the policy says so.</summary>
internal sealed class RolePolicy : IPolicyRule
{
    public string Type => "role";

    public ValueTask<bool?> HoldsAsync(Policy policy, PolicyContext context, Func<string, ValueTask<bool?>> decide, CancellationToken ct)
    {
        var own = policy.Config("fetchRoles") == "true" ? GrantedRoles.Of(context.Realm, context.User).Select(r => r.Id).ToHashSet(StringComparer.Ordinal) : null;
        return new(Some(PolicyReferences.Read(policy.Config("roles")), reference => context.Realm.Roles.Find(reference.Id) is { } role && Has(role)));

        bool Has(Role role) => own is null ? context.TokenHasRole(role.ClientName, role.Name) : own.Contains(role.Id);
    }

    /// <summary>Whether one holds, and each that is marked.</summary>
    internal static bool Some(IReadOnlyList<PolicyReferences.Reference> references, Func<PolicyReferences.Reference, bool> holds)
    {
        var any = false;
        foreach (var reference in references)
        {
            var one = holds(reference);
            if (!one && reference.Marked)
            {
                return false;
            }

            any |= one;
        }

        return any;
    }
}
