using System.Data.Common;
using Castellan.Core.Realms;
using Npgsql;
using NpgsqlTypes;

namespace Castellan.Storage;

/// <summary>
/// A PostgreSQL database, which many nodes share. Single statements that write travel together (<see cref="PostgresWriter"/>); a work is a
/// transaction of its own, repeated when PostgreSQL asks for it.
/// </summary>
public sealed class PostgresDb : Db
{
    private const int MaxAttempts = 10;

    private readonly NpgsqlDataSource _source;
    private readonly Listeners _listeners = new();
    private readonly PostgresListener _listener;
    private readonly PostgresWriter _writer;

    private PostgresDb(NpgsqlDataSource source, string channelPrefix)
    {
        _source = source;
        _listener = new(source, _listeners, channelPrefix);
        _writer = new(source);
        ChannelPrefix = channelPrefix;
    }

    public override DbEngine Engine => DbEngine.PostgreSql;

    /// <summary>Channels belong to a whole database; the schema tells installations within one apart.</summary>
    internal string ChannelPrefix { get; }

    /// <summary>Connects, and brings the schema to this version.</summary>
    public static async Task<PostgresDb> OpenAsync(PostgresOptions options, TimeProvider time, CancellationToken ct = default)
    {
        var db = new PostgresDb(options.CreateDataSource(), $"castellan_{options.EffectiveSchema}_");
        try
        {
            await db.EnsureSchemaAsync(options.EffectiveSchema, ct);
            await Migrations.RunAsync(db, time, ct);
            return db;
        }
        catch (Exception e)
        {
            await db.DisposeAsync();
            throw e is DbException ? new StorageException($"The database at {options} cannot be used: {e.Message}", e) : e;
        }
    }

    public override async ValueTask<T?> OneAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default) where T : default
    {
        await using var connection = await _source.OpenConnectionAsync(ct);
        return await PostgresCommands.OneAsync(connection, sql, read, ct);
    }

    public override async ValueTask<List<T>> ListAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default)
    {
        await using var connection = await _source.OpenConnectionAsync(ct);
        return await PostgresCommands.ListAsync(connection, sql, read, ct);
    }

    public override async ValueTask<T> ReadAsync<T>(Func<Reads, ValueTask<T>> reads, CancellationToken ct = default)
    {
        await using var connection = await _source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        var result = await reads(new PostgresTx(connection, ChannelPrefix));
        await transaction.CommitAsync(ct);
        return result;
    }

    public override async ValueTask<T> WriteAsync<T>(Func<Tx, ValueTask<T>> work, CancellationToken ct = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await _source.OpenConnectionAsync(ct);
                await using var transaction = await connection.BeginTransactionAsync(ct);
                var result = await work(new PostgresTx(connection, ChannelPrefix));
                await transaction.CommitAsync(ct);
                return result;
            }
            catch (PostgresException e) when (attempt < MaxAttempts && PostgresCommands.IsWorthRepeating(e))
            {
                await Task.Delay(System.Security.Cryptography.RandomNumberGenerator.GetInt32(1, 30 << attempt), ct);
            }
        }
    }

    public override ValueTask<int> WriteAsync(Sql sql, CancellationToken ct = default) => _writer.ExecuteAsync(sql, ct);

    public override ValueTask<T?> WriteOneAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default) where T : default =>
        _writer.OneAsync(sql, read, ct);

    public override IDisposable Listen(string channel, Action<string?> handler, bool atCommit = false)
    {
        var entry = _listeners.Add(channel, handler);
        _listener.Start(channel);
        return entry;
    }

    public override async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _listener.DisposeAsync();
        await _source.DisposeAsync();
    }

    private async Task EnsureSchemaAsync(string schema, CancellationToken ct)
    {
        // Asked first: whoever may not create schemas can still use one that is there.
        if (await ScalarAsync($"SELECT count(*) FROM pg_namespace WHERE nspname = {schema}", ct) == 0)
        {
            try
            {
                await WriteAsync(Sql.Raw($"CREATE SCHEMA IF NOT EXISTS {PostgresCommands.Quote(schema)}"), ct);
            }
            catch (DuplicateException)
            {
                // Another node made it between the two: PostgreSQL's "if not exists" does not wait for it.
            }
        }
    }
}

/// <summary>The transaction of one connection.</summary>
internal sealed class PostgresTx(NpgsqlConnection connection, string channelPrefix) : Tx
{
    private const int PortionSize = 500;

    public override DbEngine Engine => DbEngine.PostgreSql;

