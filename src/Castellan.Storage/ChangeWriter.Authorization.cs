using Castellan.Core.Authorization;
using Castellan.Core.Authorization.Sharing;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Storage;

/// <summary>Which rows of <c>authorization_link</c> name what.</summary>
internal enum AuthorizationLink
{
    ScopeOfResource, ResourceOfPolicy, ScopeOfPolicy, PolicyOfPolicy,
}

/// <summary>Changes to what resource servers protect.</summary>
internal sealed partial class ChangeWriter
{
    private static readonly string[] s_authorizationTables = ["authorization_scope", "authorization_resource", "authorization_policy"];

    /// <summary>Links are found by their source through their kind.</summary>
    private static readonly Sql s_anyKind = Sql.Raw($"kind IN ({string.Join(", ", Enum.GetValues<AuthorizationLink>().Select(k => (int)k))})");

    private void Write(AuthorizationChange change)
    {
        switch (change)
        {
            case PutAuthorizationScope c: Put(c.ClientId, c.Scope); break;
            case PutProtectedResource c: Put(c.ClientId, c.Resource); break;
            case PutPolicy c: Put(c.ClientId, c.Policy); break;
            case PutPermissionTicket c: Add(Insert(c.ClientId, c.Ticket).Append($" ON CONFLICT (resource_id, requester_id, scope_id) DO NOTHING")); break;
            case ChangeShare c: Write(c); break;
            case ReleaseTickets c: RemoveTickets($"policy_id = {c.PolicyId} AND client_id = {c.ClientId}"); break;
            case DeleteAuthorizationScope c:
                RemoveTickets($"scope_id = {c.Id} AND client_id = {c.ClientId}");
                RemoveAuthorization("authorization_scope", $"id = {c.Id} AND client_id = {c.ClientId} AND realm_id = {_realm}");
                break;
            case DeleteProtectedResource c:
                LockResources($"id = {c.Id} AND client_id = {c.ClientId}");
                RemoveShares(c.ClientId, c.Id, Sql.Raw("1 = 1"));
                RemoveTickets($"resource_id = {c.Id} AND client_id = {c.ClientId}");
                RemoveAuthorization("authorization_resource", $"id = {c.Id} AND client_id = {c.ClientId} AND realm_id = {_realm}");
                break;
            case DeletePolicy c:
                Sql own = $"SELECT id FROM authorization_policy WHERE id = {c.Id} AND type = {PolicyTypes.Owners} AND client_id = {c.ClientId} AND realm_id = {_realm}";
                LockResources($"id IN (SELECT target_id FROM authorization_link WHERE kind = {(int)AuthorizationLink.ResourceOfPolicy} AND source_id IN ({own}))");
                RemoveTickets($"policy_id = {c.Id} AND client_id = {c.ClientId}");
                RemoveConditions(own);
                RemoveAuthorization("authorization_policy", $"id = {c.Id} AND client_id = {c.ClientId} AND realm_id = {_realm}");
                break;
            case AuthorizationMoved c: Moved(c.ClientId); break;
            case DeleteResourceServer c: RemoveResourceServer(c.ClientId); break;
            default: throw new ArgumentException($"Nobody knows how to write {change.GetType().Name}.", nameof(change));
        }
    }

    /// <summary>Of nodes that start together the one moves a client that takes it out of here; for another the realm is no longer as it read it.</summary>
    private void Moved(string clientId) => Add(
        $"DELETE FROM authorization_to_move WHERE client_id = {clientId} AND realm_id = {_realm}",
        NotStale);

    private void Put(string clientId, ScopeRepresentation scope)
    {
        var document = new ScopeRepresentation { Id = scope.Id, Name = scope.Name, DisplayName = scope.DisplayName, IconUri = scope.IconUri };
        AddOwn(
            "authorization_scope(id)",
            $"""
            INSERT INTO authorization_scope (id, realm_id, client_id, name, document)
            VALUES ({scope.Id}, {_realm}, {clientId}, {scope.Name}, {StoredJson.Write(document, StoredJson.AuthorizationScope)})
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, document = excluded.document
            WHERE authorization_scope.realm_id = excluded.realm_id AND authorization_scope.client_id = excluded.client_id
            """);
    }

