namespace Castellan.Storage;

/// <summary>Which engine is underneath: for the few places where one text cannot serve both.</summary>
public enum DbEngine
{
    Sqlite, PostgreSql,
}

/// <summary>What can be asked: of a database, of a picture of it, within a transaction.</summary>
public abstract class Reads
{
    public abstract DbEngine Engine { get; }

    /// <summary>The first row, or default when there is none. SQLite answers at once, on the calling thread.</summary>
    public abstract ValueTask<T?> OneAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default);

    public abstract ValueTask<List<T>> ListAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default);

    /// <summary>The whole number in the first column of the first row; zero when there is none.</summary>
    public ValueTask<long> ScalarAsync(Sql sql, CancellationToken ct = default) => OneAsync(sql, Rows.Number, ct);
}

/// <summary>
/// A database. Reads see what is committed. Writes are durable when they return, and many that come together share one commit: what one of them
/// throws rolls back that one alone.
/// </summary>
public abstract class Db : Reads, IAsyncDisposable
{
    /// <summary>Runs the reads on one picture of the database: what commits meanwhile is not seen.</summary>
    public abstract ValueTask<T> ReadAsync<T>(Func<Reads, ValueTask<T>> reads, CancellationToken ct = default);

    /// <summary>
    /// Runs the work in a transaction and returns when it is durable. The work may await its <see cref="Tx"/> and nothing else, since others wait
    /// behind it; it may be run again when the database asks for a repetition (serialization failure, deadlock).
    /// </summary>
    public abstract ValueTask<T> WriteAsync<T>(Func<Tx, ValueTask<T>> work, CancellationToken ct = default);

    /// <summary>
    /// The same for a long work: it shares its commit with no other. It may also await what it writes, if nothing of that writes to the database itself.
    /// </summary>
    public virtual ValueTask<T> WriteLongAsync<T>(Func<Tx, ValueTask<T>> work, CancellationToken ct = default) => WriteAsync(work, ct);

    public async ValueTask WriteAsync(Func<Tx, ValueTask> work, CancellationToken ct = default) => await WriteAsync(
        async tx =>
        {
            await work(tx);
            return true;
        },
        ct);

    /// <summary>One statement as a transaction of its own; the number of rows that it changed.</summary>
    public abstract ValueTask<int> WriteAsync(Sql sql, CancellationToken ct = default);

    /// <summary>
    /// One statement with RETURNING as a transaction of its own; its first row or default. <c>DELETE … RETURNING</c> is how something is taken
    /// once: of any number of callers one gets the row.
    /// </summary>
    public abstract ValueTask<T?> WriteOneAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default);

    /// <summary>
    /// Calls the handler for each payload that a committed transaction sent to the channel with <see cref="Tx.NotifyAsync"/>, on this node or
    /// another. Null means that some may have been lost (the connection broke): look for yourself.
    /// </summary>
    /// <param name="atCommit">
    /// With the embedded database: called on the writer's thread after the commit and before whoever wrote is answered, so that nothing may block.
    /// Other nodes' commits are heard of later in any case.
    /// </param>
    public abstract IDisposable Listen(string channel, Action<string?> handler, bool atCommit = false);

    public abstract ValueTask DisposeAsync();
}

/// <summary>What a transaction can do.</summary>
public abstract class Tx : Reads
{
    /// <summary>Runs a statement; the number of rows that it changed.</summary>
    public abstract ValueTask<int> ExecuteAsync(Sql sql, CancellationToken ct = default);

    /// <summary>Runs statements in order, in few round trips; the number of rows that each changed.</summary>
    public abstract ValueTask<List<int>> ExecuteAllAsync(IReadOnlyList<Sql> statements, CancellationToken ct = default);

    /// <summary>Puts in rows of which none is there already; one that breaks a rule breaks the transaction.</summary>
    internal abstract ValueTask InsertAsync(NewRows rows, CancellationToken ct);

    /// <summary>Tells the listeners of a channel, on all nodes, once this transaction has committed.</summary>
    public abstract ValueTask NotifyAsync(string channel, string payload, CancellationToken ct = default);

    /// <summary>Runs several statements without values: a migration.</summary>
    internal abstract ValueTask ScriptAsync(string script, CancellationToken ct);
}

/// <summary>The database cannot be used, for a reason that its operator can mend. The message says what to do.</summary>
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);
