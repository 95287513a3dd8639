namespace Castellan.Core.Users.LoginFailures;

/// <summary>
/// Where failures are counted. A check of a password or code takes a place before it runs and gives it back after, so that guesses made in
/// parallel, on whatever nodes, cannot be more than the failures that are still allowed.
/// </summary>
public interface ILoginFailureStore
{
    ValueTask<LoginFailureRecord?> FindAsync(string realmId, string userId, CancellationToken ct = default);

    /// <summary>Records of some users, in no order; users without one are missing.</summary>
    ValueTask<List<LoginFailureRecord>> ListAsync(string realmId, IReadOnlyList<string> userIds, CancellationToken ct = default);

    /// <summary>
    /// Takes a place unless the user is locked or <c>max(1, failureFactor - failures)</c> places are taken; failures older than
    /// <paramref name="forgetBefore"/> count as none, and places taken before <paramref name="staleBefore"/> are free again (their node died).
    /// One atomic statement. Places are not kept apart: any one is as good as another.
    /// </summary>
    ValueTask<bool> TakePlaceAsync(string realmId, string userId, int failureFactor, long now, long forgetBefore, long staleBefore, CancellationToken ct = default);

    /// <summary>Gives a place back and changes nothing else.</summary>
    ValueTask ReleasePlaceAsync(string realmId, string userId, CancellationToken ct = default);

    /// <summary>Writes the record and gives a place back, only while the record is still as it was read (null: there was none with failures).</summary>
    ValueTask<bool> ReplaceAsync(LoginFailureRecord? read, LoginFailureRecord replacement, CancellationToken ct = default);

    /// <summary>Forgets the failures of one user, or of all users of the realm. Places that are taken stay taken.</summary>
    ValueTask ClearAsync(string realmId, string? userId, CancellationToken ct = default);
}
