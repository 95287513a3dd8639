using System.Diagnostics;
using Castellan.Core.Realms;
using Castellan.Storage;

namespace Castellan.Tests.Storage;

public class Writes_are_atomic_durable_and_grouped
{
    [Theory, ClassData(typeof(Engines))]
    public async Task Of_forty_takers_of_one_row_one_gets_it(DbEngine engine)
    {
        await using var db = await TestDb.OpenWithTableAsync(engine);
        for (var round = 0; round < 10; round++)
        {
            await db.WriteAsync($"INSERT INTO t VALUES ({round}, {"prize"})");
            var id = round;
            var takers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () => i % 2 == 0
                ? await db.WriteOneAsync($"DELETE FROM t WHERE id = {id} RETURNING value", Rows.Text)
                : await db.WriteAsync(tx => tx.OneAsync($"DELETE FROM t WHERE id = {id} RETURNING value", Rows.Text)))));
            Assert.Single(takers, "prize");
        }
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_work_that_throws_rolls_back_itself_and_nobody_else(DbEngine engine)
    {
        await using var db = await TestDb.OpenWithTableAsync(engine);
        var works = Enumerable.Range(0, 100).Select(i => Task.Run(async () => await db.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync($"INSERT INTO t VALUES ({i}, {"first"})");
            await tx.ExecuteAsync($"INSERT INTO t VALUES ({1000 + i}, {"second"})");
            return i % 10 == 3 ? throw new InvalidTimeZoneException("a rule") : i;
        }))).ToList();
        await Task.WhenAll(works.Select(w => w.ContinueWith(_ => { }, TaskScheduler.Default)));

        Assert.Equal(10, works.Count(w => w.Exception?.InnerException is InvalidTimeZoneException));
        Assert.Equal(180, await db.ScalarAsync($"SELECT count(*) FROM t"));
        Assert.Equal(0, await db.ScalarAsync($"SELECT count(*) FROM t WHERE id % 10 = 3"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Single_statements_that_fail_fail_alone(DbEngine engine)
    {
        await using var db = await TestDb.OpenWithTableAsync(engine);
        await db.WriteAsync($"INSERT INTO t VALUES ({7}, {"there"})");
        var works = Enumerable.Range(0, 60).Select(i => Task.Run(async () => await db.WriteAsync($"INSERT INTO t VALUES ({(i % 3 == 0 ? 7 : 100 + i)}, {"x"})"))).ToList();
        await Task.WhenAll(works.Select(w => w.ContinueWith(_ => { }, TaskScheduler.Default)));

        Assert.Equal(20, works.Count(w => w.Exception?.InnerException is DuplicateException));
        Assert.All(works.Where(w => w.IsCompletedSuccessfully), w => Assert.Equal(1, w.Result));
        Assert.Equal(41, await db.ScalarAsync($"SELECT count(*) FROM t"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_duplicate_says_which_columns(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        await db.WriteAsync($"CREATE TABLE pair (realm_id TEXT, name TEXT, UNIQUE (realm_id, name))");
        await db.WriteAsync($"INSERT INTO pair VALUES ({"r"}, {"n"})");
        var single = await Assert.ThrowsAsync<DuplicateException>(async () => await db.WriteAsync($"INSERT INTO pair VALUES ({"r"}, {"n"})"));
        var work = await Assert.ThrowsAsync<DuplicateException>(async () => await db.WriteAsync(async tx => await tx.ExecuteAsync($"INSERT INTO pair VALUES ({"r"}, {"n"})")));
        Assert.Equal("pair(realm_id, name)", single.Message);
        Assert.Equal("pair(realm_id, name)", work.Message);
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Counters_under_contention_lose_nothing(DbEngine engine)
    {
        await using var db = await TestDb.OpenWithTableAsync(engine);
        await db.WriteAsync($"INSERT INTO t VALUES ({1}, {"0"}), ({2}, {"0"})");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(async () => await db.WriteAsync(async tx =>
        {
            // In both orders, so that PostgreSQL sees deadlocks.
            foreach (var id in i % 2 == 0 ? [1, 2] : new[] { 2, 1 })
            {
                await tx.ExecuteAsync($"UPDATE t SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE id = {id}");
            }
        }))));
        Assert.Equal(2, await db.ScalarAsync($"SELECT count(*) FROM t WHERE value = {"6"}"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Listeners_hear_of_commits_and_not_of_rollbacks(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var heard = System.Threading.Channels.Channel.CreateUnbounded<string?>();
        using var listening = db.Listen("realm", p => heard.Writer.TryWrite(p));
        if (engine == DbEngine.PostgreSql)
        {
            Assert.Null(await heard.Reader.ReadAsync());
        }

        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await db.WriteAsync(async tx =>
        {
            await tx.NotifyAsync("realm", "never");
            throw new InvalidTimeZoneException();
        }));
        await db.WriteAsync(async tx => await tx.NotifyAsync("realm", "now"));
        Assert.Equal("now", await heard.Reader.ReadAsync());
    }

    [Fact]
    public async Task A_transaction_inside_a_transaction_is_a_mistake_that_is_told()
    {
        await using var db = await TestDb.OpenWithTableAsync(DbEngine.Sqlite);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await db.WriteAsync(async _ => await db.WriteAsync($"DELETE FROM t")));
    }

    [Fact]
    public async Task Two_processes_cannot_have_one_data_directory()
    {
        var directory = Directory.CreateTempSubdirectory("castellan-test-");
        await using (await SqliteDb.OpenAsync(directory.FullName, TimeProvider.System))
        {
            var error = await Assert.ThrowsAsync<StorageException>(() => SqliteDb.OpenAsync(directory.FullName, TimeProvider.System));
            Assert.Contains("in use by another", error.Message);
        }

        await (await SqliteDb.OpenAsync(directory.FullName, TimeProvider.System)).DisposeAsync();
        directory.Delete(recursive: true);
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_database_of_a_newer_version_is_refused(DbEngine engine)
    {
        var directory = Directory.CreateTempSubdirectory("castellan-test-");
        var options = engine == DbEngine.PostgreSql ? await TestPostgres.NewSchemaAsync() : null;
        Assert.SkipWhen(engine == DbEngine.PostgreSql && options is null, "There is no PostgreSQL here.");
        async Task<Db> Open() => options is null ? await SqliteDb.OpenAsync(directory.FullName, TimeProvider.System) : await PostgresDb.OpenAsync(options, TimeProvider.System);
        await using (var db = await Open())
        {
            await db.WriteAsync($"INSERT INTO schema_version VALUES ({9999}, {"future"}, {0})");
        }

        Assert.Contains("newer version", (await Assert.ThrowsAsync<StorageException>(Open)).Message);
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Nodes_that_start_together_migrate_once()
    {
        var options = await TestPostgres.NewSchemaAsync();
        Assert.SkipWhen(options is null, "There is no PostgreSQL here.");
        var nodes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => PostgresDb.OpenAsync(options!, TimeProvider.System)));
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_was_acknowledged_outlives_kill_9()
    {
        var directory = Directory.CreateTempSubdirectory("castellan-test-");
        var acknowledged = Path.Combine(directory.FullName, "acknowledged");
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            Environment = { ["CASTELLAN_TEST_VICTIM"] = directory.FullName },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(Writes_are_atomic_durable_and_grouped).Assembly.Location);
        }

        start.ArgumentList.Add("-explicit");
        start.ArgumentList.Add("only");
        start.ArgumentList.Add("-method");
        start.ArgumentList.Add($"*{nameof(Victim_of_kill_9)}");
        using var victim = Process.Start(start)!;
        var output = victim.StandardOutput.ReadToEndAsync();
        var patience = Stopwatch.StartNew();
        while (!victim.HasExited && patience.Elapsed < TimeSpan.FromSeconds(60) && (!File.Exists(acknowledged) || new FileInfo(acknowledged).Length < 8_000))
        {
            await Task.Delay(20);
        }

        victim.Kill();
        await victim.WaitForExitAsync();

        await using var db = await SqliteDb.OpenAsync(directory.FullName, TimeProvider.System);
        var there = (await db.ListAsync($"SELECT id FROM t", r => r.GetInt64(0))).ToHashSet();
        var lines = File.Exists(acknowledged) ? await File.ReadAllTextAsync(acknowledged) : "";
        var told = lines.Split('\n')[..^1].Select(long.Parse).ToList();
        Assert.True(told.Count > 500, $"The victim wrote {told.Count} rows: {await output}");
        Assert.All(told, id => Assert.Contains(id, there));
        directory.Delete(recursive: true);
    }

    /// <summary>Runs in a process of its own: writes, and notes what was acknowledged, until it is killed.</summary>
    [Fact(Explicit = true)]
    public async Task Victim_of_kill_9()
    {
        if (Environment.GetEnvironmentVariable("CASTELLAN_TEST_VICTIM") is not { } directory)
        {
            return;
        }

        await using var db = await SqliteDb.OpenAsync(directory, TimeProvider.System);
        await db.WriteAsync($"CREATE TABLE t (id BIGINT PRIMARY KEY, value TEXT)");
        await using var acknowledged = new FileStream(Path.Combine(directory, "acknowledged"), FileMode.Append, FileAccess.Write, FileShare.Read, 0);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            for (var id = (long)worker; ; id += 16)
            {
                await db.WriteAsync($"INSERT INTO t VALUES ({id}, {new string('x', 200)})");
                lock (acknowledged)
                {
                    acknowledged.Write(System.Text.Encoding.ASCII.GetBytes(id + "\n"));
                }
            }
        })));
    }
}
