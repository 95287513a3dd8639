namespace Castellan.Core.Codes;

/// <summary>
/// Things that live for a while and are used once, or must not be seen twice: codes, pushed requests, action tokens, ids of assertions, revoked
/// tokens. Each kind has a name of its own, so that nothing made for one place is ever found in another; keys are hashed before they are stored.
/// Times are milliseconds since 1970; what has expired is as if it had never been.
/// </summary>
public interface IOneUse
{
    /// <summary>Notes a key; false when it was noted before and has not expired. Of parallel callers exactly one gets true.</summary>
    ValueTask<bool> TryAddAsync(string realmId, string kind, string key, long expires, CancellationToken ct = default);

    /// <summary>Keeps a value under a key, replacing what was there.</summary>
    ValueTask PutAsync(string realmId, string kind, string key, string value, long expires, CancellationToken ct = default);

    /// <summary>The value, which stays; null when there is none.</summary>
    ValueTask<string?> FindAsync(string realmId, string kind, string key, CancellationToken ct = default);

    /// <summary>Removes the value and returns it. Of any number of callers at most one gets it; the rest get null.</summary>
    ValueTask<string?> TakeAsync(string realmId, string kind, string key, CancellationToken ct = default);

    /// <summary>Replaces a value only while it is still what was read; false when somebody was faster or it is gone.</summary>
    ValueTask<bool> ReplaceAsync(string realmId, string kind, string key, string read, string value, CancellationToken ct = default);

    /// <summary>Removes what expired before <paramref name="now"/>, in batches.</summary>
    ValueTask DeleteExpiredAsync(long now, CancellationToken ct = default);
}

/// <summary>The kinds of <see cref="IOneUse"/>.</summary>
public static class OneUseKinds
{
    public const string Code = "code";
    public const string AssertionId = "assertion";
    public const string DPoPProof = "dpop";
    public const string RevokedToken = "revoked";
    public const string PushedRequest = "par";
    public const string ActionToken = "action";
    public const string DeviceCode = "device";
    public const string DevicePoll = "devicepoll";
    public const string UserCode = "usercode";
    public const string Ciba = "ciba";
    public const string CibaDevice = "cibadevice";
    public const string CibaPoll = "cibapoll";
    public const string OtpUsed = "otp";
    public const string DirectorySync = "ldapsync";
    public const string NewNameId = "nameid";
    public const string SamlArtifact = "artifact";
}
