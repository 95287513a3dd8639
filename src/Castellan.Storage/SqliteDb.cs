using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Castellan.Storage;

/// <summary>
/// The embedded database: one file, one process. Reads run on the calling thread over a few connections, writes on one thread of their own
/// (<see cref="SqliteWriter"/>).
/// </summary>
public sealed class SqliteDb : Db
{
    /// <summary>The database within the data directory.</summary>
    public const string FileName = "castellan.db";

    private const int MaxIdleReaders = 16;

    private static readonly Sql Begin = Sql.Raw("BEGIN");
    private static readonly Sql End = Sql.Raw("COMMIT");

    /// <summary>
    /// The library, set up once for the process. A connection serves one thread at a time, so that it needs no locks of its own; and nobody asks how
    /// much memory it has, which it would count under a lock for all threads.
    /// </summary>
    private static readonly Lazy<bool> s_library = new(static () =>
    {
        const int MemoryStatus = 9;
        SQLitePCL.Batteries_V2.Init();
        return SQLitePCL.raw.sqlite3_config(SQLitePCL.raw.SQLITE_CONFIG_MULTITHREAD) == SQLitePCL.raw.SQLITE_OK
            && SQLitePCL.raw.sqlite3_config(MemoryStatus, 0) == SQLitePCL.raw.SQLITE_OK;
    });

    private readonly string _connectionString;
    private readonly string? _temporary;
    private readonly FileStream? _lock;
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly Listeners _listeners = new();
    private readonly SqliteWriter _writer;
    private bool _disposed;

    private SqliteDb(string file, FileStream? @lock, bool durable, string? temporary)
    {
        _lock = @lock;
        _temporary = temporary;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, ForeignKeys = true, DefaultTimeout = 10 }.ToString();
        _writer = new(
            new(
                _connectionString,
                $"""
                PRAGMA busy_timeout = 10000;
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = {(durable ? "FULL" : "OFF")};
                PRAGMA wal_autocheckpoint = 4000;
                PRAGMA journal_size_limit = 67108864;
                PRAGMA cache_size = -8000;
                """),
            _listeners);
    }

    public override DbEngine Engine => DbEngine.Sqlite;

    /// <summary>
    /// Opens, and makes if need be, the database in this directory, at the schema of this version. Only one process at a time may have it open.
    /// </summary>
    public static async Task<SqliteDb> OpenAsync(string dataDirectory, TimeProvider time, CancellationToken ct = default)
    {
        FileStream @lock;
        try
        {
            Directory.CreateDirectory(dataDirectory);
            @lock = new(Path.Combine(dataDirectory, "castellan.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                e is IOException && File.Exists(Path.Combine(dataDirectory, "castellan.lock"))
                    ? $"The data directory {dataDirectory} is in use by another Castellan process. Stop it first, or choose another directory with --data-dir."
                    : $"The data directory {dataDirectory} cannot be used: {e.Message}",
                e);
        }

        return await OpenAsync(Path.Combine(dataDirectory, FileName), @lock, durable: true, temporary: null, time, ct);
    }

    /// <summary>A database that is gone when it is disposed of, for tests and trials: nothing is forced to the disk.</summary>
    public static Task<SqliteDb> OpenTemporaryAsync(TimeProvider time, CancellationToken ct = default)
    {
        var directory = Directory.CreateTempSubdirectory("castellan-").FullName;
        return OpenAsync(Path.Combine(directory, FileName), null, durable: false, directory, time, ct);
    }

    public override ValueTask<T?> OneAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default) where T : default
    {
        ct.ThrowIfCancellationRequested();
        var reader = Rent();
        try
        {
            return new(reader.One(sql, read));
        }
        finally
        {
            Return(reader);
        }
    }

    public override ValueTask<List<T>> ListAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        var reader = Rent();
        try
        {
            return new(reader.List(sql, read));
        }
        finally
        {
            Return(reader);
        }
    }

    public override async ValueTask<T> ReadAsync<T>(Func<Reads, ValueTask<T>> reads, CancellationToken ct = default)
    {
        var reader = Rent();
        try
        {
            reader.Execute(Begin);
            return await reads(new SqliteReads(reader));
        }
        finally
        {
            if (reader.InTransaction)
            {
                reader.Execute(End);
            }

            Return(reader);
        }
    }

    public override ValueTask<T> WriteAsync<T>(Func<Tx, ValueTask<T>> work, CancellationToken ct = default) => _writer.RunAsync(work, alone: false, ct);

    public override ValueTask<T> WriteLongAsync<T>(Func<Tx, ValueTask<T>> work, CancellationToken ct = default) => _writer.RunAsync(work, alone: true, ct);

    public override ValueTask<int> WriteAsync(Sql sql, CancellationToken ct = default) => _writer.RunAsync(tx => tx.ExecuteAsync(sql, ct), alone: false, ct);

    public override ValueTask<T?> WriteOneAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default) where T : default =>
        _writer.RunAsync(tx => tx.OneAsync(sql, read, ct), alone: false, ct);

    public override IDisposable Listen(string channel, Action<string?> handler, bool atCommit = false) => _listeners.Add(channel, handler, atCommit);

    public override ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return ValueTask.CompletedTask;
        }

        _disposed = true;
        while (_readers.TryTake(out var reader))
        {
            reader.Dispose();
        }

        // Last of the connections, so that SQLite folds the log into the database.
        _writer.Dispose();
        _lock?.Dispose();
        if (_temporary is not null)
        {
            Directory.Delete(_temporary, recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    private static async Task<SqliteDb> OpenAsync(string file, FileStream? @lock, bool durable, string? temporary, TimeProvider time, CancellationToken ct)
    {
        _ = s_library.Value;
        SqliteDb? db = null;
        try
        {
            db = new(file, @lock, durable, temporary);
            await Migrations.RunAsync(db, time, ct);
            return db;
        }
        catch (Exception e)
        {
            if (db is not null)
            {
                await db.DisposeAsync();
            }

            @lock?.Dispose();
            throw e is SqliteException ? new StorageException($"The database {file} cannot be opened: {e.Message}", e) : e;
        }
    }

    private SqliteSession Rent()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _readers.TryTake(out var reader) ? reader : new(_connectionString, "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;");
    }

    private void Return(SqliteSession reader)
    {
        if (_disposed || _readers.Count >= MaxIdleReaders)
        {
            reader.Dispose();
        }
        else
        {
            _readers.Add(reader);
        }
    }
}

/// <summary>One picture of the database, on one connection.</summary>
internal sealed class SqliteReads(SqliteSession session) : Reads
{
    public override DbEngine Engine => DbEngine.Sqlite;

    public override ValueTask<T?> OneAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default) where T : default =>
        new(session.One(sql, read));

    public override ValueTask<List<T>> ListAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default) => new(session.List(sql, read));
}
