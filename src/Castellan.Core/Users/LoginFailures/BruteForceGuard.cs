using System.Globalization;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Users.LoginFailures;

/// <summary>
/// Keeps people from guessing: one counter for a user, whichever name, factor, grant or page was used. Use:
/// <code>
/// await using var attempt = await guard.BeginAsync(realm, user, ip, ct);
/// if (attempt.Locked) …                      // event error ErrorOf(user), answer as for a wrong password
/// … check the password …
/// if (wrong) await attempt.FailedAsync(ct);  // a right one needs no call: leaving the attempt gives its place back
/// … and when the whole sign-in is done: await guard.SucceededAsync(realm, user, ct);
/// </code>
/// </summary>
public sealed class BruteForceGuard(ILoginFailureStore store, IUserStore users, IRealms realms, IEvents events, TimeProvider time)
{
    /// <summary>The user attribute that says why a user was disabled.</summary>
    public const string DisabledReason = "disabledReason";

    private const string PermanentLockout = "permanentLockout";

    /// <summary>Longer than any check takes: places taken before that belong to a node that died.</summary>
    private const int PlaceMilliseconds = 60_000;

    /// <summary>How long one who comes while all places are taken waits for one: somebody signing in many times at once is no attacker yet.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Takes part in the counting before a password or code is checked. Dispose what comes back.</summary>
    public async ValueTask<LoginAttempt> BeginAsync(Realm realm, User user, string? ipAddress, CancellationToken ct = default)
    {
        var rules = BruteForceRules.Of(realm);
        if (!rules.Enabled)
        {
            return new LoginAttempt(this, realm, user.Id, ipAddress, locked: false, counts: false);
        }

        if (IsPermanentlyLocked(user))
        {
            // Also after an administrator forgave the failures: the person stays disabled, and hears no more than others who are locked.
            return new LoginAttempt(this, realm, user.Id, ipAddress, locked: true, counts: false);
        }

        var begun = time.GetTimestamp();
        while (true)
        {
            var now = Now();
            if (await store.TakePlaceAsync(realm.Id, user.Id, rules.FailureFactor, now, rules.ForgetsBefore(now), now - PlaceMilliseconds, ct))
            {
                return new LoginAttempt(this, realm, user.Id, ipAddress, locked: false, counts: true);
            }

            if (await IsLockedAsync(realm, user.Id, ct) || time.GetElapsedTime(begun) > s_patience)
            {
                return new LoginAttempt(this, realm, user.Id, ipAddress, locked: true, counts: false);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time, ct);
        }
    }

    /// <summary>Whether the user is locked out now.</summary>
    public async ValueTask<bool> IsLockedAsync(Realm realm, string userId, CancellationToken ct = default) =>
        BruteForceRules.Of(realm).Enabled && await store.FindAsync(realm.Id, userId, ct) is { } record && record.IsLocked(Now());

    /// <summary>Whether the user is locked out now, for a time or for good.</summary>
    public async ValueTask<bool> IsLockedAsync(Realm realm, User user, CancellationToken ct = default) =>
        await IsLockedAsync(realm, user.Id, ct) || (BruteForceRules.Of(realm).Enabled && IsPermanentlyLocked(user));

    /// <summary>The whole sign-in succeeded: what was counted is forgotten.</summary>
    public async ValueTask SucceededAsync(Realm realm, string userId, CancellationToken ct = default)
    {
        if (BruteForceRules.Of(realm).Enabled && await store.FindAsync(realm.Id, userId, ct) is not null)
        {
            await store.ClearAsync(realm.Id, userId, ct);
        }
    }

    /// <summary>The counts of a user as administrators see them; null when there are none or the realm is not guarded.</summary>
    public async ValueTask<LoginFailureRecord?> FindAsync(Realm realm, string userId, CancellationToken ct = default) =>
        BruteForceRules.Of(realm).Enabled ? await store.FindAsync(realm.Id, userId, ct) : null;

    /// <summary>As <see cref="FindAsync"/>, for several users.</summary>
    public async ValueTask<Dictionary<string, LoginFailureRecord>> FindAsync(Realm realm, IReadOnlyList<string> userIds, CancellationToken ct = default) =>
        BruteForceRules.Of(realm).Enabled && userIds.Count > 0
            ? (await store.ListAsync(realm.Id, userIds, ct)).ToDictionary(r => r.UserId, StringComparer.Ordinal)
            : [];

