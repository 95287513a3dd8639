using Castellan.Storage;

namespace Castellan.Tests.Storage;

/// <summary>One row for each engine.</summary>
internal sealed class Engines : TheoryData<DbEngine>
{
    public Engines() => AddRange(DbEngine.Sqlite, DbEngine.PostgreSql);
}

internal static class TestDb
{
    /// <summary>An empty database of the newest schema. The test is skipped where the engine is missing.</summary>
    public static async Task<Db> OpenAsync(DbEngine engine)
    {
        if (engine == DbEngine.Sqlite)
        {
            return await SqliteDb.OpenTemporaryAsync(TimeProvider.System);
        }

        if (await TestPostgres.NewSchemaAsync() is not { } options)
        {
            Assert.Skip("There is no PostgreSQL here; CASTELLAN_TEST_POSTGRES may name one.");
            throw new InvalidOperationException();
        }

        return await PostgresDb.OpenAsync(options, TimeProvider.System);
    }

    /// <summary>The same, with a table <c>t (id, value)</c>.</summary>
    public static async Task<Db> OpenWithTableAsync(DbEngine engine)
    {
        var db = await OpenAsync(engine);
        await db.WriteAsync($"CREATE TABLE t (id BIGINT PRIMARY KEY, value TEXT)");
        return db;
    }

    /// <summary>Returns when what is written to the channel from now on is heard: PostgreSQL's listener connects in its own time.</summary>
    public static async Task ListensAsync(Db db, string channel)
    {
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listening = db.Listen(channel, payload =>
        {
            if (payload == "test")
            {
                heard.TrySetResult();
            }
        });
        do
        {
            await db.WriteAsync(async tx => await tx.NotifyAsync(channel, "test"));
        }
        while (await Task.WhenAny(heard.Task, Task.Delay(50)) != heard.Task);
    }
}
