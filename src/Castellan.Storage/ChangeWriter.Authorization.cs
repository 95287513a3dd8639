using Castellan.Core.Authorization;
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

    private void Write(AuthorizationChange change)
    {
        switch (change)
        {
            case PutAuthorizationScope c: Put(c.ClientId, c.Scope); break;
            case PutProtectedResource c: Put(c.ClientId, c.Resource); break;
            case PutPolicy c: Put(c.ClientId, c.Policy); break;
            case PutPermissionTicket c: Put(c.ClientId, c.Ticket, c.OnlyNew); break;
            case DeletePermissionTicket c: RemoveTickets($"id = {c.Id} AND client_id = {c.ClientId}"); break;
            case DeleteAuthorizationScope c:
                RemoveTickets($"scope_id = {c.Id} AND client_id = {c.ClientId}");
                RemoveAuthorization("authorization_scope", $"id = {c.Id} AND client_id = {c.ClientId} AND realm_id = {_realm}");
                break;
            case DeleteProtectedResource c:
                RemoveTickets($"resource_id = {c.Id} AND client_id = {c.ClientId}");
                RemoveAuthorization("authorization_resource", $"id = {c.Id} AND client_id = {c.ClientId} AND realm_id = {_realm}");
                break;
            case DeletePolicy c:
                RemoveTickets($"policy_id = {c.Id} AND client_id = {c.ClientId}");
                RemoveConditions(c.ClientId, c.Id);
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
        changed =>
        {
            if (changed == 0)
            {
                throw new StaleException(_realm);
            }
        });

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

        // What it has no more is neither shared nor asked for. A person's resource has the scopes of the resource server's own of its type, too.
        RemoveTickets(
            $"""
            resource_id = {resource.Id} AND scope_id <> '' AND scope_id NOT IN (
                SELECT l.target_id FROM authorization_link l JOIN authorization_resource r ON r.id = l.source_id
                WHERE l.kind = {(int)AuthorizationLink.ScopeOfResource} AND (r.id = {resource.Id} OR r.type = {resource.Type} AND r.client_id = {clientId} AND r.owner_id = {clientId}))
            """);
    }

    private void Put(string clientId, Policy policy)
    {
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

    private void Put(string clientId, PermissionTicket ticket, bool onlyNew)
    {
        Sql insert =
            $"""
            INSERT INTO permission_ticket (id, realm_id, client_id, resource_id, scope_id, owner_id, requester_id, policy_id, created, granted)
            VALUES (
                {ticket.Id}, {_realm}, {clientId}, {ticket.ResourceId}, {ticket.ScopeId ?? ""}, {ticket.OwnerId}, {ticket.RequesterId}, {ticket.PolicyId}, {ticket.Created},
                {ticket.Granted})
            """;
        if (onlyNew)
        {
            Add($"{insert} ON CONFLICT (resource_id, requester_id, scope_id) DO NOTHING");
            return;
        }

        AddOwn(
            "permission_ticket(id)",
            $"""
            {insert} ON CONFLICT (id) DO UPDATE SET policy_id = excluded.policy_id, granted = excluded.granted
            WHERE permission_ticket.realm_id = excluded.realm_id AND permission_ticket.client_id = excluded.client_id
            """);
    }

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

    /// <summary>What stands in an owner's policy and nowhere else; nobody sees it without that.</summary>
    private void RemoveConditions(string clientId, string policyId)
    {
        Sql conditions =
            $"""
            SELECT p.id FROM authorization_policy p JOIN authorization_link l ON l.target_id = p.id JOIN authorization_policy s ON s.id = l.source_id
            WHERE l.kind = {(int)AuthorizationLink.PolicyOfPolicy} AND s.id = {policyId} AND s.type = {PolicyTypes.Owners} AND s.client_id = {clientId}
                AND s.realm_id = {_realm} AND p.owner_id IS NOT NULL
            """;
        Add($"DELETE FROM authorization_link WHERE source_id IN ({conditions})");
        Add($"DELETE FROM authorization_policy WHERE id IN ({conditions})");
    }

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
        Add($"DELETE FROM authorization_link WHERE source_id IN ({ids})");
        Add($"DELETE FROM authorization_link WHERE target_id IN ({ids})");
        Add($"DELETE FROM {Sql.Raw(table)} WHERE {which}");
    }
}
