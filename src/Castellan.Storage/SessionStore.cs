using System.Text.Json;
using System.Text.Json.Serialization;
using Castellan.Core.Sessions;
using Castellan.Core.Users;

namespace Castellan.Storage;

/// <summary>
/// Sessions as rows. With the embedded database this process is the only writer, so what was read stays in memory until it is written again; with
/// PostgreSQL another node may write at any time, and every read goes there. A refresh changes one row, that of the chain or of the client's part:
/// the last access of a session is the latest that any of its rows has.
/// </summary>
public sealed class SessionStore(Db db) : ISessions
{
    /// <summary>Where it is told that sessions went with their realm, client or user.</summary>
    internal const string EndedChannel = "sessions";

    private const int Batch = 500;
    private const int MaxRemembered = 8_192;

    private readonly RowMemory<UserSession>? _memory = Remember(db);

    private static Sql Columns => Sql.Raw(
        "s.id, s.offline, s.realm_id, s.user_id, s.login_username, s.ip_address, s.remember_me, s.started, s.last_access, s.broker_session_id, s.broker_user_id, s.notes, " +
        "c.client_id, c.started, c.last_access, c.notes, " +
        "(SELECT MAX(r.last_access) FROM refresh_chain r WHERE r.session_id = c.session_id AND r.offline = c.offline AND r.client_id = c.client_id)");

    private static Sql Joined => Sql.Raw(" FROM user_session s LEFT JOIN client_session c ON c.session_id = s.id AND c.offline = s.offline ");

    public ValueTask<UserSession?> FindAsync(string realmId, string id, bool offline = false, CancellationToken ct = default)
    {
        if (_memory?.Find(Key(id, offline)) is { } known)
        {
            return new(known.RealmId == realmId ? known : null);
        }

        return ReadAsync();

        async ValueTask<UserSession?> ReadAsync()
        {
            var seen = _memory?.Stamp(Key(id, offline)) ?? 0;
            var rows = await db.ListAsync($"SELECT {Columns}{Joined}WHERE s.id = {id} AND s.offline = {offline} ORDER BY c.started, c.client_id", Read, ct);
            if (Join(rows) is not [{ } session])
            {
                return null;
            }

            _memory?.Keep(Key(id, offline), session, seen);
            return session.RealmId == realmId ? session : null;
        }
    }

    public async ValueTask AddAsync(UserSession session, CancellationToken ct = default)
    {
        var key = Key(session.Id, session.Offline);
        var seen = _memory?.Stamp(key) ?? 0;
        await db.WriteAsync(
            async tx =>
            {
                await tx.ExecuteAsync(
                    $"""
                    INSERT INTO user_session (id, offline, realm_id, user_id, login_username, ip_address, remember_me, started, last_access, broker_session_id, broker_user_id, notes)
                    VALUES ({session.Id}, {session.Offline}, {session.RealmId}, {session.UserId}, {session.LoginUsername}, {session.IpAddress}, {session.RememberMe},
                        {session.Started}, {session.LastAccess}, {session.BrokerSessionId}, {session.BrokerUserId}, {Write(session.Notes)})
                    """,
                    ct);
                foreach (var client in session.Clients)
                {
                    await tx.ExecuteAsync(Put(session.RealmId, client), ct);
                }
            },
            ct);
        _memory?.Put(key, session, seen);
    }

    public async ValueTask<bool> SaveAsync(UserSession session, CancellationToken ct = default)
    {
        var saved = await db.WriteAsync(
            $"""
            UPDATE user_session SET last_access = {session.LastAccess}, remember_me = {session.RememberMe}, ip_address = {session.IpAddress},
                broker_session_id = {session.BrokerSessionId}, broker_user_id = {session.BrokerUserId}, notes = {Write(session.Notes)}
            WHERE id = {session.Id} AND offline = {session.Offline} AND realm_id = {session.RealmId}
            """,
            ct) == 1;
        Forget(session.Id);
        return saved;
    }

    public ValueTask<bool> AttachAsync(string realmId, ClientSession client, CancellationToken ct = default) => PutAsync(Put(realmId, client), client, ct);

    public ValueTask<bool> RestartAsync(string realmId, ClientSession client, ClientSession over, CancellationToken ct = default) =>
        PutAsync(Put(realmId, client, over.Started), client, ct);

    private async ValueTask<bool> PutAsync(Sql put, ClientSession client, CancellationToken ct)
    {
        var attached = await db.WriteAsync(put, ct) == 1;
        Forget(client.SessionId);
        return attached;
    }

