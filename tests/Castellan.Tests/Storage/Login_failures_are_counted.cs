using Castellan.Core.Users.LoginFailures;
using Castellan.Storage;

namespace Castellan.Tests.Storage;

public class Login_failures_are_counted
{
    [Theory, ClassData(typeof(Engines))]
    public async Task Only_as_many_check_at_once_as_failures_are_left(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var store = new LoginFailureStore(db);
        ValueTask<bool> Take(long now) => store.TakePlaceAsync("r", "u", 5, now, forgetBefore: now - 1_000, staleBefore: now - 100);

        var taken = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(async () => await Take(10_000))));
        Assert.Equal(5, taken.Count(t => t));
        Assert.Null(await store.FindAsync("r", "u"));

        await store.ReleasePlaceAsync("r", "u");
        Assert.True(await Take(10_001));
        Assert.False(await Take(10_002));
        Assert.True(await Take(10_200));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_record_is_written_by_one_of_those_who_read_the_same(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var store = new LoginFailureStore(db);
        Assert.True(await store.TakePlaceAsync("r", "u", 3, 10, 0, 0));
        var one = new LoginFailureRecord("r", "u", 1, 10, "127.0.0.1");
        Assert.True(await store.ReplaceAsync(null, one));
        Assert.False(await store.ReplaceAsync(null, one));
        Assert.Equal(one, await store.FindAsync("r", "u"));
        var locked = one with { Failures = 3, LastFailure = 11, NotBefore = 500, TemporaryLockouts = 1 };
        var wins = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await store.ReplaceAsync(one, locked))));
        Assert.Single(wins, true);
        Assert.False(await store.TakePlaceAsync("r", "u", 3, 499, 0, 0));
        Assert.True(await store.TakePlaceAsync("r", "u", 3, 500, 0, 0));
        Assert.Equal(locked, Assert.Single(await store.ListAsync("r", ["u", "v"])));

        await store.ClearAsync("r", null);
        Assert.Null(await store.FindAsync("r", "u"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Of_who_never_fails_nothing_stays(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var store = new LoginFailureStore(db);
        Assert.True(await store.TakePlaceAsync("r", "u", 3, 10, 0, 0));
        await store.ReleasePlaceAsync("r", "u");
        Assert.Equal(0, await db.ScalarAsync($"SELECT count(*) FROM login_failure"));
    }
}
