using Castellan.Core.Events;

namespace Castellan.Storage;

/// <summary>Messages for the webhook, until they are delivered.</summary>
public sealed class Outbox(Db db) : IOutbox
{
    public async ValueTask AddAsync(OutboxMessage message, CancellationToken ct = default) => await db.WriteAsync(
        $"""
        INSERT INTO outbox (id, body, created, attempts, due)
        VALUES ({message.Id}, {message.Body}, {message.Created}, {message.Attempts}, {message.Created})
        """,
        ct);

    public ValueTask<List<OutboxMessage>> LeaseAsync(long now, long leaseEnd, int max, CancellationToken ct = default) => db.WriteAsync(
        async tx =>
        {
            // The condition stands in the UPDATE again: of two nodes that read the same row, the second finds it put off.
            var leased = await tx.ListAsync(
                $"""
                UPDATE outbox SET due = {leaseEnd}
                WHERE due <= {now} AND id IN (SELECT id FROM outbox WHERE due <= {now} ORDER BY created LIMIT {max})
                RETURNING id, body, created, attempts
                """,
                Read,
                ct);
            leased.Sort(static (a, b) => a.Created.CompareTo(b.Created));
            return leased;
        },
        ct);

    public async ValueTask DeleteAsync(string id, CancellationToken ct = default) => await db.WriteAsync($"DELETE FROM outbox WHERE id = {id}", ct);

    public async ValueTask PostponeAsync(string id, long until, CancellationToken ct = default) =>
        await db.WriteAsync($"UPDATE outbox SET attempts = attempts + 1, due = {until} WHERE id = {id}", ct);

    private static OutboxMessage Read(Row row) => new(row.GetString(0), row.GetString(1), row.GetInt64(2), (int)row.GetInt64(3));
}
