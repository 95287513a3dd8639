using System.Text.Json.Nodes;
using Castellan.Core.Authorization.Administration;
using Castellan.Core.Authorization.Evaluation;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authorization;

/// <summary>What the permissions of administrators would decide about objects, and how they came to it.</summary>
internal sealed class AdministratorEvaluation(AuthorizedClient of, IReadOnlyList<ScopeRepresentation> scopes, PolicyContext asking)
{
    private readonly EvaluationView _view = new(of, scopes);

    /// <param name="type">The type of the objects.</param>
    /// <param name="resources">The objects, by what a permission may name them by, with the scopes that are asked for: those of the type when none is named.</param>
    public async ValueTask<JsonObject> TellAsync(string type, IReadOnlyList<ResourceRepresentation?> resources)
    {
        var permissions = await DelegatedPermissions.LoadAsync(of.Store, of.Client.Id, asking, of.Context.Aborted);
        var known = (await of.ResourceAsync(type))?.ScopeIds ?? [];
        foreach (var wanted in resources)
        {
            if ((wanted?.Name ?? wanted?.Id) is not { Length: > 0 } named || (named == type ? type : await AdministratorPermissions.ObjectAsync(of, type, named)) is not { } id)
            {
                continue;
            }

            var (name, groups) = await ShownAsync(type, id);
            if (permissions.About(type, id, groups).ToList() is not { Count: > 0 } about)
            {
                continue;
            }

            var asked = scopes.Where(s => known.Contains(s.Id!) && (wanted!.Scopes is not { Count: > 0 } some || some.Exists(w => w.Name == s.Name))).ToList();
            var allowed = asked.Where(s => (type == AdminObjects.Users && id != type ? permissions.OfUser(id, groups, s.Name!) : permissions.Of(type, id, s.Name!)) is true).ToList();
            var status = EvaluationView.Word(allowed.Count > 0);
            var decisions = new JsonArray();
            foreach (var decision in about)
            {
                var shown = await _view.DecisionAsync(null, decision);
                shown["resourceType"] = decision.Permission.ResourceType;
                shown["scopes"] = PolicyViews.Texts(scopes.Where(s => decision.Permission.ScopeIds.Contains(s.Id!)).Select(s => s.Name!));
                decisions.Add((JsonNode)shown);
            }

            // Where something is allowed the rest is told of as it was asked for, by name; and of several objects only the first.
            var told = allowed.Count > 0 ? allowed : asked;
            var denied = allowed.Count > 0 ? asked.Except(allowed).Select(s => new ScopeRepresentation { Name = s.Name }) : asked;
            var result = new JsonObject
            {
                ["resource"] = new JsonObject { ["_id"] = id, ["name"] = $"{name} with scopes [{string.Join(", ", told.Select(s => s.Name).Order(StringComparer.Ordinal))}]" },
                ["scopes"] = EvaluationView.Scopes(told), ["policies"] = decisions, ["status"] = status,
                ["allowedScopes"] = EvaluationView.Scopes(allowed), ["deniedScopes"] = EvaluationView.Scopes(denied),
            };
            return Told(new JsonArray(result), status);
        }

        return Told([], EvaluationView.Word(permits: false));
    }

    private static JsonObject Told(JsonArray results, string status) => new() { ["results"] = results, ["entitlements"] = false, ["status"] = status };

    /// <summary>What people call an object, and the groups that it is in.</summary>
    private async ValueTask<(string Name, IReadOnlyList<string> Groups)> ShownAsync(string type, string id) =>
        type == AdminObjects.Users && await of.Context.Users.FindAsync(of.Context.Realm.Id, id, of.Context.Aborted) is { } user
            ? (user.Username, user.GroupIds)
            : (await AdministratorPermissions.NameAsync(of, type, id) ?? id, []);
}