    public async ValueTask<bool> DetachAsync(string realmId, string sessionId, string clientId, bool offline = false, CancellationToken ct = default)
    {
        var removed = await db.WriteAsync(
            async tx =>
            {
                // What the part says of the session's last access must not go with it.
                var part = await tx.ListAsync(
                    $"SELECT {Columns}{Joined}WHERE s.id = {sessionId} AND s.offline = {offline} AND s.realm_id = {realmId} AND c.client_id = {clientId}", Read, ct);
                if (Join(part) is not [{ } session])
                {
                    return false;
                }

                await tx.ExecuteAsync(
                    $"UPDATE user_session SET last_access = {session.LastAccess} WHERE id = {sessionId} AND offline = {offline} AND last_access < {session.LastAccess}", ct);
                return await tx.ExecuteAsync($"DELETE FROM client_session WHERE session_id = {sessionId} AND offline = {offline} AND client_id = {clientId}", ct) == 1;
            },
            ct);
        Forget(sessionId);
        return removed;
    }

    public async ValueTask<bool> RotateAsync(string realmId, ClientSession client, string chain, Func<RefreshChain?, RefreshChain?> move, CancellationToken ct = default)
    {
        if (db.Engine == DbEngine.PostgreSql)
        {
            return await RaceAsync(realmId, client, chain, move, ct);
        }

        var rotated = await db.WriteAsync(
            async tx =>
            {
                var read = await tx.OneAsync(Chain(client, chain), ReadChain, ct);
                return move(read) is { } next && await tx.ExecuteAsync(Advance(realmId, client, read, next), ct) == 1;
            },
            ct);
        if (rotated)
        {
            _memory!.Change(Key(client.SessionId, client.Offline), session => session.Touched(client.ClientId, client.LastAccess));
        }
        else
        {
            Forget(client.SessionId);
        }

        return rotated;
    }

    public ValueTask<RefreshChain?> FindChainAsync(ClientSession client, string chain, CancellationToken ct = default) => db.OneAsync(Chain(client, chain), ReadChain, ct);

    /// <summary>Where several nodes write: read, then write what was decided if nothing has changed since; whoever came second looks again.</summary>
    private async ValueTask<bool> RaceAsync(string realmId, ClientSession client, string chain, Func<RefreshChain?, RefreshChain?> move, CancellationToken ct)
    {
        while (true)
        {
            var read = await FindChainAsync(client, chain, ct);
            if (move(read) is not { } next)
            {
                return false;
            }

            if (await db.WriteAsync(Advance(realmId, client, read, next), ct) == 1)
            {
                return true;
            }

            // Lost against another use, or the client's part ended meanwhile.
            if (await FindAsync(realmId, client.SessionId, client.Offline, ct) is not { } session || session.Client(client.ClientId) is null)
            {
                return false;
            }
        }
    }

    private static Sql Chain(ClientSession client, string id) =>
        $"SELECT id, token, uses, issued FROM refresh_chain WHERE session_id = {client.SessionId} AND offline = {client.Offline} AND client_id = {client.ClientId} AND id = {id}";

    private static RefreshChain ReadChain(Row row) => new(row.GetString(0), row.GetString(1), (int)row.GetInt64(2), row.GetString(3));

    /// <summary>All of a rotation as one statement. It changes the chain if that is still what was read and the client's part is there, or nothing.</summary>
    private Sql Advance(string realmId, ClientSession client, RefreshChain? read, RefreshChain next)
    {
        Sql part = $"FROM client_session WHERE session_id = {client.SessionId} AND offline = {client.Offline} AND client_id = {client.ClientId} AND realm_id = {realmId}";
        return read is null
            ? (Sql)$"""
              INSERT INTO refresh_chain (session_id, offline, client_id, id, token, uses, issued, last_access)
              SELECT session_id, offline, client_id, {next.Id}, {next.Token}, {next.Uses}, {next.Issued}, {client.LastAccess} {part}{Sql.KeyShare(db.Engine)}
              ON CONFLICT (session_id, offline, client_id, id) DO NOTHING
              """
            : $"""
              UPDATE refresh_chain SET token = {next.Token}, uses = {next.Uses}, issued = {next.Issued},
                  last_access = CASE WHEN last_access > {client.LastAccess} THEN last_access ELSE {client.LastAccess} END
              WHERE session_id = {client.SessionId} AND offline = {client.Offline} AND client_id = {client.ClientId} AND id = {read.Id}
                  AND token = {read.Token} AND uses = {read.Uses} AND issued = {read.Issued} AND EXISTS (SELECT 1 {part})
              """;
    }

