using System.Text.Json;
using Castellan.Core.Events;

namespace Castellan.Storage;

/// <summary>Kept events, as documents beside the columns that are searched.</summary>
public sealed class EventStore(Db db) : IEventStore
{
    private const int ExpiryBatch = 1_000;

    public async ValueTask AddAsync(LoginEvent happened, long? expires, CancellationToken ct = default) => await db.WriteAsync(
        $"""
        INSERT INTO event (id, realm_id, time, type, client_id, user_id, ip_address, expires, doc)
        VALUES ({happened.Id}, {happened.RealmId}, {happened.Time}, {happened.Type}, {happened.ClientId}, {happened.UserId}, {happened.IpAddress}, {expires},
                {JsonSerializer.Serialize(happened, EventJson.Default.LoginEvent)})
        """,
        ct);

    public async ValueTask AddAsync(AdminEvent happened, long? expires, CancellationToken ct = default)
    {
        var by = happened.AuthDetails;
        await db.WriteAsync(
            $"""
            INSERT INTO admin_event (id, realm_id, time, operation_type, resource_type, resource_path, auth_realm, auth_client, auth_user, auth_ip_address, expires, doc)
            VALUES ({happened.Id}, {happened.RealmId}, {happened.Time}, {happened.OperationType}, {happened.ResourceType}, {happened.ResourcePath},
                    {by.RealmId}, {by.ClientId}, {by.UserId}, {by.IpAddress}, {expires}, {JsonSerializer.Serialize(happened, EventJson.Default.AdminEvent)})
            """,
            ct);
    }

    public ValueTask<List<LoginEvent>> ListAsync(string realmId, EventQuery query, CancellationToken ct = default)
    {
        var conditions = Common(realmId, query.From, query.To);
        Is(conditions, "client_id", query.ClientId);
        Is(conditions, "user_id", query.UserId);
        Is(conditions, "ip_address", query.IpAddress);
        OneOf(conditions, "type", query.Types);
        return db.ListAsync($"SELECT doc FROM event WHERE {Sql.And(conditions)} {Order(query.Ascending, query.First, query.Max)}", ReadEvent, ct);
    }

    public ValueTask<List<AdminEvent>> ListAsync(string realmId, AdminEventQuery query, CancellationToken ct = default)
    {
        var conditions = Common(realmId, query.From, query.To);
        Is(conditions, "auth_realm", query.AuthRealm);
        Is(conditions, "auth_client", query.AuthClient);
        Is(conditions, "auth_user", query.AuthUser);
        Is(conditions, "auth_ip_address", query.AuthIpAddress);
        OneOf(conditions, "operation_type", query.OperationTypes);
        OneOf(conditions, "resource_type", query.ResourceTypes);
        if (query.ResourcePath is { Length: > 0 } path)
        {
            conditions.Add($"resource_path LIKE {Pattern(path)} ESCAPE '\\'");
        }

        return db.ListAsync($"SELECT doc FROM admin_event WHERE {Sql.And(conditions)} {Order(query.Ascending, query.First, query.Max)}", ReadAdminEvent, ct);
    }

    public async ValueTask DeleteEventsAsync(string realmId, CancellationToken ct = default) =>
        await db.WriteAsync($"DELETE FROM event WHERE realm_id = {realmId}", ct);

    public async ValueTask DeleteAdminEventsAsync(string realmId, CancellationToken ct = default) =>
        await db.WriteAsync($"DELETE FROM admin_event WHERE realm_id = {realmId}", ct);

    public async ValueTask DeleteExpiredAsync(long now, CancellationToken ct = default)
    {
        while (await db.WriteAsync($"DELETE FROM event WHERE id IN (SELECT id FROM event WHERE expires <= {now} LIMIT {ExpiryBatch})", ct) == ExpiryBatch)
        {
        }

        while (await db.WriteAsync($"DELETE FROM admin_event WHERE id IN (SELECT id FROM admin_event WHERE expires <= {now} LIMIT {ExpiryBatch})", ct) == ExpiryBatch)
        {
        }
    }

    private static List<Sql> Common(string realmId, long? from, long? to)
    {
        List<Sql> conditions = [$"realm_id = {realmId}"];
        if (from is { } start)
        {
            conditions.Add($"time >= {start}");
        }

        if (to is { } end)
        {
            conditions.Add($"time <= {end}");
        }

        return conditions;
    }

    /// <param name="column">One of this file's own names.</param>
    private static void Is(List<Sql> conditions, string column, string? value)
    {
        if (value is { Length: > 0 })
        {
            conditions.Add(Sql.Raw(column).Append($" = {value}"));
        }
    }

    private static void OneOf(List<Sql> conditions, string column, IReadOnlyList<string>? values)
    {
        if (values is { Count: > 0 })
        {
            conditions.Add(Sql.Raw(column).Append($" IN ({values})"));
        }
    }

    private static Sql Order(bool ascending, int first, int max) => Sql.Raw(ascending ? "ORDER BY time, id" : "ORDER BY time DESC, id DESC")
        .Append($" LIMIT {(max < 0 ? int.MaxValue : max)} OFFSET {first}");

    private static string Pattern(string path) => path.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal)
        .Replace("_", @"\_", StringComparison.Ordinal).Replace('*', '%');

    private static LoginEvent ReadEvent(Row row) => JsonSerializer.Deserialize(row.GetString(0), EventJson.Default.LoginEvent)!;

    private static AdminEvent ReadAdminEvent(Row row) => JsonSerializer.Deserialize(row.GetString(0), EventJson.Default.AdminEvent)!;
}
