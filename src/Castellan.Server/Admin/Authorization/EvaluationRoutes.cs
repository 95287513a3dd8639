using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Authorization;
using Castellan.Core.Authorization.Evaluation;
using Castellan.Core.Authorization.Evaluation.Policies;
using Castellan.Core.Representations;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Protocol.Jose;
using Castellan.Server.Http;

namespace Castellan.Server.Admin.Authorization;

/// <summary>Who would ask for what, and under which circumstances.</summary>
internal sealed class PolicyEvaluationRequest
{
    public Dictionary<string, Dictionary<string, string?>>? Context { get; set; }

    public List<string>? RoleIds { get; set; }

    public string? ClientId { get; set; }

    public string? UserId { get; set; }

    public List<ResourceRepresentation?>? Resources { get; set; }

    public bool? Entitlements { get; set; }

    public string? ResourceType { get; set; }
}

/// <summary>What the policies of a resource server would decide.</summary>
internal static class EvaluationRoutes
{
    public static async ValueTask<AdminAnswer> EvaluateAsync(AuthorizedClient of)
    {
        if (!(await of.Context.ReadAsync(AdminApiJson.Default.PolicyEvaluationRequest)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given.UserId is not { Length: > 0 } nameOrId || await of.Principals.IdAsync(PrincipalKind.User, nameOrId, of.Context.Aborted) is not { } userId
            || await of.Context.Users.FindAsync(of.Context.Realm.Id, userId, of.Context.Aborted) is not { } user)
        {
            return AdminAnswer.Error(400, "invalid_request", "The user to evaluate for does not exist");
        }

        if (!of.Context.Rights.Shows(user))
        {
            return AdminAnswer.Forbidden;
        }

        var attributes = (given.Context?.GetValueOrDefault("attributes") ?? []).Where(a => a.Value is not null)
            .ToDictionary(a => a.Key, a => (IReadOnlyList<string>)a.Value!.Split(','), StringComparer.Ordinal);
        if (of.WasMadeForAdministrators && (given.Resources is not { Count: > 0 } || given.ResourceType is null))
        {
            return AdminAnswer.Error(400, "invalid_request", "Resources and their type are needed to evaluate permissions of administrators");
        }

        if (!(await ClaimsAsync(of, given, user, attributes)).Ok(out var claims, out refusal))
        {
            return refusal;
        }

        using var token = JsonDocument.Parse(claims.ToJsonString());
        var scopes = await of.ScopesAsync();
        var asking = new PolicyContext
        {
            Realm = of.Context.Realm, Clients = of.Context.Clients, User = user, Claims = token.RootElement, Attributes = attributes,
            Now = attributes.GetValueOrDefault("kc.time.date_time") is [var moment, ..] && TimePolicy.Moment(moment) is { } then
                ? new(then, TimeSpan.Zero)
                : of.Context.Service<TimeProvider>().GetLocalNow(),
        };
        if (of.IsOfAdministrators && given.ResourceType is { } resourceType)
        {
            var told = await new AdministratorEvaluation(of, scopes, asking).TellAsync(resourceType, given.Resources ?? []);
            return AdminAnswer.Json(told, AdminApiJson.Default.JsonObject);
        }

        var requests = new PermissionRequests(of.Store, of.Context.Realm.Id, of.Client.Id, scopes);
        var policies = await of.PoliciesAsync();
        var settings = of.Client.Representation.AuthorizationSettings ?? new();
        var evaluation = new PermissionEvaluation(new(of.Client.Id, settings, policies, requests.OwnOfTypeAsync), asking);
        var answers = new List<PermissionAnswer>();
        foreach (var asked in (await AskedAsync(of, given, requests, userId)).DistinctBy(a => a.Resource?.Id ?? a.Scopes[0].Id))
        {
            if (await evaluation.AnswerAsync(asked, of.Context.Aborted) is { } answer)
            {
                answers.Add(answer);
            }
        }

        return AdminAnswer.Json(await new EvaluationView(of, scopes).ShowAsync(answers, claims), AdminApiJson.Default.JsonObject);
    }

    private static async ValueTask<List<AskedPermission>> AskedAsync(AuthorizedClient of, PolicyEvaluationRequest given, PermissionRequests requests, string userId)
    {
        var ct = of.Context.Aborted;
        var asked = new List<AskedPermission>();
        foreach (var wanted in given.Resources ?? [])
        {
            var names = (wanted?.Scopes ?? []).Select(s => s.Name).OfType<string>().ToList();
            if (wanted is null)
            {
                continue;
            }

            var named = wanted.Id is { } id ? await of.FindResourceAsync(id) : wanted.Name is { } name ? await of.Store.FindResourceAsync(of.Context.Realm.Id, of.Client.Id, of.Client.Id, name, ct) : null;
            if (named is not null)
            {
                asked.Add(await requests.OfAsync(named, names, ct));
            }
            else if (wanted is { Id: null, Name: null, Type: { } type })
            {
                foreach (var resource in await of.ResourcesAsync(new(Owner: of.Client.Id, Type: type, ExactType: true)))
                {
                    asked.Add(await requests.OfAsync(resource, names, ct));
                }
            }
            else if (wanted.Id is null)
            {
                // A name that no resource has leaves the scopes that were named with it.
                asked.AddRange(await requests.OfScopesAsync(names, ct));
            }
        }

        return asked.Count > 0 ? asked : await requests.AllAsync(userId, ct);
    }

    /// <summary>The claims of a token that the person would ask with; nobody gets it.</summary>
    private static async ValueTask<Read<JsonObject>> ClaimsAsync(
        AuthorizedClient of, PolicyEvaluationRequest given, User user, Dictionary<string, IReadOnlyList<string>> attributes)
    {
        var (context, realm) = (of.Context, of.Context.Realm);
        var client = string.IsNullOrEmpty(given.ClientId)
            ? of.Client
            : await context.Clients.FindByIdAsync(realm, given.ClientId, context.Aborted) ?? await context.Clients.FindAsync(realm, given.ClientId, context.Aborted);
        if (client is null)
        {
            return AdminAnswer.Error(400, "invalid_request", "The client to evaluate for does not exist");
        }

        var session = AccessTokens.Transient(realm, client, user, context.Now);
        var grant = new Grant
        {
            Realm = realm, Client = client, User = user, Session = session, ClientSession = session.Clients[0], Kind = SessionKind.Online,
            Scopes = Scopes.Restore(client, null).For(GrantedRoles.Of(realm, user)), Issuer = context.Service<ServerUrls>().Issuer(context.Http, realm), GrantCode = "na",
        };
        if (!(await context.Service<TokenIssuer>().IssueAsync(grant, TokenKinds.Access, ct: context.Aborted)).Ok(out var issued, out var error))
        {
            return AdminAnswer.Error(error.Status, error.Code, error.Description);
        }

        if (Jws.TryParse(issued.AccessToken, out var jws) != JoseFault.None || JsonNode.Parse(jws!.Payload.Span) is not JsonObject claims)
        {
            return AdminAnswer.Error(400, "invalid_request", "The token is encrypted");
        }

        // Keycloak's made-up token has no issuer, and is for the resource server alone.
        claims.Remove("iss");
        claims["aud"] = of.Client.ClientId;
        foreach (var (name, values) in attributes)
        {
            claims[name] = PolicyViews.Texts(values);
        }

        // Without roles to try, those that were given to the person count, whatever the client may see of them.
        foreach (var nameOrId in given.RoleIds is { Count: > 0 } tried ? tried : given.UserId == user.Id ? user.RoleIds : [])
        {
            var role = realm.Roles.Find(nameOrId);
            var access = role?.ClientName is { } owner ? Object(Object(claims, "resource_access"), owner) : Object(claims, "realm_access");
            if (access["roles"] is not JsonArray roles)
            {
                access["roles"] = roles = [];
            }

            if (!roles.Any(r => r?.ToString() == (role?.Name ?? nameOrId)))
            {
                roles.Add((JsonNode)JsonValue.Create(role?.Name ?? nameOrId));
            }
        }

        return claims;
    }

    private static JsonObject Object(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject child)
        {
            parent[name] = child = [];
        }

        return child;
    }
}
