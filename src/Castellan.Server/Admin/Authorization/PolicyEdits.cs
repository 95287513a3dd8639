using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core;
using Castellan.Core.Authorization;
using Castellan.Core.Authorization.Evaluation.Policies;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authorization;

/// <summary>A policy that was read from the form of its type, and what the answer shows of it.</summary>
internal sealed record PolicyEdit(Policy Policy, JsonObject Shown);

/// <summary>Reads policies and permissions in the form of their type.</summary>
internal sealed class PolicyEdits(AuthorizedClient of, PolicyType type, ResourceServerContents contents)
{
    private static readonly string[] s_common =
        ["id", "name", "description", "type", "logic", "decisionStrategy", "owner", "resources", "scopes", "policies", "resourceType", "resourcesData", "scopesData", "config"];

    private readonly Dictionary<string, string?> _config = new(StringComparer.Ordinal);
    private AdminAnswer? _refusal;

    /// <param name="given">What was sent.</param>
    /// <param name="before">The policy that is changed; null for a new one.</param>
    public async ValueTask<Read<PolicyEdit>> ReadAsync(JsonObject given, Policy? before)
    {
        var name = Text(given["name"]);
        var (logic, strategy) = (Text(given["logic"]) ?? "POSITIVE", Text(given["decisionStrategy"]) ?? "UNANIMOUS");
        if (!DecisionStrategies.Logics.Contains(logic) || !DecisionStrategies.OfPolicies.Contains(strategy)
            || given.Any(m => !s_common.Contains(m.Key) && type.Members.All(known => known.Name != m.Key)))
        {
            return AdminAnswer.CannotParse;
        }

        if (string.IsNullOrEmpty(name))
        {
            return AuthorizedClient.NoName;
        }

        var shown = new JsonObject { ["name"] = name };
        if (Text(given["description"]) is { } description)
        {
            shown["description"] = description;
        }

        (shown["type"], shown["logic"], shown["decisionStrategy"]) = (type.Id, logic, strategy);
        foreach (var member in type.Members)
        {
            await TakeAsync(member, given[member.Name], before, shown);
        }

        var resources = await LinksAsync("resources", "Resource", before?.ResourceIds, async text => (contents.FindResource(of.Client.Id, text) ?? await of.ResourceAsync(text))?.Id);
        var scopes = await LinksAsync("scopes", "Scope", before?.ScopeIds, text => new(contents.FindScope(text)?.Id));
        var policies = await LinksAsync("policies", "Policy", before?.PolicyIds, text => new(contents.FindPolicy(text)?.Id));
        CheckTimes();
        CheckLoop(before, policies);
        if (_refusal is not null)
        {
            return _refusal;
        }

        var id = before?.Id ?? (Text(given["id"]) is { Length: > 0 } chosen ? chosen : Ids.New());
        shown["id"] = id;
        return new PolicyEdit(
            new(
                new()
                {
                    Id = id, Name = name, Description = Text(given["description"]), Type = type.Id, Logic = logic, DecisionStrategy = strategy,
                    Owner = before?.Representation.Owner, Config = _config,
                },
                resources, scopes, policies),
            shown);

        async ValueTask<IReadOnlyList<string>> LinksAsync(string list, string what, IReadOnlyList<string>? kept, Func<string, ValueTask<string?>> find)
        {
            if (given[list] is not JsonArray named)
            {
                return kept ?? [];
            }

            var ids = new List<string>();
            foreach (var text in named.Select(Text).OfType<string>().Where(t => t.Length > 0))
            {
                if (await find(text) is not { } found)
                {
                    _refusal ??= Unknown($"{what} with id or name [{text}] does not exist");
                }
                else if (!ids.Contains(found))
                {
                    ids.Add(found);
                }
            }

            shown[list] = PolicyViews.Texts(ids);
            return ids;
        }
    }

    private static AdminAnswer Unknown(string what) => AdminAnswer.Error(400, "invalid_request", what);

    private static string? Text(JsonNode? node) => node is JsonValue value ? value.ToString() : null;

