using Castellan.Core;
using Castellan.Core.Authorization;
using Castellan.Core.Authorization.Requesting;
using Castellan.Core.Authorization.Sharing;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin;
using Castellan.Server.Admin.Authorization;

namespace Castellan.Server.Protection;

/// <summary>What owners say of who may do what with their resources. Nobody but the owner sees or changes it here.</summary>
internal static class OwnerPolicyRoutes
{
    public static IReadOnlyList<ProtectionRoute> All { get; } =
    [
        new("GET", "/uma-policy", ListAsync, ForOwners: true) { NoCache = true },
        new("POST", "/uma-policy/{id}", CreateAsync, ForOwners: true),
        new("GET", "/uma-policy/{id}", One(ShowAsync), ForOwners: true),
        new("PUT", "/uma-policy/{id}", One(UpdateAsync), ForOwners: true),
        new("DELETE", "/uma-policy/{id}", One(DeleteAsync), ForOwners: true),
    ];

    /// <summary>A policy of the caller's, with what it is about and all policies of the resource server.</summary>
    private sealed record Found(Policy Policy, ProtectedResource Resource, List<Policy> All, List<ScopeRepresentation> Scopes);

    private static ProtectionHandler One(Func<ProtectionContext, Found, ValueTask<AdminAnswer>> then) => async context =>
    {
        var id = context.Route("id");
        var all = await context.PoliciesAsync();
        if (all.Find(p => p.Id == id && p.Type == PolicyTypes.Owners) is not { ResourceIds: [var resourceId, ..] } policy)
        {
            return AdminAnswer.Error(404, "invalid_request", $"Policy with [{id}] does not exist");
        }

        return (await MineAsync(context, resourceId)).Ok(out var resource, out var refusal) ? await then(context, new(policy, resource, all, await context.ScopesAsync())) : refusal;
    };

    /// <summary>The resource, if the caller owns it and owners decide about it.</summary>
    private static async ValueTask<Read<ProtectedResource>> MineAsync(ProtectionContext context, string id) =>
        await context.FindResourceAsync(id) is not { } resource ? Invalid($"Resource [{id}] cannot be found")
        : resource.OwnerId != context.CallerId ? Invalid($"Only resource owner can access policies for resource [{id}]")
        : resource.Representation.OwnerManagedAccess is not true ? Invalid("Only resources with owner managed accessed can have policies")
        : context.Client.Representation.AuthorizationSettings?.AllowRemoteResourceManagement is false
            ? AdminAnswer.Error(403, "request_not_supported", $"Remote Resource Management not enabled on resource server [{context.Client.Id}]")
            : resource;

    private static AdminAnswer Invalid(string why) => ProtectionContext.Invalid(why);

    private static async ValueTask<AdminAnswer> ListAsync(ProtectionContext context)
    {
        var (all, scopes) = (await context.PoliciesAsync(), await context.ScopesAsync());
        IEnumerable<Policy> found = all.Where(p => p.Type == PolicyTypes.Owners && p.Representation.Owner == context.CallerId);
        if (context.Query("name") is { } name)
        {
            found = found.Where(p => p.Name.Contains(name, StringComparison.OrdinalIgnoreCase));
        }

        if (context.Query("resource") is { } resource)
        {
            var ids = (await context.ResourcesAsync(resource)).Select(r => r.Id).ToList();
            if (ids.Count == 0)
            {
                return AdminAnswer.NoContent;
            }

            found = found.Where(p => p.ResourceIds.Any(ids.Contains));
        }

        if (context.Query("scope") is { } scope)
        {
            if ((scopes.Find(s => s.Id == scope) ?? scopes.Find(s => s.Name == scope))?.Id is not { } id)
            {
                return AdminAnswer.NoContent;
            }

            found = found.Where(p => p.ScopeIds.Contains(id));
        }

        found = found.Skip(Math.Max(context.Number("first", 0), 0));
        var shown = new List<UmaPermissionRepresentation>();
        foreach (var policy in context.Number("max", -1) is >= 0 and var max ? found.Take(max) : found)
        {
            shown.Add(await RepresentAsync(context, policy, all, scopes));
        }

        return AdminAnswer.Json(shown, ProtectionJson.Default.ListUmaPermissionRepresentation);
    }