    private void Put(string clientId, ProtectedResource resource)
    {
        var uris = string.Concat((resource.Representation.Uris ?? []).Select(u => "\n" + u.ToLowerInvariant())) + "\n";
        AddOwn(
            "authorization_resource(id)",
            $"""
            INSERT INTO authorization_resource (id, realm_id, client_id, owner_id, name, search, type, uris, document)
            VALUES (
                {resource.Id}, {_realm}, {clientId}, {resource.OwnerId}, {resource.Name}, {resource.Name.ToLowerInvariant()}, {resource.Type}, {uris},
                {StoredJson.Write(resource.Representation, StoredJson.ProtectedResource)})
            ON CONFLICT (id) DO UPDATE SET owner_id = excluded.owner_id, name = excluded.name, search = excluded.search, type = excluded.type, uris = excluded.uris,
                document = excluded.document
            WHERE authorization_resource.realm_id = excluded.realm_id AND authorization_resource.client_id = excluded.client_id
            """);
        Link(AuthorizationLink.ScopeOfResource, resource.Id, resource.ScopeIds);
        ForgetScopes(clientId, resource);
    }

    private void Put(string clientId, Policy policy)
    {
        if (policy.Type == PolicyTypes.Owners)
        {
            LockResources($"id IN ({policy.ResourceIds}) AND client_id = {clientId}");
            RemoveConditions($"SELECT id FROM authorization_policy WHERE id = {policy.Id} AND client_id = {clientId} AND realm_id = {_realm}", except: policy.PolicyIds);
        }

        AddOwn(
            "authorization_policy(id)",
            $"""
            INSERT INTO authorization_policy (id, realm_id, client_id, name, type, owner_id, document)
            VALUES (
                {policy.Id}, {_realm}, {clientId}, {policy.Name}, {policy.Type}, {policy.Representation.Owner}, {StoredJson.Write(policy.Representation, StoredJson.Policy)})
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, type = excluded.type, owner_id = excluded.owner_id, document = excluded.document
            WHERE authorization_policy.realm_id = excluded.realm_id AND authorization_policy.client_id = excluded.client_id
            """);
        Link(AuthorizationLink.ResourceOfPolicy, policy.Id, policy.ResourceIds);
        Link(AuthorizationLink.ScopeOfPolicy, policy.Id, policy.ScopeIds);
        Link(AuthorizationLink.PolicyOfPolicy, policy.Id, policy.PolicyIds);
    }

    private Sql Insert(string clientId, PermissionTicket ticket) =>
        $"""
        INSERT INTO permission_ticket (id, realm_id, client_id, resource_id, scope_id, owner_id, requester_id, policy_id, created, granted)
        VALUES (
            {ticket.Id}, {_realm}, {clientId}, {ticket.ResourceId}, {ticket.ScopeId ?? ""}, {ticket.OwnerId}, {ticket.RequesterId}, {ticket.PolicyId}, {ticket.Created},
            {ticket.Granted})
        """;

    private void Link(AuthorizationLink kind, string source, IReadOnlyList<string> targets)
    {
        Add($"DELETE FROM authorization_link WHERE kind = {(int)kind} AND source_id = {source} AND realm_id = {_realm}");
        foreach (var target in targets)
        {
            Add(
                $"""
                INSERT INTO authorization_link (kind, source_id, target_id, realm_id) VALUES ({(int)kind}, {source}, {target}, {_realm}) ON CONFLICT DO NOTHING
                """);
        }
    }

    private void RemoveTickets(Sql which) => Add($"DELETE FROM permission_ticket WHERE {which} AND realm_id = {_realm}");

    private void RemoveResourceServer(string clientId)
    {
        RemoveTickets($"client_id = {clientId}");
        foreach (var table in s_authorizationTables)
        {
            RemoveAuthorization(table, $"client_id = {clientId} AND realm_id = {_realm}");
        }
    }

    private void RemoveAuthorization(string table, Sql which)
    {
        Sql ids = $"SELECT id FROM {Sql.Raw(table)} WHERE {which}";
        Add($"DELETE FROM authorization_link WHERE {s_anyKind} AND source_id IN ({ids})");
        Add($"DELETE FROM authorization_link WHERE target_id IN ({ids})");
        Add($"DELETE FROM {Sql.Raw(table)} WHERE {which}");
    }
}
