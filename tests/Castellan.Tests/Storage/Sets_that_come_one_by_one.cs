using Castellan.Core.Realms;
using Castellan.Protocol.Errors;
using Castellan.Storage;
using Npgsql;

namespace Castellan.Tests.Storage;

/// <summary>Sets of changes that are made while those before them are written: all of them or none.</summary>
public sealed class Sets_that_come_one_by_one : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-sets-").FullName;

    [Theory, ClassData(typeof(Engines))]
    public async Task Are_seen_together(DbEngine engine)
    {
        await using var db = await WithRealmsAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        await TestDb.ListensAsync(db, "realm");
        var changed = new System.Collections.Concurrent.ConcurrentQueue<string>();
        store.Changed += changed.Enqueue;
        Assert.Null(await store.ApplyAsync(Sets()));
        Assert.Equal("new", await store.FindRealmIdAsync("demo"));
        Assert.Equal(5_000, await new UserStore(db).CountAsync("new", new()));
        Assert.NotNull(await store.FindClientAsync("other", "demo-realm"));
        Assert.Null(await store.LoadRealmAsync("old"));
        await Eventually.IsAsync(() => new[] { "old", "new", "other" }.All(changed.Contains));

        async IAsyncEnumerable<Result<ChangeSet>> Sets()
        {
            foreach (var set in Successor())
            {
                yield return set;
                await AssertOldAsync(db);
            }

            yield return new ChangeSet("other").Add(new PutClient(new() { Id = "c", ClientId = "demo-realm" }));
        }
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Are_taken_back_when_one_is_refused(DbEngine engine)
    {
        await using var db = await WithRealmsAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        var refusal = new ProtocolError("no");
        Assert.Same(refusal, await store.ApplyAsync(Sets([.. Successor().Select(s => (Result<ChangeSet>)s), refusal])));
        await AssertOldAsync(db);
        Assert.Equal(0, await db.ScalarAsync($"SELECT count(*) FROM users WHERE realm_id = 'new'"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Are_taken_back_when_one_cannot_be_written_and_no_more_are_made(DbEngine engine)
    {
        await using var db = await WithRealmsAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        await Assert.ThrowsAsync<DuplicateException>(async () => await store.ApplyAsync(Endless()));
        await AssertOldAsync(db);
        Assert.Equal(0, await db.ScalarAsync($"SELECT count(*) FROM users WHERE realm_id = 'new'"));

        static async IAsyncEnumerable<Result<ChangeSet>> Endless([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct = default)
        {
            foreach (var set in Successor())
            {
                yield return set;
            }

            yield return new ChangeSet("new").Add(new PutUser(new() { Id = "taken", Username = "x" }));
            await Task.Delay(Timeout.Infinite, ct);
        }
    }

    /// <summary>What is on the disk in the middle is what a process leaves that is killed there; PostgreSQL loses the connection.</summary>
    [Theory, ClassData(typeof(Engines))]
    public async Task Leave_what_was_there_when_it_ends_in_the_middle(DbEngine engine)
    {
        var directory = Path.Combine(_folder, "data");
        await using var db = await WithRealmsAsync(engine, directory);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        if (engine == DbEngine.PostgreSql)
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await store.ApplyAsync(Sets(
                async () => await db.ListAsync($"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'realm'::regclass AND pid <> pg_backend_pid()", static _ => 0))));
            await AssertOldAsync(db);
            return;
        }

        var copy = Directory.CreateDirectory(Path.Combine(_folder, "copy")).FullName;
        Assert.Null(await store.ApplyAsync(Sets(() =>
        {
            foreach (var file in Directory.GetFiles(directory, SqliteDb.FileName + "*"))
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }

            return Task.CompletedTask;
        })));
        await using var found = await SqliteDb.OpenAsync(copy, TimeProvider.System);
        await AssertOldAsync(found);

        static async IAsyncEnumerable<Result<ChangeSet>> Sets(Func<Task> inTheMiddle)
        {
            var sets = Successor().ToList();
            yield return sets[0];
            yield return sets[1];

            // The first is written by now, since there are never more than two.
            await inTheMiddle();
            yield return sets[2];
        }
    }

    [Fact]
    public async Task Are_made_anew_when_the_database_asks_for_a_repetition()
    {
        await using var db = await WithRealmsAsync(DbEngine.PostgreSql);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        var times = 0;
        Assert.Null(await store.ApplyAsync(Sets()));
        Assert.Equal(2, times);
        Assert.Equal(5_000, await new UserStore(db).CountAsync("new", new()));

        async IAsyncEnumerable<Result<ChangeSet>> Sets()
        {
            times++;
            foreach (var set in Successor())
            {
                await Task.Yield();
                yield return set;
            }

            if (times == 1)
            {
                throw new PostgresException("deadlock detected", "ERROR", "ERROR", PostgresErrorCodes.DeadlockDetected);
            }
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async IAsyncEnumerable<Result<ChangeSet>> Sets(IEnumerable<Result<ChangeSet>> sets)
    {
        foreach (var set in sets)
        {
            await Task.Yield();
            yield return set;
        }
    }

    /// <summary>A realm in the place of the old one, with a user of the same id.</summary>
    private static IEnumerable<ChangeSet> Successor()
    {
        yield return new ChangeSet("new").Add(new DeleteRealm("old")).Add(new PutRealm(new() { Id = "new", Realm = "demo", Enabled = true }));
        yield return new ChangeSet("new").Add(Enumerable.Range(0, 2_500).Select(i => new PutUser(new() { Id = $"u{i}", Username = $"u{i}" })));
        yield return new ChangeSet("new").Add(Enumerable.Range(2_500, 2_500).Select(i => new PutUser(new() { Id = $"u{i}", Username = $"u{i}" })));
    }

    private static async Task<Db> WithRealmsAsync(DbEngine engine, string? directory = null)
    {
        var db = directory is not null && engine == DbEngine.Sqlite ? await SqliteDb.OpenAsync(directory, TimeProvider.System) : await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(new ChangeSet("old").Add(new PutRealm(new() { Id = "old", Realm = "demo", Enabled = true })).Add(new PutUser(new() { Id = "u0", Username = "anna" })));
        await store.ApplyAsync(new ChangeSet("other").Add(new PutRealm(new() { Id = "other", Realm = "other", Enabled = true })).Add(new PutUser(new() { Id = "taken", Username = "t" })));
        return db;
    }

    private static async Task AssertOldAsync(Db db)
    {
        using var store = new ConfigurationStore(db, TimeProvider.System);
        Assert.Equal("old", await store.FindRealmIdAsync("demo"));
        Assert.Equal("u0", (await new UserStore(db).FindByUsernameAsync("old", "anna"))!.Id);
        Assert.Null(await store.LoadRealmAsync("new"));
    }
}
