using Castellan.Core.Events;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;
using Castellan.Storage;
using Castellan.Tests.Storage;

namespace Castellan.Tests.Users;

public class Guessing_is_stopped
{
    private static void Guarded(RealmRepresentation realm) =>
        (realm.BruteForceProtected, realm.FailureFactor, realm.WaitIncrementSeconds, realm.QuickLoginCheckMilliSeconds) = (true, 3, 60, 0);

    private static async Task<bool> FailAsync(PeopleRealm realm, User user)
    {
        await using var attempt = await realm.Guard.BeginAsync(realm.Realm, user, "127.0.0.1");
        if (!attempt.Locked)
        {
            await attempt.FailedAsync();
        }

        return !attempt.Locked;
    }

    /// <summary>CVE-2023-33170.</summary>
    [Theory, ClassData(typeof(Engines))]
    public async Task Of_two_hundred_parallel_guesses_no_more_are_checked_than_may_fail(DbEngine engine)
    {
        await using var realm = await PeopleRealm.OpenAsync(Guarded, engine);
        var user = await realm.AddUserAsync("bob");
        var looked = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => FailAsync(realm, user))));
        Assert.Equal(3, looked.Count(l => l));
        var record = (await realm.Guard.FindAsync(realm.Realm, user.Id))!;
        Assert.Equal((3, 1, true), (record.Failures, record.TemporaryLockouts, record.IsLocked(realm.Time.Now)));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Somebody_who_signs_in_many_times_at_once_is_let_in_each_time(DbEngine engine)
    {
        await using var realm = await PeopleRealm.OpenAsync(Guarded, engine);
        var user = await realm.AddUserAsync("bob");
        var locked = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(async () =>
        {
            await using var attempt = await realm.Guard.BeginAsync(realm.Realm, user, null);
            return attempt.Locked;
        })));
        Assert.DoesNotContain(true, locked);
        Assert.Null(await realm.Guard.FindAsync(realm.Realm, user.Id));
    }

    [Theory]
    [InlineData("MULTIPLE", 2, new long[] { 0, 1, 1, 2, 2, 3 })]
    [InlineData("LINEAR", 2, new long[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData("MULTIPLE", 3, new long[] { 0, 0, 1, 1, 1, 2 })]
    [InlineData("LINEAR", 3, new long[] { 0, 0, 1, 2, 3, 4 })]
    public async Task The_wait_grows_as_the_strategy_says(string strategy, int factor, long[] increments)
    {
        await using var realm = await PeopleRealm.OpenAsync(r =>
        {
            Guarded(r);
            (r.BruteForceStrategy, r.FailureFactor) = (strategy, factor);
        });
        var user = await realm.AddUserAsync("bob");
        foreach (var increment in increments)
        {
            Assert.True(await FailAsync(realm, user));
            var record = (await realm.Guard.FindAsync(realm.Realm, user.Id))!;
            Assert.Equal(increment * 60, increment == 0 ? record.NotBefore : (record.NotBefore - realm.Time.Now) / 1000);
            realm.Time.Move(TimeSpan.FromMinutes(20));
        }
    }

    [Fact]
    public async Task A_locked_person_is_not_counted_and_gets_in_after_the_time()
    {
        await using var realm = await PeopleRealm.OpenAsync(Guarded);
        var user = await realm.AddUserAsync("bob");
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await FailAsync(realm, user));
        }

        Assert.False(await FailAsync(realm, user));
        Assert.Equal(3, (await realm.Guard.FindAsync(realm.Realm, user.Id))!.Failures);
        var told = Assert.Single(realm.Events.Login);
        Assert.Equal((EventTypes.UserDisabledByTemporaryLockout, "3", "brute_force_attack detected"), (told.Type, told.Details!["num_failures"], told.Details["reason"]));
        Assert.Contains("not_before", told.Details.Keys);

        realm.Time.Move(TimeSpan.FromSeconds(61));
        Assert.False(await realm.Guard.IsLockedAsync(realm.Realm, user.Id));
        await realm.Guard.SucceededAsync(realm.Realm, user.Id);
        Assert.Null(await realm.Guard.FindAsync(realm.Realm, user.Id));
    }

    [Fact]
    public async Task Failures_of_long_ago_are_forgotten()
    {
        await using var realm = await PeopleRealm.OpenAsync(r =>
        {
            Guarded(r);
            r.MaxDeltaTimeSeconds = 10;
        });
        var user = await realm.AddUserAsync("bob");
        await FailAsync(realm, user);
        await FailAsync(realm, user);
        realm.Time.Move(TimeSpan.FromSeconds(11));
        await FailAsync(realm, user);
        Assert.Equal(1, (await realm.Guard.FindAsync(realm.Realm, user.Id))!.Failures);
    }

    [Fact]
    public async Task Two_failures_in_quick_succession_lock_for_a_moment()
    {
        await using var realm = await PeopleRealm.OpenAsync(r =>
        {
            Guarded(r);
            (r.FailureFactor, r.QuickLoginCheckMilliSeconds, r.MinimumQuickLoginWaitSeconds) = (30, 5000, 2);
        });
        var user = await realm.AddUserAsync("bob");
        await FailAsync(realm, user);
        realm.Time.Move(TimeSpan.FromMilliseconds(500));
        await FailAsync(realm, user);
        var record = (await realm.Guard.FindAsync(realm.Realm, user.Id))!;
        Assert.Equal((true, 0), (record.IsLocked(realm.Time.Now), record.TemporaryLockouts));
    }

    [Fact]
    public async Task A_lock_out_for_good_disables_the_person_and_says_why()
    {
        await using var realm = await PeopleRealm.OpenAsync(r =>
        {
            Guarded(r);
            r.PermanentLockout = true;
        });
        var user = await realm.AddUserAsync("bob");
        for (var i = 0; i < 3; i++)
        {
            await FailAsync(realm, user);
        }

        var record = (await realm.Guard.FindAsync(realm.Realm, user.Id))!;
        Assert.Equal((long.MaxValue, 0), (record.NotBefore, record.TemporaryLockouts));
        user = await realm.UserAsync("bob");
        Assert.Equal((false, "permanentLockout"), (user.Enabled, user.Attribute(BruteForceGuard.DisabledReason)));
        Assert.True(BruteForceGuard.IsPermanentlyLocked(user));
        await realm.Guard.ClearAsync(realm.Realm, user.Id);
        Assert.False(await FailAsync(realm, user));
        Assert.Equal(EventTypes.UserDisabledByPermanentLockout, Assert.Single(realm.Events.Login).Type);
    }

    [Fact]
    public async Task Where_the_first_lock_out_is_for_good_no_failure_is_forgotten()
    {
        await using var realm = await PeopleRealm.OpenAsync(r =>
        {
            Guarded(r);
            (r.PermanentLockout, r.MaxDeltaTimeSeconds) = (true, 10);
        });
        var user = await realm.AddUserAsync("bob");
        for (var i = 0; i < 3; i++)
        {
            await FailAsync(realm, user);
            realm.Time.Move(TimeSpan.FromHours(1));
        }

        Assert.False((await realm.UserAsync("bob")).Enabled);
    }

    [Fact]
    public async Task The_last_try_before_a_lock_out_for_good_may_also_be_too_quick()
    {
        await using var realm = await PeopleRealm.OpenAsync(r =>
        {
            Guarded(r);
            (r.PermanentLockout, r.FailureFactor, r.QuickLoginCheckMilliSeconds, r.MinimumQuickLoginWaitSeconds, r.MaxFailureWaitSeconds) = (true, 2, 5000, 60, 10);
        });
        var user = await realm.AddUserAsync("bob");
        await FailAsync(realm, user);
        realm.Time.Move(TimeSpan.FromMilliseconds(500));
        await FailAsync(realm, user);
        Assert.Equal([EventTypes.UserDisabledByTemporaryLockout, EventTypes.UserDisabledByPermanentLockout], realm.Events.Login.Select(e => e.Type));
        var until = DateTimeOffset.FromUnixTimeSeconds((realm.Time.Now / 1000) + 60).UtcDateTime;
        Assert.Equal(until.ToString("yyyy-MM-dd'T'HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture), realm.Events.Login[0].Details!["not_before"]);
        Assert.Equal((long.MaxValue, 0), ((await realm.Guard.FindAsync(realm.Realm, user.Id))!.NotBefore, (await realm.Guard.FindAsync(realm.Realm, user.Id))!.TemporaryLockouts));
    }

    [Fact]
    public async Task After_the_temporary_lock_outs_allowed_comes_the_one_for_good()
    {
        await using var realm = await PeopleRealm.OpenAsync(r =>
        {
            Guarded(r);
            (r.PermanentLockout, r.MaxTemporaryLockouts, r.FailureFactor) = (true, 1, 2);
        });
        var user = await realm.AddUserAsync("bob");
        await FailAsync(realm, user);
        await FailAsync(realm, user);
        Assert.True((await realm.UserAsync("bob")).Enabled);
        realm.Time.Move(TimeSpan.FromMinutes(2));
        await FailAsync(realm, user);
        Assert.False((await realm.UserAsync("bob")).Enabled);
        Assert.Equal(2, (await realm.Guard.FindAsync(realm.Realm, user.Id))!.TemporaryLockouts);
    }

    [Fact]
    public async Task Second_factors_that_are_guessed_slowly_lock_for_good_where_the_realm_says_so()
    {
        await using var realm = await PeopleRealm.OpenAsync(r =>
        {
            Guarded(r);
            (r.MaxSecondaryAuthFailures, r.MaxDeltaTimeSeconds) = (3, 10);
        });
        var user = await realm.AddUserAsync("bob");
        for (var i = 0; i < 4; i++)
        {
            Assert.True((await realm.UserAsync("bob")).Enabled);
            await using var attempt = await realm.Guard.BeginAsync(realm.Realm, user, null);
            await attempt.FailedAsync(secondary: true);
            realm.Time.Move(TimeSpan.FromHours(1));
        }

        Assert.False((await realm.UserAsync("bob")).Enabled);
    }

    [Fact]
    public async Task An_unguarded_realm_counts_nothing()
    {
        await using var realm = await PeopleRealm.OpenAsync();
        var user = await realm.AddUserAsync("bob");
        for (var i = 0; i < 40; i++)
        {
            Assert.True(await FailAsync(realm, user));
        }

        Assert.Null(await realm.Guard.FindAsync(realm.Realm, user.Id));
    }
}
