using System.Data.Common;

namespace Castellan.Storage;

/// <summary>
/// The one writer of an SQLite file. Works that wait together run one after the other in one transaction, each in a savepoint of its own, and share
/// one commit, that is one flush of the disk. Only then are their callers told.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    /// <summary>So many share a commit at most, so that the first of them does not wait long.</summary>
    private const int MaxGroup = 512;

    private static readonly Sql Begin = Sql.Raw("BEGIN IMMEDIATE");
    private static readonly Sql Commit = Sql.Raw("COMMIT");
    private static readonly Sql Rollback = Sql.Raw("ROLLBACK");
    private static readonly Sql Savepoint = Sql.Raw("SAVEPOINT w");
    private static readonly Sql Release = Sql.Raw("RELEASE w");
    private static readonly Sql RollbackWork = Sql.Raw("ROLLBACK TO w");

    private readonly SqliteSession _session;
    private readonly Listeners _listeners;
    private readonly SqliteTx _tx;
    private readonly Queue<Work> _waiting = new();
    private readonly List<Work> _group = new(MaxGroup);
    private readonly Thread _thread;
    private bool _stopped;

    public SqliteWriter(SqliteSession session, Listeners listeners)
    {
        _session = session;
        _listeners = listeners;
        _tx = new(session);
        _thread = new(Loop) { IsBackground = true, Name = "castellan-writer" };
        _thread.Start();
    }

    public ValueTask<T> RunAsync<T>(Func<Tx, ValueTask<T>> run, CancellationToken ct)
    {
        if (Environment.CurrentManagedThreadId == _thread.ManagedThreadId)
        {
            throw new InvalidOperationException("A work in a transaction writes through its Tx; a second transaction inside it would wait for itself.");
        }

        var work = new Work<T>(run, ct);
        lock (_waiting)
        {
            ObjectDisposedException.ThrowIf(_stopped, typeof(Db));
            _waiting.Enqueue(work);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_waiting);
            }
        }

        return new(work.Task);
    }

    /// <summary>What waits is still written.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            _stopped = true;
            Monitor.Pulse(_waiting);
        }

        _thread.Join();
        _session.Dispose();
    }

    private void Loop()
    {
        while (Next(wait: true) is { } first)
        {
            _group.Clear();
            try
            {
                _session.Execute(Begin);
                for (var work = first; work is not null; work = _group.Count < MaxGroup ? Next(wait: false) : null)
                {
                    _group.Add(work);
                    Run(work);
                }

                _session.Execute(Commit);
                foreach (var work in _group)
                {
                    work.Succeed();
                }
            }
            catch (Exception e)
            {
                Fail(first, e);
                continue;
            }

            foreach (var (channel, payload) in _tx.Notifications)
            {
                _listeners.Tell(channel, payload);
            }

            _tx.Notifications.Clear();
        }
    }

    /// <summary>What one work throws is that work's answer. What breaks the transaction breaks the group, and goes on to <see cref="Fail"/>.</summary>
    private void Run(Work work)
    {
        var notifications = _tx.Notifications.Count;
        _session.Execute(Savepoint);
        if (work.Run(_tx))
        {
            _session.Execute(Release);
        }
        else if (_session.InTransaction)
        {
            _session.Execute(RollbackWork);
            _session.Execute(Release);
            _tx.Notifications.RemoveRange(notifications, _tx.Notifications.Count - notifications);
        }
        else
        {
            throw new InvalidOperationException("The database gave the transaction up.", work.Error);
        }
    }

    private void Fail(Work first, Exception e)
    {
        _tx.Notifications.Clear();
        if (_session.InTransaction)
        {
            try
            {
                _session.Execute(Rollback);
            }
            catch (DbException)
            {
                // The next BEGIN tells, if the database is really gone.
            }
        }

        if (_group.Count == 0)
        {
            _group.Add(first);
        }

        foreach (var work in _group)
        {
            work.Fail(e);
        }
    }

    private Work? Next(bool wait)
    {
        lock (_waiting)
        {
            while (_waiting.Count == 0)
            {
                if (_stopped || !wait)
                {
                    return null;
                }

                Monitor.Wait(_waiting);
            }

            return _waiting.Dequeue();
        }
    }

    private abstract class Work
    {
        public Exception? Error { get; protected set; }

        public abstract bool Run(Tx tx);

        public abstract void Succeed();

        public abstract void Fail(Exception e);
    }

    private sealed class Work<T>(Func<Tx, ValueTask<T>> run, CancellationToken ct) : Work
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Task => _done.Task;

        public override bool Run(Tx tx)
        {
            try
            {
                ct.ThrowIfCancellationRequested();
                var task = run(tx);
                _result = task.IsCompletedSuccessfully ? task.Result : task.AsTask().GetAwaiter().GetResult();
                return true;
            }
            catch (Exception e)
            {
                Error = e;
                return false;
            }
        }

        public override void Succeed()
        {
            if (Error is OperationCanceledException && ct.IsCancellationRequested)
            {
                _done.SetCanceled(ct);
            }
            else if (Error is not null)
            {
                _done.SetException(Error);
            }
            else
            {
                _done.SetResult(_result);
            }
        }

        public override void Fail(Exception e) => _done.SetException(Error ?? e);
    }
}

/// <summary>The transaction of the writer's thread.</summary>
internal sealed class SqliteTx(SqliteSession session) : Tx
{
    public List<(string Channel, string Payload)> Notifications { get; } = [];

    public override DbEngine Engine => DbEngine.Sqlite;

    public override ValueTask<T?> OneAsync<T>(Sql sql, Func<DbDataReader, T> read, CancellationToken ct = default) where T : default =>
        new(session.One(sql, read));

    public override ValueTask<List<T>> ListAsync<T>(Sql sql, Func<DbDataReader, T> read, CancellationToken ct = default) => new(session.List(sql, read));

    public override ValueTask<int> ExecuteAsync(Sql sql, CancellationToken ct = default) => new(session.Execute(sql));

    public override ValueTask<List<int>> ExecuteAllAsync(IReadOnlyList<Sql> statements, CancellationToken ct = default)
    {
        var changed = new List<int>(statements.Count);
        foreach (var statement in statements)
        {
            changed.Add(session.Execute(statement));
        }

        return new(changed);
    }

    public override ValueTask NotifyAsync(string channel, string payload, CancellationToken ct = default)
    {
        Notifications.Add((channel, payload));
        return ValueTask.CompletedTask;
    }

    internal override ValueTask ScriptAsync(string script, CancellationToken ct)
    {
        session.Script(script);
        return ValueTask.CompletedTask;
    }
}
