using System.Text.Json.Nodes;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Authorization.Sharing;

/// <summary>What an owner says in a policy of their own: to whom a resource's scopes are given, in names.</summary>
/// <param name="Kind">What the names mean.</param>
public sealed record OwnerCondition(PrincipalKind Kind, IReadOnlyList<string> Names);

/// <summary>
/// Policies that owners make for what they own (type <c>uma</c>). Each condition is a policy beside it, of which the owner's strategy makes one; all of them
/// belong to the owner and are nobody else's to see.
/// </summary>
public static class OwnerPolicies
{
    /// <summary>The kinds of conditions, with the type of policy that each becomes.</summary>
    private static readonly (PrincipalKind Kind, string Type)[] s_kinds =
        [(PrincipalKind.Role, "role"), (PrincipalKind.Group, "group"), (PrincipalKind.Client, "client"), (PrincipalKind.User, "user")];

    /// <summary>The conditions of a policy as policies.</summary>
    /// <param name="each">Whether each name is a condition of its own, as in a new policy; a changed one has one for each kind.</param>
    public static async ValueTask<Result<List<Policy>>> ConditionsAsync(
        IEnumerable<OwnerCondition> conditions, string owner, bool each, IPrincipals principals, CancellationToken ct)
    {
        var made = new List<Policy>();
        foreach (var condition in conditions)
        {
            var type = PolicyTypes.Find(s_kinds.First(k => k.Kind == condition.Kind).Type)!;
            var member = type.Members[0];
            var given = new JsonArray([.. condition.Names.Distinct(StringComparer.Ordinal).Select(n => (JsonNode)(member.Mark is null ? JsonValue.Create(n) : new JsonObject { ["id"] = n }))]);
            var unknown = new List<string>();
            var known = await PolicyReferences.WithIdsAsync(member, given, principals, unknown.Add, ct);
            if (unknown.Count > 0)
            {
                // Left out, it would leave a policy for more people than its owner meant.
                return new ProtocolError("invalid_request", $"{condition.Kind} [{unknown[0]}] does not exist");
            }

            foreach (var list in each ? known.Select(k => new JsonArray(k!.DeepClone())).ToList() : [known])
            {
                var id = Ids.New();
                made.Add(new(
                    new()
                    {
                        Id = id, Name = Ids.New(), Type = type.Id, Logic = "POSITIVE", DecisionStrategy = "UNANIMOUS", Owner = owner,
                        Config = new() { [member.Setting] = list.ToJsonString() },
                    },
                    [], [], []));
            }
        }

        return made;
    }

    /// <summary>The names of a kind that the conditions of a policy name; null when they name none.</summary>
    public static async ValueTask<List<string>?> NamesAsync(Policy policy, PrincipalKind kind, IReadOnlyList<Policy> policies, IPrincipals principals, CancellationToken ct)
    {
        var type = s_kinds.First(k => k.Kind == kind).Type;
        var names = new List<string>();
        foreach (var condition in policies.Where(p => p.Type == type && policy.PolicyIds.Contains(p.Id)))
        {
            foreach (var reference in PolicyReferences.Read(condition.Config(PolicyTypes.Find(type)!.Members[0].Setting)))
            {
                if (await principals.NameAsync(kind, reference.Id, ct) is { } name && !names.Contains(name))
                {
                    names.Add(name);
                }
            }
        }

        return names.Count > 0 ? names : null;
    }
}
