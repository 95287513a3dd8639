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
        var results = new JsonArray();
        var permits = true;
        foreach (var wanted in resources)
        {
            if ((wanted?.Name ?? wanted?.Id) is not { Length: > 0 } named || (named == type ? type : await AdministratorPermissions.ObjectAsync(of, type, named)) is not { } id)
            {
                continue;
            }

            var asked = scopes.Where(s => known.Contains(s.Id!) && (wanted!.Scopes is not { Count: > 0 } some || some.Exists(w => w.Name == s.Name))).ToList();
            var (name, groups) = await ShownAsync(type, id);
            var allowed = asked.Where(s => (type == AdminObjects.Users && id != type ? permissions.OfUser(id, groups, s.Name!) : permissions.Of(type, id, s.Name!)) is true).ToList();
            permits &= allowed.Count > 0;
            var decisions = new JsonArray();
            foreach (var decision in permissions.About(type, id, groups))
            {
                var shown = await _view.DecisionAsync(null, decision);
                shown["resourceType"] = decision.Permission.ResourceType;
                shown["scopes"] = PolicyViews.Texts(scopes.Where(s => decision.Permission.ScopeIds.Contains(s.Id!)).Select(s => s.Name!));
                decisions.Add((JsonNode)shown);
            }

            results.Add((JsonNode)new JsonObject
            {
                ["resource"] = new JsonObject { ["_id"] = id, ["name"] = $"{name} with scopes [{string.Join(", ", asked.Select(s => s.Name))}]" },
                ["scopes"] = EvaluationView.Scopes(asked), ["policies"] = decisions, ["status"] = EvaluationView.Word(allowed.Count > 0),
                ["allowedScopes"] = EvaluationView.Scopes(allowed), ["deniedScopes"] = EvaluationView.Scopes(asked.Except(allowed)),
            });
        }

        return new() { ["results"] = results, ["entitlements"] = false, ["status"] = EvaluationView.Word(permits && results.Count > 0) };
    }

    /// <summary>What people call an object, and the groups that it is in.</summary>
    private async ValueTask<(string Name, IReadOnlyList<string> Groups)> ShownAsync(string type, string id)
    {
        var (context, realm) = (of.Context, of.Context.Realm);
        if (type == AdminObjects.Users && await context.Users.FindAsync(realm.Id, id, context.Aborted) is { } user)
        {
            return (user.Username, user.GroupIds);
        }

        var name = type switch
        {
            AdminObjects.Clients => (await context.Clients.FindByIdAsync(realm, id, context.Aborted))?.ClientId,
            AdminObjects.Groups => realm.Groups.Find(id)?.Name,
            AdminObjects.Roles => realm.Roles.Find(id)?.Name,
            _ => null,
        };
        return (name ?? id, []);
    }
}
