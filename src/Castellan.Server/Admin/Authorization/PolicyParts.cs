using Castellan.Core.Authorization;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authorization;

/// <summary>What hangs on a policy: the policies that it applies, those that apply it, and what a permission is about.</summary>
internal static class PolicyParts
{
    public static IReadOnlyList<(string Path, Func<AuthorizedClient, Policy, ValueTask<AdminAnswer>> Show)> All { get; } =
    [
        ("associatedPolicies", async (of, policy) => Policies((await of.PoliciesAsync()).Where(p => policy.PolicyIds.Contains(p.Id)), PolicyViews.Described)),
        ("dependentPolicies", async (of, policy) => Policies((await of.PoliciesAsync()).Where(p => p.PolicyIds.Contains(policy.Id)), PolicyViews.Named)),
        ("resources", ResourcesAsync),
        ("scopes", async (of, policy) => AdminAnswer.Json(
            [.. (await of.ScopesAsync()).Where(s => policy.ScopeIds.Contains(s.Id!)).Select(s => new ScopeRepresentation { Id = s.Id, Name = s.Name })],
            AdminJson.Default.ListScopeRepresentation)),
    ];

    private static AdminAnswer Policies(IEnumerable<Policy> policies, Func<Policy, PolicyRepresentation> show) =>
        AdminAnswer.Json([.. policies.Select(show)], AdminJson.Default.ListPolicyRepresentation);

    private static async ValueTask<AdminAnswer> ResourcesAsync(AuthorizedClient of, Policy policy)
    {
        var shown = new List<ResourceRepresentation>();
        foreach (var id in policy.ResourceIds)
        {
            if (await of.FindResourceAsync(id) is { } resource)
            {
                var named = ResourceViews.Named(resource);
                named.DisplayName = of.IsOfAdministrators && policy.ResourceType is { } type
                    ? await AdministratorPermissions.NameAsync(of, type, resource.Name) ?? type
                    : resource.Representation.DisplayName;
                shown.Add(named);
            }
        }

        return AdminAnswer.Json(shown, AdminJson.Default.ListResourceRepresentation);
    }
}