    private static async ValueTask<AdminAnswer> CreateAsync(ProtectionContext context)
    {
        if (!(await context.ReadAsync(ProtectionJson.Default.UmaPermissionRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given?.Id is not null)
        {
            return Invalid("Newly created uma policies should not have an id");
        }

        if (!(await MineAsync(context, context.Route("id"))).Ok(out var resource, out refusal))
        {
            return refusal;
        }

        if (string.IsNullOrEmpty(given?.Name))
        {
            return AuthorizedClient.NoName;
        }

        var all = await context.PoliciesAsync();
        if (all.Exists(p => p.Name == given.Name))
        {
            return AdminAnswer.Error(409, $"Policy with name [{given.Name}] already exists", "Conflicting policy");
        }

        var scopes = await context.ScopesAsync();
        if (!(await ReadAsync(context, given, resource, scopes, null)).Ok(out var changes, out refusal))
        {
            return refusal;
        }

        await context.ApplyAsync(changes);
        var made = changes.OfType<PutPolicy>().Select(c => c.Policy).ToList();
        return AdminAnswer.Json(await RepresentAsync(context, made[^1], made, scopes), ProtectionJson.Default.UmaPermissionRepresentation);
    }

    private static async ValueTask<AdminAnswer> ShowAsync(ProtectionContext context, Found found) =>
        AdminAnswer.Json(await RepresentAsync(context, found.Policy, found.All, found.Scopes), ProtectionJson.Default.UmaPermissionRepresentation);

    private static async ValueTask<AdminAnswer> UpdateAsync(ProtectionContext context, Found found)
    {
        if (!(await context.ReadAsync(ProtectionJson.Default.UmaPermissionRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given is null)
        {
            return AdminAnswer.CannotParse;
        }

        if (given.Resources is { Count: > 0 } named && !(named is [var only] && only == found.Resource.Id))
        {
            return Invalid("Uma permission resource cannot be changed");
        }

        if (!(await ReadAsync(context, given, found.Resource, found.Scopes, found.Policy)).Ok(out var changes, out refusal))
        {
            return refusal;
        }

        // What was given by a ticket goes by the ticket, so that the ticket goes when the policy says something else.
        await context.ApplyAsync([.. changes, new ReleaseTickets(context.Client.Id, found.Policy.Id)]);
        return AdminAnswer.Bodyless(201);
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(ProtectionContext context, Found found)
    {
        await context.ApplyAsync([new DeletePolicy(context.Client.Id, found.Policy.Id)]);
        return AdminAnswer.NoContent;
    }

    /// <summary>The changes that make a policy of what was given: its conditions, and itself last.</summary>
    private static async ValueTask<Read<List<Change>>> ReadAsync(
        ProtectionContext context, UmaPermissionRepresentation given, ProtectedResource resource, List<ScopeRepresentation> scopes, Policy? before)
    {
        var (logic, strategy) = (given.Logic ?? "POSITIVE", given.DecisionStrategy ?? "UNANIMOUS");
        if (!DecisionStrategies.Logics.Contains(logic) || !DecisionStrategies.OfPolicies.Contains(strategy))
        {
            return AdminAnswer.CannotParse;
        }

        if (given.Condition is not null)
        {
            return Invalid("Conditions in script are not supported");
        }

        var principals = new[] { given.Roles, given.Groups, given.Clients, given.Users };
        if (given.Scopes?.Count > WantedPermission.MostScopes || Array.Exists(principals, names => names?.Count > WantedPermission.Most))
        {
            return Invalid($"Too much for a policy: at most {WantedPermission.MostScopes} scopes, and {WantedPermission.Most} each of roles, groups, clients and users");
        }

        var own = (await context.ScopesOfAsync(resource, scopes)).ToList();

        // A new policy is about all scopes unless it names some. One that is changed keeps its scopes where none are named: by silence it gives no more than before.
        var wanted = given.Scopes is { Count: > 0 } || (before is not null && given.Scopes is not null) ? given.Scopes
            : [.. own.Where(s => before?.ScopeIds.Contains(s.Id!) is not false).Select(s => s.Name!)];
        if (!wanted.TrueForAll(name => own.Exists(s => s.Name == name)))
        {
            return Invalid($"Some of the scopes [[{string.Join(", ", wanted)}]] are not valid for resource [{resource.Id}]");
        }

        OwnerCondition[] conditions =
        [
            new(PrincipalKind.Role, given.Roles ?? []), new(PrincipalKind.Group, given.Groups ?? []), new(PrincipalKind.Client, given.Clients ?? []),
            new(PrincipalKind.User, given.Users ?? []),
        ];
        var read = await OwnerPolicies.ConditionsAsync(conditions.Where(c => c.Names.Count > 0), resource.OwnerId, each: before is null, context.Principals, context.Aborted);
        if (!read.Ok(out var made, out var error))
        {
            return Invalid(error.Description!);
        }

        var policy = new Policy(
            new()
            {
                Id = before?.Id ?? Ids.New(), Name = string.IsNullOrEmpty(given.Name) ? before!.Name : given.Name, Description = given.Description, Type = PolicyTypes.Owners,
                Logic = logic, DecisionStrategy = strategy, Owner = resource.OwnerId, Config = [],
            },
            [resource.Id], [.. own.Where(s => wanted.Contains(s.Name!)).Select(s => s.Id!)], [.. made.Select(p => p.Id)]);
        return new List<Change>([.. made.Select(p => new PutPolicy(context.Client.Id, p)), new PutPolicy(context.Client.Id, policy)]);
    }

    private static async ValueTask<UmaPermissionRepresentation> RepresentAsync(
        ProtectionContext context, Policy policy, IReadOnlyList<Policy> all, IReadOnlyList<ScopeRepresentation> scopes)
    {
        var stored = policy.Representation;
        ValueTask<List<string>?> NamesAsync(PrincipalKind kind) => OwnerPolicies.NamesAsync(policy, kind, all, context.Principals, context.Aborted);
        return new()
        {
            Id = policy.Id, Name = policy.Name, Description = string.IsNullOrEmpty(stored.Description) ? null : stored.Description, Type = policy.Type,
            Scopes = [.. scopes.Where(s => policy.ScopeIds.Contains(s.Id!)).Select(s => s.Name!)], Logic = stored.Logic, DecisionStrategy = stored.DecisionStrategy,
            Owner = stored.Owner, Roles = await NamesAsync(PrincipalKind.Role), Groups = await NamesAsync(PrincipalKind.Group), Clients = await NamesAsync(PrincipalKind.Client),
            Users = await NamesAsync(PrincipalKind.User),
        };
    }
}