    public async ValueTask<bool> DeleteAsync(string realmId, string id, bool offline = false, CancellationToken ct = default)
    {
        var deleted = await db.WriteAsync($"DELETE FROM user_session WHERE id = {id} AND offline = {offline} AND realm_id = {realmId}", ct) == 1;
        Forget(id);
        return deleted;
    }

    public async ValueTask<List<UserSession>> ListByUserAsync(string realmId, string userId, bool offline = false, CancellationToken ct = default) =>
        Join(await db.ListAsync(
            $"SELECT {Columns}{Joined}WHERE s.realm_id = {realmId} AND s.user_id = {userId} AND s.offline = {offline} ORDER BY s.started, s.id, c.started, c.client_id", Read, ct));

    public async ValueTask<List<UserSession>> ListByBrokerAsync(string realmId, string? brokerSessionId, string? brokerUserId, bool offline = false, CancellationToken ct = default)
    {
        if (brokerSessionId is null && brokerUserId is null)
        {
            return [];
        }

        // One text for the one or the other, so that each finds its index.
        var which = brokerSessionId is not null ? (Sql)$"s.broker_session_id = {brokerSessionId}" : (Sql)$"s.broker_user_id = {brokerUserId}";
        return Join(await db.ListAsync($"SELECT {Columns}{Joined}WHERE s.realm_id = {realmId} AND {which} AND s.offline = {offline} ORDER BY s.started, s.id, c.started, c.client_id", Read, ct));
    }

    public async ValueTask<List<UserSession>> ListByClientAsync(
        string realmId, string clientId, bool offline, int first, int max, UserRestriction? only = null, CancellationToken ct = default) =>
        Join(await db.ListAsync(
            $"""
            SELECT {Columns}{Joined}WHERE s.offline = {offline} AND s.id IN (
                SELECT p.session_id FROM client_session p JOIN user_session q ON q.id = p.session_id AND q.offline = p.offline{Owner(only)}
                WHERE p.realm_id = {realmId} AND p.client_id = {clientId} AND p.offline = {offline}
                ORDER BY q.started, q.id LIMIT {(max < 0 ? long.MaxValue : max)} OFFSET {(long)first})
            ORDER BY s.started, s.id, c.started, c.client_id
            """,
            Read,
            ct));

    public async ValueTask<Dictionary<string, int>> CountByClientAsync(string realmId, bool offline, UserRestriction? only = null, CancellationToken ct = default) =>
        (await db.ListAsync(
            only is null
                ? (Sql)$"SELECT client_id, COUNT(*) FROM client_session WHERE realm_id = {realmId} AND offline = {offline} GROUP BY client_id"
                : $"""
                  SELECT p.client_id, COUNT(*) FROM client_session p JOIN user_session q ON q.id = p.session_id AND q.offline = p.offline{Owner(only)}
                  WHERE p.realm_id = {realmId} AND p.offline = {offline} GROUP BY p.client_id
                  """,
            static row => (row.GetString(0), (int)row.GetInt64(1)),
            ct)).ToDictionary(r => r.Item1, r => r.Item2, StringComparer.Ordinal);

    public async ValueTask<List<UserSession>> DeleteByUserAsync(string realmId, string userId, bool offline = false, CancellationToken ct = default)
    {
        var deleted = await db.WriteAsync(
            async tx =>
            {
                var rows = await tx.ListAsync(
                    $"SELECT {Columns}{Joined}WHERE s.realm_id = {realmId} AND s.user_id = {userId} AND s.offline = {offline} ORDER BY s.started, s.id, c.started", Read, ct);
                await tx.ExecuteAsync($"DELETE FROM user_session WHERE realm_id = {realmId} AND user_id = {userId} AND offline = {offline}", ct);
                return Join(rows);
            },
            ct);
        foreach (var session in deleted)
        {
            Forget(session.Id);
        }

        return deleted;
    }

    public async ValueTask DeleteByRealmAsync(string realmId, bool offline = false, CancellationToken ct = default)
    {
        await db.WriteAsync($"DELETE FROM user_session WHERE realm_id = {realmId} AND offline = {offline}", ct);
        _memory?.Clear();
    }

