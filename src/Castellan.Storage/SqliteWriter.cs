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

    /// <summary>
    /// A long work touches pages all over the file; with few in memory each would go to the log and come back many times. What several of them
    /// change in turn goes from the log into the file once, not after each.
    /// </summary>
    private const string LongWork = "PRAGMA cache_size = -131072; PRAGMA wal_autocheckpoint = 65536";

    private const string ShortWork = "PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -8000; PRAGMA shrink_memory";

    /// <summary>A long work comes in parts; after so long without the next it is over.</summary>
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(1);

    private readonly SqliteSession _session;
    private readonly Listeners _listeners;
    private readonly SqliteTx _tx;
    private readonly Queue<Work> _waiting = new();
    private readonly List<Work> _group = new(MaxGroup);
    private readonly Thread _thread;
    private bool _stopped;
    private bool _forLong;

    public SqliteWriter(SqliteSession session, Listeners listeners)
    {
        _session = session;
        _listeners = listeners;
        _tx = new(session);
        _thread = new(Loop) { IsBackground = true, Name = "castellan-writer" };
        _thread.Start();
    }

    public ValueTask<T> RunAsync<T>(Func<Tx, ValueTask<T>> run, bool alone, CancellationToken ct)
    {
        if (Environment.CurrentManagedThreadId == _thread.ManagedThreadId)
        {
            throw new InvalidOperationException("A work in a transaction writes through its Tx; a second transaction inside it would wait for itself.");
        }

        var work = new Work<T>(run, ct) { Alone = alone };
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
        while (Next() is { } first)
        {
            // Who is about to write, and only waits for this core, may join.
            Thread.Yield();
            _group.Clear();
            try
            {
                SetUp(first.Alone);
                _session.Execute(Begin);
                for (var work = first; work is not null; work = NextOf(first))
                {
                    _group.Add(work);
                    Run(work);
                }

                _session.Execute(Commit);
            }
            catch (Exception e)
            {
                Fail(first, e);
                continue;
            }

            // Before anybody is answered, so that who asks next is not told what was remembered from before.
            foreach (var (channel, payload) in _tx.Notifications)
            {
                _listeners.Tell(channel, payload);
            }

            _tx.Notifications.Clear();
            foreach (var work in _group)
            {
                work.Succeed();
            }
        }
    }

    /// <summary>What one work throws is that work's answer. What breaks the transaction breaks the group, and goes on to <see cref="Fail"/>.</summary>
    private void Run(Work work)
    {
        var notifications = _tx.Notifications.Count;
        if (_group.Count == 1)
        {
            RunFirst(work);
            return;
        }

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

    /// <summary>
    /// The first needs no savepoint, since nothing is lost with the whole transaction. That is for long works: SQLite keeps a copy of each page that
    /// changes within a savepoint.
    /// </summary>
    private void RunFirst(Work work)
    {
        if (!work.Run(_tx))
        {
            if (_session.InTransaction)
            {
                _session.Execute(Rollback);
            }

            _session.Execute(Begin);
            _tx.Notifications.Clear();
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

    /// <summary>Waits for the first of a group.</summary>
    private Work? Next()
    {
        while (true)
        {
            lock (_waiting)
            {
                if (_waiting.TryDequeue(out var work))
                {
                    return work;
                }

                if (_stopped)
                {
                    return null;
                }

                if (Monitor.Wait(_waiting, _forLong ? LongPause : Timeout.InfiniteTimeSpan))
                {
                    continue;
                }
            }

            SetUp(forLong: false);
        }
    }

    private void SetUp(bool forLong)
    {
        if (_forLong != forLong)
        {
            _session.Script(forLong ? LongWork : ShortWork);
            _forLong = forLong;
        }
    }

    /// <summary>Who waits already and joins the group that <paramref name="first"/> began.</summary>
    private Work? NextOf(Work first)
    {
        lock (_waiting)
        {
            return !first.Alone && _group.Count < MaxGroup && _waiting.TryPeek(out var next) && !next.Alone ? _waiting.Dequeue() : null;
        }
    }

    private abstract class Work
    {
        public Exception? Error { get; protected set; }

        public bool Alone { get; init; }

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

    public override ValueTask<T?> OneAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default) where T : default =>
        new(session.One(sql, read));

    public override ValueTask<List<T>> ListAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct = default) => new(session.List(sql, read));

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

    /// <summary>A statement for each: here they cost no round trip.</summary>
    internal override ValueTask InsertAsync(NewRows rows, CancellationToken ct) => throw new NotSupportedException();

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
