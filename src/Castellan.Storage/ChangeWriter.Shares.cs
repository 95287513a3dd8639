using Castellan.Core.Authorization;
using Castellan.Core.Authorization.Sharing;
using Castellan.Core.Realms;

namespace Castellan.Storage;

/// <summary>
/// What owners give: tickets, and the policies in which the granted ones stand. The scopes of such a policy are those of its granted tickets; one in which
/// none stands goes. An owner who writes a policy makes it their own, and the tickets in it go.
/// </summary>
internal sealed partial class ChangeWriter
{
    private void Write(ChangeShare change)
    {
        Sql theirs = $"resource_id = {change.Resource.Id} AND requester_id = {change.RequesterId} AND client_id = {change.ClientId} AND realm_id = {_realm}";
        LockResources($"id = {change.Resource.Id} AND client_id = {change.ClientId}", NotStale);
        foreach (var ticket in change.New)
        {
            Sql replaced = change.Exactly
                ? $" ON CONFLICT (resource_id, requester_id, scope_id) DO UPDATE SET granted = COALESCE(permission_ticket.granted, excluded.granted)"
                : Sql.Raw("");
            Add(Insert(change.ClientId, ticket).Append(replaced));
        }

        // One that went while this waited is not given after all. Earlier tickets for it went with it.
        RemoveTickets($"scope_id <> '' AND scope_id NOT IN ({ScopesOf(change.ClientId, change.Resource.Id)}) AND {theirs}");
        if (change.Granted is { } granted)
        {
            Add($"UPDATE permission_ticket SET granted = COALESCE(granted, {now}) WHERE id = {granted} AND {theirs}", NotStale);
        }

        string[] scopes = [.. change.New.Select(t => t.ScopeId ?? "")];
        Sql gone = !change.Exactly ? $"id = {change.Gone}" : scopes.Length == 0 ? Sql.Raw("1 = 1") : (Sql)$"scope_id NOT IN ({scopes})";
        Add($"UPDATE permission_ticket SET granted = NULL WHERE {gone} AND {theirs}");
        Follow(change, theirs);
        Add($"UPDATE permission_ticket SET policy_id = NULL WHERE granted IS NULL AND policy_id IS NOT NULL AND {theirs}");
        RemoveTickets($"{gone} AND {theirs}");
    }

    private void NotStale(int changed)
    {
        if (changed == 0)
        {
            throw new StaleException(_realm);
        }
    }

    /// <summary>Those who change what is shared of a resource wait for one another here, so that each sees what those before it left.</summary>
    private void LockResources(Sql which, Action<int>? then = null) =>
        Add($"UPDATE authorization_resource SET owner_id = owner_id WHERE {which} AND realm_id = {_realm}", then);

    /// <summary>Brings the policies of a requester's tickets in step with them. Those that are granted no more still say in which they stood.</summary>
    private void Follow(ChangeShare change, Sql theirs)
    {
        var (policy, condition) = (change.Policy, change.Condition);
        Sql theirPolicies = $"SELECT policy_id FROM permission_ticket WHERE policy_id IS NOT NULL AND {theirs}";
        Sql first = $"EXISTS (SELECT 1 FROM permission_ticket WHERE granted IS NOT NULL AND {theirs}) AND NOT EXISTS ({theirPolicies})";
        foreach (var made in (Policy[])[condition, policy])
        {
            Add(
                $"""
                INSERT INTO authorization_policy (id, realm_id, client_id, name, type, owner_id, document)
                SELECT {made.Id}, {_realm}, {change.ClientId}, {made.Name}, {made.Type}, {made.Representation.Owner}, {StoredJson.Write(made.Representation, StoredJson.Policy)}
                WHERE {first}
                """);
        }

        foreach (var (kind, target) in new[] { (AuthorizationLink.ResourceOfPolicy, change.Resource.Id), (AuthorizationLink.PolicyOfPolicy, condition.Id) })
        {
            Add(
                $"""
                INSERT INTO authorization_link (kind, source_id, target_id, realm_id)
                SELECT {(int)kind}, id, {target}, realm_id FROM authorization_policy WHERE id = {policy.Id}
                """);
        }

        Add(
            $"""
            UPDATE permission_ticket SET policy_id = COALESCE((SELECT MIN(policy_id) FROM permission_ticket WHERE {theirs}), {policy.Id})
            WHERE granted IS NOT NULL AND policy_id IS NULL AND {theirs}
            """);
        Add($"DELETE FROM authorization_link WHERE kind = {(int)AuthorizationLink.ScopeOfPolicy} AND source_id IN ({theirPolicies})");
        Add(
            $"""
            INSERT INTO authorization_link (kind, source_id, target_id, realm_id)
            SELECT {(int)AuthorizationLink.ScopeOfPolicy}, policy_id, scope_id, realm_id FROM permission_ticket
            WHERE granted IS NOT NULL AND scope_id <> '' AND {theirs}
            """);
        RemoveShares(
            change.ClientId, change.Resource.Id,
            $"p.id IN ({theirPolicies}) AND NOT EXISTS (SELECT 1 FROM permission_ticket t WHERE t.policy_id = p.id AND t.granted IS NOT NULL)");
    }