    public override ValueTask<T?> OneAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default) where T : default =>
        PostgresCommands.OneAsync(connection, sql, read, ct);

    public override ValueTask<List<T>> ListAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default) =>
        PostgresCommands.ListAsync(connection, sql, read, ct);

    public override ValueTask<int> ExecuteAsync(Sql sql, CancellationToken ct = default) => PostgresCommands.ExecuteAsync(connection, sql, ct);

    public override async ValueTask<List<int>> ExecuteAllAsync(IReadOnlyList<Sql> statements, CancellationToken ct = default)
    {
        var changed = new List<int>(statements.Count);
        foreach (var portion in statements.Chunk(PortionSize))
        {
            await PostgresCommands.ExecuteAllAsync(connection, portion, changed, ct);
        }

        return changed;
    }

    internal override ValueTask InsertAsync(NewRows rows, CancellationToken ct) => PostgresCommands.CopyAsync(connection, rows, ct);

    public override async ValueTask NotifyAsync(string channel, string payload, CancellationToken ct = default) =>
        await PostgresCommands.ListAsync(connection, $"SELECT pg_notify({channelPrefix + channel}, {payload})", static _ => 0, ct);

    internal override async ValueTask ScriptAsync(string script, CancellationToken ct)
    {
#pragma warning disable CA2100 // a migration, no input
        await using var command = new NpgsqlCommand(script, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>Statements as Npgsql wants them.</summary>
internal static class PostgresCommands
{
    public static async ValueTask<T?> OneAsync<T>(NpgsqlConnection connection, Sql sql, Func<Row, T> read, CancellationToken ct)
    {
        try
        {
            await using var command = Command(connection, sql);
            await using var rows = await command.ExecuteReaderAsync(ct);
            return await rows.ReadAsync(ct) ? read(new ReaderRow(rows)) : default;
        }
        catch (PostgresException e) when (Duplicate(e) is { } duplicate)
        {
            throw duplicate;
        }
    }

    public static async ValueTask<List<T>> ListAsync<T>(NpgsqlConnection connection, Sql sql, Func<Row, T> read, CancellationToken ct)
    {
        try
        {
            await using var command = Command(connection, sql);
            await using var rows = await command.ExecuteReaderAsync(ct);
            var all = new List<T>();
            var row = new ReaderRow(rows);
            while (await rows.ReadAsync(ct))
            {
                all.Add(read(row));
            }

            return all;
        }
        catch (PostgresException e) when (Duplicate(e) is { } duplicate)
        {
            throw duplicate;
        }
    }

    public static async ValueTask<int> ExecuteAsync(NpgsqlConnection connection, Sql sql, CancellationToken ct)
    {
        try
        {
            await using var command = Command(connection, sql);
            return Math.Max(0, await command.ExecuteNonQueryAsync(ct));
        }
        catch (PostgresException e) when (Duplicate(e) is { } duplicate)
        {
            throw duplicate;
        }
    }

    public static async ValueTask ExecuteAllAsync(NpgsqlConnection connection, IEnumerable<Sql> statements, List<int> changed, CancellationToken ct)
    {
        try
        {
            await using var batch = new NpgsqlBatch(connection);
            foreach (var statement in statements)
            {
                batch.BatchCommands.Add(BatchCommand(statement));
            }

            await batch.ExecuteNonQueryAsync(ct);
            foreach (var command in batch.BatchCommands)
            {
                changed.Add((int)command.RecordsAffected);
            }
        }
        catch (PostgresException e) when (Duplicate(e) is { } duplicate)
        {
            throw duplicate;
        }
    }

    public static async ValueTask CopyAsync(NpgsqlConnection connection, NewRows rows, CancellationToken ct)
    {
        try
        {
            var shape = rows.Table;
            await using var copy = await connection.BeginBinaryImportAsync($"COPY {shape.Table} ({string.Join(", ", shape.Columns)}) FROM STDIN (FORMAT BINARY)", ct);
            foreach (var row in rows.Rows)
            {
                await copy.StartRowAsync(ct);
                for (var i = 0; i < row.Length; i++)
                {
                    await (row[i] switch
                    {
                        string text => copy.WriteAsync(Sql.Storable(text), NpgsqlDbType.Text, ct),
                        long number => copy.WriteAsync(number, NpgsqlDbType.Bigint, ct),
                        _ => copy.WriteNullAsync(ct),
                    });
                }
            }

            await copy.CompleteAsync(ct);
        }
        catch (PostgresException e) when (Duplicate(e) is { } duplicate)
        {
            throw duplicate;
        }
    }

    public static NpgsqlBatchCommand BatchCommand(Sql sql)
    {
#pragma warning disable CA2100 // values are parameters; see Sql
        var command = new NpgsqlBatchCommand(sql.ToString());
#pragma warning restore CA2100
        Bind(command.Parameters, sql);
        return command;
    }

    private static void Bind(NpgsqlParameterCollection parameters, Sql sql)
    {
        foreach (var hole in sql.Holes)
        {
            parameters.Add(hole.Type switch
            {
                SqlType.Text when hole.Value is string text => new NpgsqlParameter<string> { TypedValue = text, NpgsqlDbType = NpgsqlDbType.Text },
                SqlType.Integer when hole.Value is long number => new NpgsqlParameter<long> { TypedValue = number, NpgsqlDbType = NpgsqlDbType.Bigint },
                SqlType.Bytes when hole.Value is byte[] bytes => new NpgsqlParameter<byte[]> { TypedValue = bytes, NpgsqlDbType = NpgsqlDbType.Bytea },
                SqlType.Text => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                SqlType.Integer => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint },
                _ => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea },
            });
        }
    }

    public static bool IsWorthRepeating(PostgresException e) => e.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected;

    /// <summary>
    /// The table, and from "Key (realm_id, username)=(…) already exists." the columns, whatever the server's language. The original has the values
    /// too, which belong in no log, so it is not kept.
    /// </summary>
    public static Core.Realms.DuplicateException? Duplicate(PostgresException e)
    {
        if (e.SqlState != PostgresErrorCodes.UniqueViolation)
        {
            return null;
        }

        var open = e.Detail?.IndexOf('(') ?? -1;
        var close = e.Detail?.IndexOf(")=(", StringComparison.Ordinal) ?? -1;
        return new(open >= 0 && close > open ? $"{e.TableName}({e.Detail![(open + 1)..close]})" : $"{e.TableName}({e.ConstraintName})");
    }

    public static string Quote(string identifier) => "\"" + identifier.Replace("\"", "\"\"") + "\"";

    private static NpgsqlCommand Command(NpgsqlConnection connection, Sql sql)
    {
#pragma warning disable CA2100 // values are parameters; see Sql
        var command = new NpgsqlCommand(sql.ToString(), connection);
#pragma warning restore CA2100
        Bind(command.Parameters, sql);
        return command;
    }
}
