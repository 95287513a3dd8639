using Castellan.Core.Representations;

namespace Castellan.Core.Authorization.Evaluation;

/// <summary>What is asked for: scopes of a resource, all of them when it has any, or scopes of no resource.</summary>
public sealed record AskedPermission(ProtectedResource? Resource, IReadOnlyList<ScopeRepresentation> Scopes)
{
    /// <summary>Whether the owner has given it to the asker; then no policy is asked.</summary>
    public bool IsShared { get; init; }
}

/// <summary>What a policy decided that a permission applies.</summary>
public sealed record AppliedPolicy(Policy Policy, bool Permits);

/// <summary>What a permission decided.</summary>
public sealed record PermissionDecision(Policy Permission, bool Permits, IReadOnlyList<AppliedPolicy> Applied);

/// <summary>The answer to one asked permission.</summary>
/// <param name="Granted">Whether anything of it is granted.</param>
/// <param name="Scopes">The scopes that are granted; those that were asked for when nothing is.</param>
/// <param name="Decisions">How it came to that.</param>
public sealed record PermissionAnswer(ProtectedResource? Resource, bool Granted, IReadOnlyList<ScopeRepresentation> Scopes, IReadOnlyList<PermissionDecision> Decisions);

/// <summary>A resource server as an evaluation needs it.</summary>
/// <param name="ClientId">The client's internal id.</param>
/// <param name="Settings">Its enforcement mode and strategy.</param>
/// <param name="OfType">The resource server's own resources of a type.</param>
public sealed record EvaluatedServer(
    string ClientId, ResourceServerRepresentation Settings, IReadOnlyList<Policy> Policies, Func<string, CancellationToken, ValueTask<List<ProtectedResource>>> OfType);

/// <summary>
/// Answers asked permissions: finds the permissions that cover a resource and its scopes, lets each decide by the policies that it applies, and joins
/// their decisions by the resource server's strategy. What no permission covers is denied, unless the enforcement mode is permissive.
/// </summary>
public sealed class PermissionEvaluation(EvaluatedServer server, PolicyContext context)
{
    private readonly PolicyDecisions _policies = new(server.Policies, context);

    /// <summary>The answer, or null when permissions cover it of which none applies a policy: then it is denied and there is nothing to tell.</summary>
    public async ValueTask<PermissionAnswer?> AnswerAsync(AskedPermission asked, CancellationToken ct = default)
    {
        if (server.Settings.PolicyEnforcementMode == "DISABLED" || asked.IsShared)
        {
            return new(asked.Resource, Granted: true, asked.Scopes, []);
        }

        var covering = await CoveringAsync(asked, ct);
        if (covering.Count == 0)
        {
            return server.Settings.PolicyEnforcementMode == "PERMISSIVE" ? new(asked.Resource, Granted: true, asked.Scopes, []) : null;
        }

        var decisions = new List<PermissionDecision>();
        foreach (var permission in covering)
        {
            if (await _policies.DecideAsync(permission, ct) is { } decision)
            {
                decisions.Add(decision);
            }
        }

        return decisions.Count == 0 ? null : Join(asked, decisions);
    }

    private async ValueTask<List<Policy>> CoveringAsync(AskedPermission asked, CancellationToken ct)
    {
        // A person's resource is also covered by what covers the resource server's own resources of its type.
        var alike = new HashSet<string>(StringComparer.Ordinal);
        if (asked.Resource is { Type: { } own } resource && resource.OwnerId != server.ClientId)
        {
            alike.UnionWith((await server.OfType(own, ct)).Select(r => r.Id));
        }

        var scopes = asked.Scopes.Select(s => s.Id!).ToHashSet(StringComparer.Ordinal);
        return
        [
            // The nearest first, since what is about the resource itself goes before what is about its type. What an owner gave counts as long as owners
            // decide about the resource.
            .. server.Policies.Where(p => p.IsPermission && (p.Type != PolicyTypes.Owners || asked.Resource?.Representation.OwnerManagedAccess is true))
                .Select(p => (Permission: p, Distance: Distance(p))).Where(p => p.Distance is not null).OrderBy(p => p.Distance).Select(p => p.Permission),
        ];

        int? Distance(Policy permission) =>
            IsAbout(permission, asked.Resource) ? 0
            : permission.ResourceType is { } type && type == asked.Resource?.Type ? 1
            : permission.ResourceIds.Any(alike.Contains) ? 2
            : permission is { Type: "scope", ResourceIds.Count: 0, ResourceType: null } && permission.ScopeIds.Any(scopes.Contains) ? 3
            : null;
    }

    private static bool IsAbout(Policy permission, ProtectedResource? resource) => resource is not null && permission.ResourceIds.Contains(resource.Id);

    private PermissionAnswer Join(AskedPermission asked, List<PermissionDecision> decisions)
    {
        var (granted, denied) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var all = asked.Scopes.Select(s => s.Id!).ToList();
        var given = false;
        foreach (var (permission, gives, _) in decisions)
        {
            // A resource permission is about every scope, a scope permission about its own.
            var about = permission.Type == "resource" ? all : permission.ScopeIds;
            var near = IsAbout(permission, asked.Resource);
            if (gives)
            {
                granted.UnionWith(about);

                // A scope that the resource has by its type alone is given where any permission gives it.
                denied.ExceptWith(permission.Type == "scope" && asked.Resource is { } resource ? permission.ScopeIds.Except(resource.ScopeIds) : []);
                given |= near && (permission.Type != "scope" || asked.Resource!.OwnerId != server.ClientId);
            }
            else if (near || (permission.Type == "resource" ? !given : permission.ResourceIds.Count == 0))
            {
                // What is about other resources of the type does not take what a permission for this one gives.
                denied.UnionWith(about);
            }
        }

        if (server.Settings.DecisionStrategy != "AFFIRMATIVE")
        {
            granted.ExceptWith(denied);
        }

        // What an owner shares is shared, whatever the resource server's own permissions say.
        var shared = decisions.Where(d => d.Permits && d.Permission.Type == PolicyTypes.Owners).ToList();
        granted.UnionWith(shared.SelectMany(d => d.Permission.ScopeIds));
        var scopes = asked.Scopes.Where(s => granted.Contains(s.Id!)).ToList();

        // Who was given scopes that the resource had once was not given the resource.
        var whole = decisions.Where(d => d.Permission.Type != PolicyTypes.Owners || d.Permission.ScopeIds.Count == 0).ToList();
        var unopposed = whole.TrueForAll(d => d.Permits) || whole.Exists(d => d is { Permits: true, Permission.Type: PolicyTypes.Owners });
        var permits = all.Count > 0 ? scopes.Count > 0 : whole.Exists(d => d.Permits) && unopposed;
        return new(asked.Resource, permits, permits ? scopes : asked.Scopes, decisions);
    }
}
