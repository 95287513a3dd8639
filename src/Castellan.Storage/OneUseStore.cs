using Castellan.Core;
using Castellan.Core.Codes;

namespace Castellan.Storage;

/// <summary>Things used once, in one table. A key is stored as the hash of the realm's id and itself, so that a copy of the database redeems nothing.</summary>
public sealed class OneUseStore(Db db, TimeProvider time) : IOneUse
{
    private const int Batch = 1_000;

    private readonly RevokedTokens? _revoked = RevokedTokens.For(db);

    public async ValueTask<bool> TryAddAsync(string realmId, string kind, string key, long expires, CancellationToken ct = default) =>
        await db.WriteAsync(
            $"""
            INSERT INTO one_use (kind, key, value, expires) VALUES ({kind}, {Hash(realmId, key)}, {(string?)null}, {expires})
            ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, expires = excluded.expires WHERE one_use.expires <= {Now()}
            """,
            ct) == 1;

    public async ValueTask PutAsync(string realmId, string kind, string key, string value, long expires, CancellationToken ct = default)
    {
        var hash = Hash(realmId, key);
        if (kind == OneUseKinds.RevokedToken)
        {
            _revoked?.Note(hash);
        }

        await db.WriteAsync(
            $"""
            INSERT INTO one_use (kind, key, value, expires) VALUES ({kind}, {hash}, {value}, {expires})
            ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, expires = excluded.expires
            """,
            ct);
    }

    public async ValueTask<string?> FindAsync(string realmId, string kind, string key, CancellationToken ct = default)
    {
        var hash = Hash(realmId, key);
        return kind == OneUseKinds.RevokedToken && _revoked is not null && !await _revoked.MayHoldAsync(hash, ct)
            ? null
            : await db.OneAsync($"SELECT COALESCE(value, '') FROM one_use WHERE kind = {kind} AND key = {hash} AND expires > {Now()}", Rows.Text, ct);
    }

    public ValueTask<string?> TakeAsync(string realmId, string kind, string key, CancellationToken ct = default) =>
        db.WriteOneAsync(
            $"DELETE FROM one_use WHERE kind = {kind} AND key = {Hash(realmId, key)} AND expires > {Now()} RETURNING COALESCE(value, '')", Rows.Text, ct);

    public async ValueTask<bool> ReplaceAsync(
        string realmId, string kind, string key, string read, string value, CancellationToken ct = default) =>
        await db.WriteAsync(
            $"UPDATE one_use SET value = {value} WHERE kind = {kind} AND key = {Hash(realmId, key)} AND expires > {Now()} AND value = {read}", ct) == 1;

    public async ValueTask DeleteExpiredAsync(long now, CancellationToken ct = default)
    {
        while (await db.WriteAsync(
            $"DELETE FROM one_use WHERE (kind, key) IN (SELECT kind, key FROM one_use WHERE expires <= {now} ORDER BY expires LIMIT {Batch})", ct) == Batch)
        {
            ct.ThrowIfCancellationRequested();
        }

        if (_revoked is not null)
        {
            await _revoked.ReloadAsync(ct);
        }
    }

    private static string Hash(string realmId, string key) => Secret.Hash($"{realmId}\n{key}");

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
