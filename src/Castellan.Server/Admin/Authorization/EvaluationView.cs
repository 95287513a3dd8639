using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Authorization;
using Castellan.Core.Authorization.Evaluation;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authorization;

/// <summary>How an evaluation is told.</summary>
internal sealed class EvaluationView(AuthorizedClient of, IReadOnlyList<ScopeRepresentation> scopes)
{
    private readonly Dictionary<string, string?> _resourceNames = new(StringComparer.Ordinal);

    public async ValueTask<JsonObject> ShowAsync(IReadOnlyList<PermissionAnswer> answers, JsonObject claims)
    {
        var results = new JsonArray();
        foreach (var answer in answers.OrderBy(a => a.Resource?.Name, StringComparer.Ordinal))
        {
            results.Add((JsonNode)await ResultAsync(answer));
        }

        claims["authorization"] = new JsonObject { ["permissions"] = new JsonArray([.. answers.Where(a => a.Granted).Select(Permission)]) };
        return new()
        {
            ["results"] = results,
            ["entitlements"] = false,
            ["status"] = Word(answers.All(a => a.Granted)),
            ["rpt"] = claims,
        };
    }

    public static string Word(bool permits) => permits ? "PERMIT" : "DENY";

    private static JsonObject Permission(PermissionAnswer answer)
    {
        var permission = new JsonObject();
        if (answer.Resource is { } resource)
        {
            (permission["rsid"], permission["rsname"]) = (resource.Id, resource.Name);
        }

        if (answer.Scopes.Count > 0)
        {
            permission["scopes"] = PolicyViews.Texts(answer.Scopes.Select(s => s.Name!));
        }

        return permission;
    }

    public static JsonArray Scopes(IEnumerable<ScopeRepresentation> scopes) =>
        new([.. scopes.Select(s => JsonSerializer.SerializeToNode(new ScopeRepresentation { Id = s.Id, Name = s.Name }, AdminJson.Default.ScopeRepresentation))]);

    private async ValueTask<JsonObject> ResultAsync(PermissionAnswer answer)
    {
        var names = $"[{string.Join(", ", answer.Scopes.Select(s => s.Name))}]";
        var resource = new JsonObject();
        if (answer.Resource is { } found)
        {
            resource["_id"] = found.Id;
            resource["name"] = answer.Scopes.Count > 0 ? $"{found.Name} with scopes {names}" : found.Name;
        }
        else
        {
            resource["name"] = $"Any Resource with Scopes {names}";
        }

        var policies = new JsonArray();
        foreach (var decision in answer.Decisions)
        {
            policies.Add((JsonNode)await DecisionAsync(answer, decision));
        }

        return new()
        {
            ["resource"] = resource, ["scopes"] = Scopes(answer.Scopes), ["policies"] = policies, ["status"] = Word(answer.Granted),
            ["allowedScopes"] = Scopes(answer.Granted ? answer.Scopes : []), ["deniedScopes"] = new JsonArray(),
        };
    }

    /// <param name="answer">What the permission is about; null where that does not count.</param>
    public async ValueTask<JsonObject> DecisionAsync(PermissionAnswer? answer, PermissionDecision decision)
    {
        var applied = new JsonArray();
        foreach (var one in decision.Applied)
        {
            applied.Add((JsonNode)Decided(await PolicyAsync(one.Policy, null), one.Permits, one.Policy, []));
        }

        // A permission on a resource is about every scope that the resource has.
        var covered = decision.Permission.Type == "resource" ? answer?.Resource?.ScopeIds : null;
        return Decided(await PolicyAsync(decision.Permission, covered), decision.Permits, decision.Permission, applied);
    }

    private JsonObject Decided(JsonObject shown, bool permits, Policy policy, JsonArray applied) => new()
    {
        ["policy"] = shown, ["status"] = Word(permits), ["associatedPolicies"] = applied, ["scopes"] = permits ? new JsonArray() : Names(policy.ScopeIds),
    };

    private async ValueTask<JsonObject> PolicyAsync(Policy policy, IReadOnlyList<string>? covered)
    {
        var shown = (JsonObject)JsonSerializer.SerializeToNode(PolicyViews.General(policy, config: false), AdminJson.Default.PolicyRepresentation)!;
        shown["logic"] = "POSITIVE";
        var resources = new List<string>();
        foreach (var id in policy.ResourceIds)
        {
            if (!_resourceNames.TryGetValue(id, out var name))
            {
                _resourceNames[id] = name = (await of.FindResourceAsync(id))?.Name;
            }

            if (name is not null)
            {
                resources.Add(name);
            }
        }

        (shown["resources"], shown["scopes"]) = (PolicyViews.Texts(resources), Names(covered ?? policy.ScopeIds));
        return shown;
    }

    private JsonArray Names(IReadOnlyList<string> ids) => PolicyViews.Texts(scopes.Where(s => ids.Contains(s.Id!)).Select(s => s.Name!));
}