    public async ValueTask DeleteExpiredAsync(string realmId, bool offline, long idleBefore, long startedBefore, CancellationToken ct = default)
    {
        while (await db.WriteAsync(
            $"""
            DELETE FROM user_session WHERE offline = {offline} AND id IN (
                SELECT s.id FROM user_session s WHERE s.realm_id = {realmId} AND s.offline = {offline} AND s.started < {Math.Max(idleBefore, startedBefore)}
                    AND (s.started < {startedBefore} OR (s.last_access < {idleBefore}
                        AND NOT EXISTS (SELECT 1 FROM client_session c WHERE c.session_id = s.id AND c.offline = s.offline AND c.last_access >= {idleBefore})
                        AND NOT EXISTS (SELECT 1 FROM refresh_chain r WHERE r.session_id = s.id AND r.offline = s.offline AND r.last_access >= {idleBefore})))
                LIMIT {Batch})
            """,
            ct) == Batch)
        {
            ct.ThrowIfCancellationRequested();
        }

        _memory?.Clear();
    }

    /// <summary>For a session <c>q</c>: it is of one of these users.</summary>
    private static Sql Owner(UserRestriction? only) => only is null ? Sql.Raw("") : $" JOIN users u ON u.id = q.user_id AND {UserSearch.Within(only)}";

    private static RowMemory<UserSession>? Remember(Db db)
    {
        if (db.Engine != DbEngine.Sqlite)
        {
            return null;
        }

        var memory = new RowMemory<UserSession>(MaxRemembered);
        db.Listen(EndedChannel, _ => memory.Clear(), atCommit: true);
        return memory;
    }

    private void Forget(string id)
    {
        _memory?.Forget(Key(id, offline: false));
        _memory?.Forget(Key(id, offline: true));
    }

    /// <summary>The online session and its offline twin have one id.</summary>
    private static string Key(string id, bool offline) => offline ? id + "/offline" : id;

    /// <summary>It changes one row, or none when there is no such session.</summary>
    /// <param name="over">When the part began that is to begin anew.</param>
    private Sql Put(string realmId, ClientSession client, long over = -1) =>
        $"""
        INSERT INTO client_session (session_id, offline, client_id, realm_id, started, last_access, notes)
        SELECT id, offline, {client.ClientId}, realm_id, {client.Started}, {client.LastAccess}, {Write(client.Notes)} FROM user_session
        WHERE id = {client.SessionId} AND offline = {client.Offline} AND realm_id = {realmId}{Sql.KeyShare(db.Engine)}
        ON CONFLICT (session_id, offline, client_id) DO UPDATE SET last_access = excluded.last_access, notes = excluded.notes,
            started = CASE WHEN client_session.started = {over} THEN excluded.started ELSE client_session.started END
        """;

    private static string? Write(IReadOnlyDictionary<string, string> notes) =>
        notes.Count == 0 ? null : JsonSerializer.Serialize(notes, NotesJson.Default.IReadOnlyDictionaryStringString);

    private static IReadOnlyDictionary<string, string> Notes(string? json) =>
        json is null ? s_none : JsonSerializer.Deserialize(json, NotesJson.Default.DictionaryStringString)!;

    private static readonly Dictionary<string, string> s_none = [];

    private static (UserSession Session, ClientSession? Client) Read(Row row)
    {
        var session = new UserSession
        {
            Id = row.GetString(0),
            Offline = row.Flag(1),
            RealmId = row.GetString(2),
            UserId = row.GetString(3),
            LoginUsername = row.TextOrNull(4),
            IpAddress = row.TextOrNull(5),
            RememberMe = row.Flag(6),
            Started = row.GetInt64(7),
            LastAccess = row.GetInt64(8),
            BrokerSessionId = row.TextOrNull(9),
            BrokerUserId = row.TextOrNull(10),
            Notes = Notes(row.TextOrNull(11)),
        };
        return (session, row.IsNull(12) ? null : new ClientSession
        {
            SessionId = session.Id,
            Offline = session.Offline,
            ClientId = row.GetString(12),
            Started = row.GetInt64(13),
            LastAccess = Math.Max(row.GetInt64(14), row.IsNull(16) ? 0 : row.GetInt64(16)),
            Notes = Notes(row.TextOrNull(15)),
        });
    }

    /// <summary>The rows of a session, which follow one another, as one session.</summary>
    private static List<UserSession> Join(List<(UserSession Session, ClientSession? Client)> rows)
    {
        var sessions = new List<UserSession>();
        for (var i = 0; i < rows.Count;)
        {
            var session = rows[i].Session;
            var clients = new List<ClientSession>();
            for (; i < rows.Count && rows[i].Session.Id == session.Id; i++)
            {
                if (rows[i].Client is { } client)
                {
                    clients.Add(client);
                }
            }

            sessions.Add(session with { LastAccess = clients.Select(c => c.LastAccess).Append(session.LastAccess).Max(), Clients = clients });
        }

        return sessions;
    }
}

[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class NotesJson : JsonSerializerContext;