    /// <summary>Forgets the counts of one user, or of all.</summary>
    public ValueTask ClearAsync(Realm realm, string? userId, CancellationToken ct = default) => store.ClearAsync(realm.Id, userId, ct);

    /// <summary>Whether a user was disabled by a lock-out for good, so that enabling must also forget.</summary>
    public static bool IsPermanentlyLocked(User user) => !user.Enabled && user.Attribute(DisabledReason) == PermanentLockout;

    /// <summary>The event error of a try while locked out; the person hears of no difference.</summary>
    public static string ErrorOf(User user) => IsPermanentlyLocked(user) ? "user_disabled" : "user_temporarily_disabled";

    internal async ValueTask FailAsync(Realm realm, string userId, string? ipAddress, bool secondary, CancellationToken ct)
    {
        var rules = BruteForceRules.Of(realm);
        while (true)
        {
            var read = await store.FindAsync(realm.Id, userId, ct);
            var outcome = rules.Fail(read ?? new LoginFailureRecord(realm.Id, userId), Now(), ipAddress, secondary);
            if (await store.ReplaceAsync(read, outcome.Record, ct))
            {
                await TellAsync(realm, outcome, ct);
                return;
            }
        }
    }

    internal ValueTask ReleaseAsync(Realm realm, string userId, CancellationToken ct) => store.ReleasePlaceAsync(realm.Id, userId, ct);

    private async ValueTask TellAsync(Realm realm, FailureOutcome outcome, CancellationToken ct)
    {
        var record = outcome.Record;
        if (outcome.Until is { } until)
        {
            // Keycloak writes a local date time without a zone; ours is UTC.
            var time = DateTimeOffset.FromUnixTimeMilliseconds(until).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
            await events.RecordAsync(realm, Happened(EventTypes.UserDisabledByTemporaryLockout, record).With("not_before", time), ct);
        }

        if (!outcome.ForGood)
        {
            return;
        }

        if (await users.FindAsync(realm.Id, record.UserId, ct) is { Enabled: true } user)
        {
            var disabled = UserRepresentations.Copy(user.Representation);
            disabled.Enabled = false;
            (disabled.Attributes ??= [])[DisabledReason] = [PermanentLockout];
            await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutUser(disabled)), ct);
        }

        await events.RecordAsync(realm, Happened(EventTypes.UserDisabledByPermanentLockout, record), ct);
    }

    private static LoginEvent Happened(string type, LoginFailureRecord record) =>
        new LoginEvent { Type = type, UserId = record.UserId, IpAddress = record.LastIpAddress }
            .With("reason", "brute_force_attack detected").With("num_failures", record.Failures.ToString(CultureInfo.InvariantCulture));

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}

/// <summary>One check of a password or code.</summary>
public sealed class LoginAttempt : IAsyncDisposable
{
    private readonly BruteForceGuard _guard;
    private readonly Realm _realm;
    private readonly string _userId;
    private readonly string? _ipAddress;
    private bool _counts;

    internal LoginAttempt(BruteForceGuard guard, Realm realm, string userId, string? ipAddress, bool locked, bool counts) =>
        (_guard, _realm, _userId, _ipAddress, Locked, _counts) = (guard, realm, userId, ipAddress, locked, counts);

    /// <summary>The user is locked out: nothing may be checked, and nothing is counted.</summary>
    public bool Locked { get; }

    /// <summary>It was wrong. Counts, and locks when it is time.</summary>
    /// <param name="secondary">Whether it was a second factor.</param>
    public async ValueTask FailedAsync(bool secondary = false, CancellationToken ct = default)
    {
        if (_counts)
        {
            _counts = false;
            await _guard.FailAsync(_realm, _userId, _ipAddress, secondary, ct);
        }
    }

    /// <summary>Gives the place back if nothing failed.</summary>
    public ValueTask DisposeAsync()
    {
        if (!_counts)
        {
            return default;
        }

        _counts = false;
        return _guard.ReleaseAsync(_realm, _userId, CancellationToken.None);
    }
}
