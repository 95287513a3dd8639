using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core;
using Castellan.Core.Authorization;
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
            await TakeAsync(member, given[member.Name], shown);
        }

        var resources = await LinksAsync("resources", "Resource", before?.ResourceIds, async text => (contents.FindResource(of.Client.Id, text) ?? await of.ResourceAsync(text))?.Id);
        var scopes = await LinksAsync("scopes", "Scope", before?.ScopeIds, text => new(contents.FindScope(text)?.Id));
        var policies = await LinksAsync("policies", "Policy", before?.PolicyIds, text => new(contents.FindPolicy(text)?.Id));
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

    private async ValueTask TakeAsync(PolicyMember member, JsonNode? given, JsonObject shown)
    {
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

        // A role that is not there is left out; nobody else may be missing, and policies about clients and groups are about somebody.
        if (unknown.Count > 0 && member.Principal != PrincipalKind.Role)
        {
            _refusal ??= Unknown($"{member.Principal} [{unknown[0]}] does not exist");
        }
        else if (stored.Count == 0 && member.Principal is PrincipalKind.Client or PrincipalKind.Group or PrincipalKind.ClientScope)
        {
            _refusal ??= Unknown($"No {member.Name} given");
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
        foreach (var name in unknown)
        {
            list.Add((JsonNode)new JsonObject { ["id"] = name, [member.Mark] = given.OfType<JsonObject>().Any(o => Text(o["id"]) == name && Text(o[member.Mark]) == "true") });
        }

        shown[member.Name] = list;
    }
}
