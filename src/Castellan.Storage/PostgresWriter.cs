using System.Data.Common;
using System.Threading.Channels;
using Npgsql;

namespace Castellan.Storage;

/// <summary>
/// Single statements that write: those that wait together go to PostgreSQL as one batch, which is one round trip, one transaction and one flush of
/// its log. When one of them fails the batch has changed nothing, and each is then run by itself.
/// </summary>
internal sealed class PostgresWriter : IAsyncDisposable
{
    private const int MaxBatch = 256;

    /// <summary>Two, so that one that waits for a locked row does not stop everything.</summary>
    private const int Lanes = 2;

    private readonly NpgsqlDataSource _source;
    private readonly Channel<Work> _waiting = Channel.CreateUnbounded<Work>();
    private readonly Task[] _lanes;

    public PostgresWriter(NpgsqlDataSource source)
    {
        _source = source;
        _lanes = [.. Enumerable.Range(0, Lanes).Select(_ => Task.Run(LaneAsync))];
    }

    public ValueTask<int> ExecuteAsync(Sql sql, CancellationToken ct) => Add(new Execute(sql), ct);

    public ValueTask<T?> OneAsync<T>(Sql sql, Func<Row, T> read, CancellationToken ct) => Add(new One<T>(sql, read), ct);

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await Task.WhenAll(_lanes);
    }

    private ValueTask<T> Add<T>(Work<T> work, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(!_waiting.Writer.TryWrite(work), typeof(Db));
        return new(work.Task);
    }

    private async Task LaneAsync()
    {
        var group = new List<Work>(MaxBatch);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            group.Clear();
            while (group.Count < MaxBatch && _waiting.Reader.TryRead(out var work))
            {
                group.Add(work);
            }

            if (group.Count == 0)
            {
                continue;
            }

            try
            {
                await RunAsync(group);
                foreach (var work in group)
                {
                    work.Succeed();
                }
            }
            catch (PostgresException e) when (group.Count > 1 || PostgresCommands.IsWorthRepeating(e))
            {
                foreach (var work in group)
                {
                    await RunAloneAsync(work);
                }
            }
            catch (Exception e)
            {
                foreach (var work in group)
                {
                    work.Fail(Shown(e));
                }
            }
        }
    }

    private async Task RunAloneAsync(Work work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await RunAsync([work]);
                work.Succeed();
                return;
            }
            catch (PostgresException e) when (attempt < 5 && PostgresCommands.IsWorthRepeating(e))
            {
                await Task.Delay(System.Security.Cryptography.RandomNumberGenerator.GetInt32(1, 10 << attempt));
            }
            catch (Exception e)
            {
                work.Fail(Shown(e));
                return;
            }
        }
    }

    /// <summary>Without a transaction of its own a batch is one: PostgreSQL commits at the end of what was sent together.</summary>
    private async Task RunAsync(List<Work> group)
    {
        await using var connection = await _source.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        foreach (var work in group)
        {
            batch.BatchCommands.Add(PostgresCommands.BatchCommand(work.Sql));
        }

        await using var rows = await batch.ExecuteReaderAsync();
        for (var i = 0; i < group.Count; i++)
        {
            // A statement without RETURNING has no rows and is passed over by the reader.
            if (group[i].ReturnsRows)
            {
                await group[i].ReadAsync(rows);
                await rows.NextResultAsync();
            }
        }

        while (await rows.NextResultAsync())
        {
        }

        // The commit is confirmed when the batch has been read to its end.
        await rows.CloseAsync();
        for (var i = 0; i < group.Count; i++)
        {
            group[i].Affected = (int)batch.BatchCommands[i].RecordsAffected;
        }
    }

    private static Exception Shown(Exception e) => e is PostgresException p && PostgresCommands.Duplicate(p) is { } duplicate ? duplicate : e;

    private abstract class Work(Sql sql)
    {
        public Sql Sql => sql;

        public abstract bool ReturnsRows { get; }

        public int Affected { get; set; }

        public abstract Task ReadAsync(DbDataReader rows);

        public abstract void Succeed();

        public abstract void Fail(Exception e);
    }

    private abstract class Work<T>(Sql sql) : Work(sql)
    {
        protected TaskCompletionSource<T> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Task => Done.Task;

        public override void Fail(Exception e) => Done.SetException(e);
    }

    private sealed class Execute(Sql sql) : Work<int>(sql)
    {
        public override bool ReturnsRows => false;

        public override Task ReadAsync(DbDataReader rows) => System.Threading.Tasks.Task.CompletedTask;

        public override void Succeed() => Done.SetResult(Affected);
    }

    private sealed class One<T>(Sql sql, Func<Row, T> read) : Work<T?>(sql)
    {
        private T? _result;

        public override bool ReturnsRows => true;

        public override async Task ReadAsync(DbDataReader rows) => _result = await rows.ReadAsync() ? read(new ReaderRow(rows)) : default;

        public override void Succeed() => Done.SetResult(_result);
    }
}
