using Castellan.Core.Authorization;
using Castellan.Core.Representations;

namespace Castellan.Storage;

/// <summary>Scopes, resources and policies of resource servers.</summary>
public sealed class AuthorizationStore(Db db) : IAuthorizationStore
{
    /// <summary>Between the ids that one column holds.</summary>
    private const string Separator = "\n";

    public ValueTask<List<ScopeRepresentation>> ScopesAsync(string realmId, string clientId, CancellationToken ct = default) => db.ListAsync(
        $"SELECT document FROM authorization_scope WHERE client_id = {clientId} AND realm_id = {realmId} ORDER BY name",
        static row => StoredJson.Read(row.GetString(0), StoredJson.AuthorizationScope), ct);

    public ValueTask<List<Policy>> PoliciesAsync(string realmId, string clientId, CancellationToken ct = default) => db.ListAsync(
        $"""
        SELECT p.document, {Links(AuthorizationLink.ResourceOfPolicy, "p")}, {Links(AuthorizationLink.ScopeOfPolicy, "p")}, {Links(AuthorizationLink.PolicyOfPolicy, "p")}
        FROM authorization_policy p WHERE p.client_id = {clientId} AND p.realm_id = {realmId} ORDER BY p.name
        """,
        static row => new Policy(StoredJson.Read(row.GetString(0), StoredJson.Policy), Ids(row, 1), Ids(row, 2), Ids(row, 3)), ct);

    public ValueTask<List<ProtectedResource>> ResourcesAsync(
        string realmId, string clientId, ResourceQuery query, int first = 0, int max = -1, CancellationToken ct = default)
    {
        if (query.ScopeIds is { Count: 0 })
        {
            return new([]);
        }

        List<Sql> conditions = [$"r.client_id = {clientId}", $"r.realm_id = {realmId}"];
        if (query.Id is { } id)
        {
            conditions.Add($"r.id = {id}");
        }

        if (query.SharedWith is { } requester)
        {
            conditions.Add($"r.id IN (SELECT t.resource_id FROM permission_ticket t WHERE t.requester_id = {requester} AND t.client_id = {clientId} AND t.granted IS NOT NULL)");
        }

        if (query.Name is { } name)
        {
            conditions.Add(query.Exact ? (Sql)$"r.search = {name.ToLowerInvariant()}" : $"r.search LIKE {Like.Contains(name)} ESCAPE '\\'");
        }

        if (query.Type is { } type)
        {
            conditions.Add(query.ExactType ? (Sql)$"r.type = {type}" : $"lower(r.type) LIKE {Like.Contains(type)} ESCAPE '\\'");
        }

        if (query.Uri is { } uri)
        {
            conditions.Add($"r.uris LIKE {Like.Contains("\n" + uri + "\n")} ESCAPE '\\'");
        }

        if (query.HasUris)
        {
            conditions.Add($"r.uris <> {"\n"}");
        }

        if (query.Owner is { } owner)
        {
            conditions.Add($"r.owner_id = {owner}");
        }

        if (query.ScopeIds is { } scopes)
        {
            conditions.Add(
                $"r.id IN (SELECT source_id FROM authorization_link WHERE kind = {(int)AuthorizationLink.ScopeOfResource} AND target_id IN ({scopes.ToArray()}))");
        }

        return db.ListAsync($"{Resources} WHERE {Sql.And(conditions)} ORDER BY r.name, r.id {Like.Page(db.Engine, first, max)}", ReadResource, ct);
    }

    public ValueTask<ProtectedResource?> FindResourceAsync(string realmId, string clientId, string id, CancellationToken ct = default) =>
        db.OneAsync($"{Resources} WHERE r.id = {id} AND r.client_id = {clientId} AND r.realm_id = {realmId}", ReadResource, ct);

    public ValueTask<ProtectedResource?> FindResourceAsync(string realmId, string clientId, string ownerId, string name, CancellationToken ct = default) =>
        db.OneAsync($"{Resources} WHERE r.client_id = {clientId} AND r.owner_id = {ownerId} AND r.name = {name} AND r.realm_id = {realmId}", ReadResource, ct);

    public ValueTask<HeldResource?> FindResourceAsync(string realmId, string id, CancellationToken ct = default) =>
        db.OneAsync($"{Held} WHERE r.id = {id} AND r.realm_id = {realmId}", ReadHeld, ct);

    public ValueTask<List<HeldResource>> ResourcesOfOwnerAsync(string realmId, string ownerId, string? name, int first, int max, CancellationToken ct = default)
    {
        List<Sql> conditions = [$"r.owner_id = {ownerId}", $"r.realm_id = {realmId}"];
        if (name is not null)
        {
            conditions.Add($"r.search LIKE {Like.Contains(name)} ESCAPE '\\'");
        }

        return db.ListAsync($"{Held} WHERE {Sql.And(conditions)} ORDER BY r.name, r.id {Like.Page(db.Engine, first, max)}", ReadHeld, ct);
    }

    private static Sql Held => $"SELECT r.document, r.owner_id, {Links(AuthorizationLink.ScopeOfResource, "r")}, r.client_id FROM authorization_resource r";

    private static HeldResource ReadHeld(Row row) => new(row.GetString(3), ReadResource(row));

    private static Sql Resources => $"SELECT r.document, r.owner_id, {Links(AuthorizationLink.ScopeOfResource, "r")} FROM authorization_resource r";

    private static Sql Links(AuthorizationLink kind, string table) =>
        $"(SELECT string_agg(l.target_id, {Separator}) FROM authorization_link l WHERE l.kind = {(int)kind} AND l.source_id = {Sql.Raw(table)}.id)";

    private static ProtectedResource ReadResource(Row row) =>
        new(StoredJson.Read(row.GetString(0), StoredJson.ProtectedResource), row.GetString(1), Ids(row, 2));

    private static string[] Ids(Row row, int column) => row.TextOrNull(column)?.Split(Separator) ?? [];
}
