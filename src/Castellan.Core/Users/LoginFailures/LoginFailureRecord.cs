namespace Castellan.Core.Users.LoginFailures;

/// <summary>What is known of the failed sign-ins of one user. Times are milliseconds since 1970.</summary>
/// <param name="NotBefore">Until then nobody may try; <see cref="long.MaxValue"/> for ever.</param>
/// <param name="TemporaryLockouts">How often the user was locked out for a time.</param>
/// <param name="SecondaryFailures">Failures of a second factor.</param>
public sealed record LoginFailureRecord(
    string RealmId, string UserId, int Failures = 0, long LastFailure = 0, string? LastIpAddress = null,
    long NotBefore = 0, int TemporaryLockouts = 0, int SecondaryFailures = 0)
{
    public bool IsLocked(long now) => now < NotBefore;
}

/// <summary>What a further failure led to.</summary>
/// <param name="Until">When the lock-out ends that it led to; null if it led to none that ends.</param>
/// <param name="ForGood">Whether the user is locked out for good. Both may be: too quick a try, and the last that was allowed.</param>
public sealed record FailureOutcome(LoginFailureRecord Record, long? Until, bool ForGood);
