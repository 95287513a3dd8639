using Castellan.Core.Realms;

namespace Castellan.Core.Users.LoginFailures;

/// <summary>A realm's settings against guessing, and what they make of a failure.</summary>
public sealed class BruteForceRules
{
    private BruteForceRules(Realm realm)
    {
        var settings = realm.Settings;
        Enabled = settings.BruteForceProtected ?? false;
        Permanent = settings.PermanentLockout ?? false;
        MaxTemporaryLockouts = settings.MaxTemporaryLockouts ?? 0;
        Linear = settings.BruteForceStrategy == "LINEAR";
        FailureFactor = Math.Max(1, settings.FailureFactor ?? 30);
        WaitIncrement = settings.WaitIncrementSeconds ?? 60;
        MaxWait = settings.MaxFailureWaitSeconds ?? 900;
        QuickLoginCheck = settings.QuickLoginCheckMilliSeconds ?? 1000;
        QuickLoginWait = settings.MinimumQuickLoginWaitSeconds ?? 60;
        MaxDelta = (settings.MaxDeltaTimeSeconds ?? 43200) * 1000L;
        MaxSecondaryFailures = settings.MaxSecondaryAuthFailures ?? 0;
    }

    public bool Enabled { get; }

    /// <summary>Whether lock-outs are for good: at once, or after <see cref="MaxTemporaryLockouts"/> for a time.</summary>
    public bool Permanent { get; }

    public int MaxTemporaryLockouts { get; }

    public int FailureFactor { get; }

    /// <summary>How long failures are remembered, in milliseconds.</summary>
    public long MaxDelta { get; }

    /// <summary>How many wrong second factors lock for good; 0 for the ordinary rules.</summary>
    public int MaxSecondaryFailures { get; }

    private bool Linear { get; }

    private int WaitIncrement { get; }

    private int MaxWait { get; }

    private long QuickLoginCheck { get; }

    private int QuickLoginWait { get; }

    public static BruteForceRules Of(Realm realm) => realm.Compiled(static r => new BruteForceRules(r));

    /// <summary>The record after one more failure.</summary>
    /// <param name="secondary">Whether it was a second factor that failed.</param>
    public (LoginFailureRecord Record, Lockout Lockout) Fail(LoginFailureRecord before, long now, string? ipAddress, bool secondary = false)
    {
        var delta = before.LastFailure > 0 ? now - before.LastFailure : 0;
        // Long ago: what was counted is forgotten, lock-outs too.
        var forgotten = delta > MaxDelta;
        var record = before with
        {
            Failures = (forgotten ? 0 : before.Failures) + 1,
            TemporaryLockouts = forgotten ? 0 : before.TemporaryLockouts,
            // Never forgotten by waiting: whoever gets this far has the password, and could guess codes for years.
            SecondaryFailures = before.SecondaryFailures + (secondary ? 1 : 0),
            NotBefore = forgotten ? 0 : before.NotBefore,
            LastFailure = now,
            LastIpAddress = ipAddress,
        };
        var atOnce = Permanent && MaxTemporaryLockouts == 0;
        if ((atOnce && record.Failures >= FailureFactor) || (secondary && MaxSecondaryFailures > 0 && record.SecondaryFailures >= MaxSecondaryFailures))
        {
            return (record with { NotBefore = long.MaxValue }, Lockout.Permanent);
        }

        var wait = atOnce || record.Failures < FailureFactor ? 0
            : Linear ? (long)WaitIncrement * (1 + record.Failures - FailureFactor) : (long)WaitIncrement * (record.Failures / FailureFactor);
        if (wait > 0)
        {
            record = record with { TemporaryLockouts = record.TemporaryLockouts + 1 };
            if (Permanent && record.TemporaryLockouts > MaxTemporaryLockouts)
            {
                return (record with { NotBefore = long.MaxValue }, Lockout.Permanent);
            }
        }
        else if (delta > 0 && delta < QuickLoginCheck)
        {
            wait = QuickLoginWait;
        }

        // A whole second, as Keycloak keeps it.
        return Math.Min(wait, MaxWait) is > 0 and var seconds
            ? (record with { NotBefore = ((now / 1000) + seconds) * 1000 }, Lockout.Temporary)
            : (record, Lockout.None);
    }

    /// <summary>How many checks may run at a time for a user with this many failures: no more than would lead to the next lock-out.</summary>
    public int Allowed(int failures) => Math.Max(1, FailureFactor - failures);
}