    /// <summary>Policies of owners about a resource, with their conditions. The tickets in them are the caller's to see to.</summary>
    /// <param name="which">A condition on a policy <c>p</c>.</param>
    private void RemoveShares(string clientId, string resourceId, Sql which)
    {
        Sql shares =
            $"""
            SELECT p.id FROM authorization_policy p JOIN authorization_link about ON about.source_id = p.id
            WHERE about.kind = {(int)AuthorizationLink.ResourceOfPolicy} AND about.target_id = {resourceId}
                AND p.type = {PolicyTypes.Owners} AND p.client_id = {clientId} AND p.realm_id = {_realm} AND {which}
            """;
        RemoveConditions(shares);
        Add($"DELETE FROM authorization_link WHERE target_id IN ({shares})");
        Add($"DELETE FROM authorization_policy WHERE id IN ({shares})");

        // By their links the policies were found; those of what is no more go last.
        Add(
            $"""
            DELETE FROM authorization_link WHERE {s_anyKind} AND source_id IN (
                SELECT l.source_id FROM authorization_link l WHERE l.kind = {(int)AuthorizationLink.ResourceOfPolicy} AND l.target_id = {resourceId}
                    AND NOT EXISTS (SELECT 1 FROM authorization_policy p WHERE p.id = l.source_id))
            """);
    }

    /// <summary>What stands in policies of owners and nowhere else; nobody sees it without them. What others made is only named there, and stays.</summary>
    /// <param name="policies">The ids of the policies.</param>
    /// <param name="except">Conditions that stay.</param>
    private void RemoveConditions(Sql policies, IReadOnlyList<string>? except = null)
    {
        Sql conditions =
            $"""
            SELECT c.id FROM authorization_policy c JOIN authorization_link part ON part.target_id = c.id JOIN authorization_policy s ON s.id = part.source_id
            WHERE part.kind = {(int)AuthorizationLink.PolicyOfPolicy} AND s.id IN ({policies}) AND s.type = {PolicyTypes.Owners} AND c.owner_id IS NOT NULL
                AND {(except is { Count: > 0 } ? $"c.id NOT IN ({except})" : Sql.Raw("1 = 1"))}
            """;
        Add($"DELETE FROM authorization_link WHERE {s_anyKind} AND source_id IN ({conditions})");
        Add($"DELETE FROM authorization_policy WHERE id IN ({conditions})");
    }

    /// <summary>The scopes that a resource has. A person's has those of the resource server's own of its type, too.</summary>
    private static Sql ScopesOf(string clientId, string resourceId) =>
        $"""
        SELECT h.target_id FROM authorization_link h JOIN authorization_resource r ON r.id = h.source_id
        WHERE h.kind = {(int)AuthorizationLink.ScopeOfResource} AND (r.id = {resourceId}
            OR r.client_id = {clientId} AND r.owner_id = {clientId} AND r.type = (SELECT type FROM authorization_resource WHERE id = {resourceId}))
        """;

    /// <summary>What a resource has no more is neither shared nor asked for.</summary>
    private void ForgetScopes(string clientId, ProtectedResource resource)
    {
        var has = ScopesOf(clientId, resource.Id);
        Sql scopes = $"SELECT g.target_id FROM authorization_link g WHERE g.kind = {(int)AuthorizationLink.ScopeOfPolicy} AND g.source_id = p.id";
        RemoveTickets($"resource_id = {resource.Id} AND scope_id <> '' AND scope_id NOT IN ({has})");

        // One that gives no scope any more would give the resource itself.
        RemoveShares(clientId, resource.Id, $"EXISTS ({scopes}) AND NOT EXISTS ({scopes} AND g.target_id IN ({has}))");
        Add(
            $"""
            DELETE FROM authorization_link WHERE kind = {(int)AuthorizationLink.ScopeOfPolicy} AND target_id NOT IN ({has}) AND source_id IN (
                SELECT p.id FROM authorization_policy p JOIN authorization_link about ON about.source_id = p.id
                WHERE about.kind = {(int)AuthorizationLink.ResourceOfPolicy} AND about.target_id = {resource.Id} AND p.type = {PolicyTypes.Owners} AND p.client_id = {clientId})
            """);
    }
}