    /// <summary>One of the two moments alone is not looked at, as in Keycloak: it then counts as none.</summary>
    private void CheckTimes()
    {
        if (_config.GetValueOrDefault("nbf") is not { } from || _config.GetValueOrDefault("noa") is not { } until)
        {
            return;
        }

        foreach (var text in (string[])[from, until])
        {
            if (TimePolicy.Moment(text) is null)
            {
                _refusal ??= AdminAnswer.Error(400, $"Unable not parse a date using format [{text}]");
            }
        }

        if (TimePolicy.Moment(until) < TimePolicy.Moment(from))
        {
            _refusal ??= AdminAnswer.Error(400, "Expire time can't be set to a date before start time");
        }
    }

    /// <summary>An aggregated policy that hung on itself could decide nothing.</summary>
    private void CheckLoop(Policy? before, IReadOnlyList<string> policies)
    {
        if (before is null || type.Id != "aggregate")
        {
            return;
        }

        var (open, seen) = (new Stack<string>(policies), new HashSet<string>(StringComparer.Ordinal));
        while (open.TryPop(out var id))
        {
            if (id == before.Id)
            {
                _refusal ??= Unknown($"Circular reference found [{before.Name}].");
            }
            else if (seen.Add(id) && contents.FindPolicy(id) is { Type: "aggregate" } part)
            {
                part.PolicyIds.ToList().ForEach(open.Push);
            }
        }
    }

    private async ValueTask TakeAsync(PolicyMember member, JsonNode? given, Policy? before, JsonObject shown)
    {
        // Where the roles come from and which claim names the groups stays until something else is said.
        if (given is null && member.Name is "fetchRoles" or "groupsClaim" && before?.Config(member.Setting) is { } kept)
        {
            _config[member.Setting] = kept;
        }

        switch (member.Kind)
        {
            case PolicyMemberKind.References:
                await TakeReferencesAsync(member, given as JsonArray, shown);
                break;
            case PolicyMemberKind.Flag when given is not null || member.Always:
                var flag = string.Equals(Text(given), "true", StringComparison.OrdinalIgnoreCase);
                (_config[member.Setting], shown[member.Name]) = (flag ? "true" : "false", flag);
                break;
            case PolicyMemberKind.Text when Text(given) is { Length: > 0 } text:
                (_config[member.Setting], shown[member.Name]) = (text, text);
                break;
            default:
                break;
        }
    }

    private async ValueTask TakeReferencesAsync(PolicyMember member, JsonArray? given, JsonObject shown)
    {
        var unknown = new List<string>();
        var stored = await PolicyReferences.WithIdsAsync(member, given ?? [], of.Principals, unknown.Add, of.Context.Aborted);
        _config[member.Setting] = stored.ToJsonString();

        // A role or group that is not there is left out; nobody else may be missing, and policies about clients and groups say about whom.
        if (unknown.Count > 0 && member.Principal is not (PrincipalKind.Role or PrincipalKind.Group))
        {
            _refusal ??= Unknown($"{member.Principal} [{unknown[0]}] does not exist");
        }
        else if (given is null && member.Principal is PrincipalKind.Client or PrincipalKind.Group)
        {
            _refusal ??= Unknown($"No {member.Name} given");
        }
        else if (member.Principal == PrincipalKind.Role && stored.Select(r => Text(r!["id"])).OfType<string>().CountBy(id => id).FirstOrDefault(r => r.Value > 1).Key is { } twice)
        {
            var name = of.Context.Realm.Roles.Find(twice)?.Name;
            _refusal ??= AdminAnswer.Error(400, $"Role can't be specified multiple times - {name}");
        }

        if (given is null)
        {
            return;
        }

        if (member.Mark is null)
        {
            shown[member.Name] = given.DeepClone();
            return;
        }

        var list = (JsonArray)stored.DeepClone();
        foreach (var item in given.OfType<JsonObject>())
        {
            var key = item["id"] is null ? "path" : "id";
            if (Text(item[key]) is { } name && unknown.Contains(name))
            {
                list.Add((JsonNode)new JsonObject { [key] = name, [member.Mark] = string.Equals(Text(item[member.Mark]), "true", StringComparison.OrdinalIgnoreCase) });
            }
        }

        shown[member.Name] = list;
    }
}
