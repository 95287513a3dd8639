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

    /// <summary>How many wrong second factors there may be before the next locks for good; 0 for the ordinary rules.</summary>
    public int MaxSecondaryFailures { get; }

    /// <summary>How long failures are remembered, in milliseconds.</summary>
    private long MaxDelta { get; }

    /// <summary>Whether already the first lock-out is for good.</summary>
    private bool AtOnce => Permanent && MaxTemporaryLockouts == 0;

    private bool Linear { get; }

    private int WaitIncrement { get; }

    private int MaxWait { get; }

    private long QuickLoginCheck { get; }

    private int QuickLoginWait { get; }

    public static BruteForceRules Of(Realm realm) => realm.Compiled(static r => new BruteForceRules(r));

    /// <summary>Failures before this moment count no more. Where the first lock-out is for good, none is ever forgotten.</summary>
    public long ForgetsBefore(long now) => AtOnce ? 0 : now - MaxDelta;

    /// <summary>What one more failure makes of the record.</summary>
    /// <param name="secondary">Whether it was a second factor that failed.</param>
    public FailureOutcome Fail(LoginFailureRecord before, long now, string? ipAddress, bool secondary = false)
    {
        var forgotten = before.LastFailure < ForgetsBefore(now);
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
        var wait = AtOnce || record.Failures < FailureFactor ? 0
            : Linear ? (long)WaitIncrement * (1 + record.Failures - FailureFactor) : (long)WaitIncrement * (record.Failures / FailureFactor);
        var quick = wait <= 0 && before.LastFailure > 0 && now - before.LastFailure < QuickLoginCheck;
        if (wait > 0)
        {
            record = record with { TemporaryLockouts = record.TemporaryLockouts + 1 };
        }

        long? until = null;
        var seconds = quick ? QuickLoginWait : wait;
        if (seconds > 0 && (quick || !Permanent || record.TemporaryLockouts <= MaxTemporaryLockouts))
        {
            // A whole second, as Keycloak keeps it.
            until = ((now / 1000) + (AtOnce ? seconds : Math.Min(seconds, MaxWait))) * 1000;
            record = record with { NotBefore = until.Value };
        }

        var forGood = (Permanent && (record.TemporaryLockouts > MaxTemporaryLockouts || (AtOnce && record.Failures >= FailureFactor)))
            || (secondary && MaxSecondaryFailures > 0 && record.SecondaryFailures > MaxSecondaryFailures);
        return new(forGood ? record with { NotBefore = long.MaxValue } : record, until, forGood);
    }
}
