using Castellan.Core.Users.LoginFailures;

namespace Castellan.Storage;

/// <summary>Counts of failed sign-ins, one row for a user.</summary>
public sealed class LoginFailureStore(Db db) : ILoginFailureStore
{
    private static Sql Select => Sql.Raw("SELECT user_id, failures, last_failure, last_ip_address, not_before, temporary_lockouts, secondary_failures, realm_id FROM login_failure");

    public ValueTask<LoginFailureRecord?> FindAsync(string realmId, string userId, CancellationToken ct = default) =>
        db.OneAsync($"{Select} WHERE realm_id = {realmId} AND user_id = {userId} AND last_failure > 0", Read, ct);

    public ValueTask<List<LoginFailureRecord>> ListAsync(string realmId, IReadOnlyList<string> userIds, CancellationToken ct = default) =>
        db.ListAsync($"{Select} WHERE realm_id = {realmId} AND user_id IN ({userIds}) AND last_failure > 0", Read, ct);

    public async ValueTask<bool> TakePlaceAsync(
        string realmId, string userId, int failureFactor, long now, long forgetBefore, long staleBefore, CancellationToken ct = default)
    {
        Sql taken = $"(CASE WHEN login_failure.placed < {staleBefore} THEN 0 ELSE login_failure.places END)";
        Sql counted = $"(CASE WHEN login_failure.last_failure < {forgetBefore} THEN 0 ELSE login_failure.failures END)";
        return await db.WriteAsync(
            $"""
            INSERT INTO login_failure (realm_id, user_id, failures, last_failure, not_before, temporary_lockouts, secondary_failures, places, placed)
            VALUES ({realmId}, {userId}, 0, 0, 0, 0, 0, 1, {now})
            ON CONFLICT (realm_id, user_id) DO UPDATE SET places = {taken} + 1, placed = excluded.placed
            WHERE login_failure.not_before <= {now} AND {taken} < (CASE WHEN {counted} >= {failureFactor} THEN 1 ELSE {failureFactor} - {counted} END)
            """,
            ct) == 1;
    }

    public async ValueTask ReleasePlaceAsync(string realmId, string userId, CancellationToken ct = default)
    {
        // Most people never fail: nothing of them stays.
        if (await db.WriteAsync($"DELETE FROM login_failure WHERE realm_id = {realmId} AND user_id = {userId} AND places <= 1 AND last_failure = 0", ct) == 0)
        {
            await db.WriteAsync($"UPDATE login_failure SET places = places - 1 WHERE realm_id = {realmId} AND user_id = {userId} AND places > 0", ct);
        }
    }

    public async ValueTask<bool> ReplaceAsync(LoginFailureRecord? read, LoginFailureRecord replacement, CancellationToken ct = default)
    {
        Sql set =
            $"""
            failures = {replacement.Failures}, last_failure = {replacement.LastFailure}, last_ip_address = {replacement.LastIpAddress}, not_before = {replacement.NotBefore},
            temporary_lockouts = {replacement.TemporaryLockouts}, secondary_failures = {replacement.SecondaryFailures},
            places = CASE WHEN login_failure.places > 0 THEN login_failure.places - 1 ELSE 0 END
            """;
        return await db.WriteAsync(
            read is null
                ? $"""
                  INSERT INTO login_failure (realm_id, user_id, failures, last_failure, last_ip_address, not_before, temporary_lockouts, secondary_failures, places, placed)
                  VALUES ({replacement.RealmId}, {replacement.UserId}, {replacement.Failures}, {replacement.LastFailure}, {replacement.LastIpAddress}, {replacement.NotBefore},
                      {replacement.TemporaryLockouts}, {replacement.SecondaryFailures}, 0, 0)
                  ON CONFLICT (realm_id, user_id) DO UPDATE SET {set} WHERE login_failure.last_failure = 0
                  """
                : (Sql)$"""
                  UPDATE login_failure SET {set}
                  WHERE realm_id = {read.RealmId} AND user_id = {read.UserId} AND failures = {read.Failures} AND last_failure = {read.LastFailure}
                      AND not_before = {read.NotBefore} AND temporary_lockouts = {read.TemporaryLockouts} AND secondary_failures = {read.SecondaryFailures}
                  """,
            ct) == 1;
    }

    public async ValueTask ClearAsync(string realmId, string? userId, CancellationToken ct = default)
    {
        Sql whose = userId is null ? $"realm_id = {realmId}" : (Sql)$"realm_id = {realmId} AND user_id = {userId}";
        await db.WriteAsync(
            async tx =>
            {
                await tx.ExecuteAsync($"DELETE FROM login_failure WHERE {whose} AND places = 0", ct);
                await tx.ExecuteAsync(
                    $"""
                    UPDATE login_failure SET failures = 0, last_failure = 0, last_ip_address = NULL, not_before = 0, temporary_lockouts = 0, secondary_failures = 0
                    WHERE {whose}
                    """,
                    ct);
            },
            ct);
    }

    private static LoginFailureRecord Read(Row row) => new(
        row.GetString(7), row.GetString(0), (int)row.GetInt64(1), row.GetInt64(2), row.TextOrNull(3), row.GetInt64(4), (int)row.GetInt64(5), (int)row.GetInt64(6));
}
