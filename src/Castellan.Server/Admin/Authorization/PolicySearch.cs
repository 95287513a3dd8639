using System.Text.Json.Nodes;
using Castellan.Core.Authorization;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authorization;

/// <summary>Finding policies and permissions.</summary>
internal static class PolicySearch
{
    /// <param name="type">Only this type, in its own form.</param>
    /// <param name="permissions">Only permissions, in the form of their type.</param>
    public static async ValueTask<AdminAnswer> ListAsync(AuthorizedClient of, PolicyType? type, bool permissions)
    {
        var context = of.Context;
        IEnumerable<Policy> found = await of.PoliciesAsync();
        var owner = Given("owner");
        found = found.Where(p => owner is null ? p.Representation.Owner is null && p.Type != PolicyTypes.Owners : p.Representation.Owner == owner);
        if (permissions || context.Query("permission") is not null)
        {
            var wanted = permissions || context.Flag("permission");
            found = found.Where(p => p.IsPermission == wanted);
        }

        // Types, too, are looked for by a part: who asks for those about clients gets those about client scopes as well.
        found = Narrow(found, type?.Id ?? Given("type"), static (p, value) => p.Type.Contains(value, StringComparison.OrdinalIgnoreCase));
        found = Narrow(found, Given("policyId"), static (p, value) => p.Id == value);
        found = Narrow(found, Given("name"), static (p, value) => p.Name.Contains(value, StringComparison.OrdinalIgnoreCase));
        found = Narrow(found, Given("resourceType"), static (p, value) => p.ResourceType?.Contains(value, StringComparison.Ordinal) is true);
        if (Given("resource") is { } resource)
        {
            // By its id, or else by a part of its name, which may be that of somebody's.
            if ((await of.FindResourceAsync(resource) ?? (await of.ResourcesAsync(new(Name: resource, Owner: owner), max: 1)).FirstOrDefault())?.Id is not { } id)
            {
                return AdminAnswer.NoContent;
            }

            found = found.Where(p => p.ResourceIds.Contains(id));
        }

        IReadOnlyList<ScopeRepresentation>? scopes = Given("scope") is null && Given("fields") is null ? null : await of.ScopesAsync();
        if (Given("scope") is { } scope)
        {
            if ((scopes!.FirstOrDefault(s => s.Id == scope) ?? scopes!.FirstOrDefault(s => s.Name!.Contains(scope, StringComparison.OrdinalIgnoreCase)))?.Id is not { } id)
            {
                return AdminAnswer.NoContent;
            }

            found = found.Where(p => p.ScopeIds.Contains(id));
        }

        var shown = new JsonArray();
        foreach (var policy in context.Page(found))
        {
            shown.Add((JsonNode)await of.ShowAsync(policy, own: permissions || type is not null, parts: type is null, scopes));
        }

        return AdminAnswer.Json(shown, AdminApiJson.Default.JsonArray);

        string? Given(string name) => context.Query(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;
    }

    /// <param name="own">In the form of its type.</param>
    /// <param name="parts">With what it is about, where that is asked for.</param>
    public static async ValueTask<AdminAnswer> FindAsync(AuthorizedClient of, bool own, bool parts)
    {
        if (of.Context.Query("name") is not { } name)
        {
            return AdminAnswer.Bodyless(400);
        }

        return (await of.PoliciesAsync()).Find(p => p.Name == name) is { } policy
            ? AdminAnswer.Json(await of.ShowAsync(policy, own, parts), AdminApiJson.Default.JsonObject)
            : AdminAnswer.NoContent;
    }

    private static IEnumerable<Policy> Narrow(IEnumerable<Policy> policies, string? value, Func<Policy, string, bool> fits) =>
        value is null ? policies : policies.Where(p => fits(p, value));
}
