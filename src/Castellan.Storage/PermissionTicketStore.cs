using Castellan.Core.Authorization;

namespace Castellan.Storage;

/// <summary>Permission tickets.</summary>
public sealed class PermissionTicketStore(Db db) : IPermissionTickets
{
    public ValueTask<List<FoundTicket>> ListAsync(string realmId, TicketQuery query, int first = 0, int max = -1, CancellationToken ct = default) =>
        db.ListAsync(
            $"""
            SELECT id, client_id, resource_id, scope_id, owner_id, requester_id, policy_id, created, granted
            FROM permission_ticket WHERE {Conditions(realmId, query)} ORDER BY created, id {Like.Page(db.Engine, first, max)}
            """,
            Read, ct);

    public ValueTask<long> CountAsync(string realmId, TicketQuery query, CancellationToken ct = default) =>
        db.OneAsync($"SELECT COUNT(*) FROM permission_ticket WHERE {Conditions(realmId, query)}", static row => row.GetInt64(0), ct);

    private static Sql Conditions(string realmId, TicketQuery query)
    {
        List<Sql> conditions = [$"realm_id = {realmId}"];
        Add("client_id", query.ClientId);
        Add("id", query.Id);
        Add("resource_id", query.ResourceId);
        Add("scope_id", query.ScopeId);
        Add("owner_id", query.OwnerId);
        Add("requester_id", query.RequesterId);
        Add("policy_id", query.PolicyId);
        if (query.ResourceName is { } name)
        {
            // From the tickets to their resources: of a name that many have, few are somebody's to see.
            conditions.Add($"EXISTS (SELECT 1 FROM authorization_resource r WHERE r.id = permission_ticket.resource_id AND r.name = {name})");
        }

        if (query.PartyId is { } party)
        {
            conditions.Add($"(owner_id = {party} OR requester_id = {party})");
        }

        if (query.Granted is { } granted)
        {
            conditions.Add(granted ? (Sql)$"granted IS NOT NULL" : $"granted IS NULL");
        }

        return Sql.And(conditions);

        void Add(string column, string? value)
        {
            if (value is not null)
            {
                conditions.Add($"{Sql.Raw(column)} = {value}");
            }
        }
    }

    private static FoundTicket Read(Row row) => new(
        row.GetString(1),
        new(row.GetString(0), row.GetString(2), row.GetString(3) is { Length: > 0 } scope ? scope : null, row.GetString(4), row.GetString(5), row.TextOrNull(6), row.GetInt64(7), row.NumberOrNull(8)));
}
