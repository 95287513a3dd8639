using System.Security.Cryptography;
using System.Text.Json;

namespace Castellan.Core.Codes;

/// <summary>
/// Requests of devices under way (RFC 8628). Each lies under a key that is the hash of its device code; the user code leads to that key, so neither
/// code can be read back from what is stored.
/// </summary>
public sealed class DeviceAuthorizations(IOneUse store, TimeProvider time)
{
    /// <summary>RFC 8628 §6.1: consonants, which make no words and are not taken for digits. Eight of them are 34 bits.</summary>
    private const string Letters = "BCDFGHJKLMNPQRSTVWXZ";
    private const int HalfLength = 4;
    private const int MaxTyped = 64;
    private const long KeptOn = 10_000;

    /// <summary>Keeps a request; what the device and the person are given for it.</summary>
    public async ValueTask<(string DeviceCode, string UserCode)> AddAsync(string realmId, DeviceAuthorization asked, CancellationToken ct = default)
    {
        var deviceCode = Secret.Base64Url(32);
        var key = Secret.Hash(deviceCode);
        var kept = asked.Expires + (asked.Interval * 1000L) + KeptOn;
        var letters = RandomNumberGenerator.GetString(Letters, 2 * HalfLength);
        while (await store.FindAsync(realmId, OneUseKinds.UserCode, letters, ct) is not null)
        {
            letters = RandomNumberGenerator.GetString(Letters, 2 * HalfLength);
        }

        await store.PutAsync(realmId, OneUseKinds.DeviceCode, key, Write(asked), kept, ct);
        await store.PutAsync(realmId, OneUseKinds.UserCode, letters, key, kept, ct);
        return (deviceCode, $"{letters[..HalfLength]}-{letters[HalfLength..]}");
    }

    /// <summary>The key of a device code.</summary>
    public static string KeyOf(string deviceCode) => Secret.Hash(deviceCode);

    /// <summary>The key behind a user code as a person typed it, in small letters perhaps and without its dash; null when there is none.</summary>
    public async ValueTask<string?> FindKeyAsync(string realmId, string typed, CancellationToken ct = default)
    {
        var letters = typed.Length > MaxTyped ? "" : string.Concat(typed.Where(c => c != '-' && !char.IsWhiteSpace(c))).ToUpperInvariant();
        return letters.Length == 0 ? null : await store.FindAsync(realmId, OneUseKinds.UserCode, letters, ct);
    }

    /// <summary>The request under a key; null when there is none, or it was spent.</summary>
    public async ValueTask<DeviceAuthorization?> FindAsync(string realmId, string key, CancellationToken ct = default) =>
        await store.FindAsync(realmId, OneUseKinds.DeviceCode, key, ct) is { } text ? Read(text) : null;

    /// <summary>Whether somebody may still decide.</summary>
    public async ValueTask<bool> IsOpenAsync(string realmId, string key, CancellationToken ct = default) =>
        await FindAsync(realmId, key, ct) is { } asked && IsOpen(asked);

    /// <summary>A person lets the device have tokens of their session; false when somebody decided before, or the time is over.</summary>
    public ValueTask<bool> ApproveAsync(string realmId, string key, string sessionId, string userId, IReadOnlyDictionary<string, string> notes, CancellationToken ct = default) =>
        DecideAsync(realmId, key, asked => asked with
        {
            Decision = DeviceDecision.Approved,
            Approved = time.GetUtcNow().ToUnixTimeMilliseconds(),
            UserSessionId = sessionId,
            UserId = userId,
            Notes = new(notes),
        }, ct);

    /// <summary>A person refuses.</summary>
    public ValueTask<bool> DenyAsync(string realmId, string key, CancellationToken ct = default) =>
        DecideAsync(realmId, key, asked => asked with { Decision = DeviceDecision.Denied }, ct);

    /// <summary>Notes a poll; false when the one before it is younger than the interval (§3.5).</summary>
    public ValueTask<bool> TryPollAsync(string realmId, string key, DeviceAuthorization asked, CancellationToken ct = default) =>
        asked.Interval == 0 ? new(true) : store.TryAddAsync(realmId, OneUseKinds.DevicePoll, key, time.GetUtcNow().ToUnixTimeMilliseconds() + (asked.Interval * 1000L), ct);

    /// <summary>Removes the request and returns it. Of any number of callers at most one gets it; the rest get null.</summary>
    public async ValueTask<DeviceAuthorization?> TakeAsync(string realmId, string key, CancellationToken ct = default) =>
        await store.TakeAsync(realmId, OneUseKinds.DeviceCode, key, ct) is { } text ? Read(text) : null;

    private bool IsOpen(DeviceAuthorization asked) => asked.Decision == DeviceDecision.Pending && time.GetUtcNow().ToUnixTimeMilliseconds() < asked.Expires;

    private async ValueTask<bool> DecideAsync(string realmId, string key, Func<DeviceAuthorization, DeviceAuthorization> decide, CancellationToken ct) =>
        await store.FindAsync(realmId, OneUseKinds.DeviceCode, key, ct) is { } text && Read(text) is { } asked && IsOpen(asked)
        && await store.ReplaceAsync(realmId, OneUseKinds.DeviceCode, key, text, Write(decide(asked)), ct);

    private static string Write(DeviceAuthorization asked) => JsonSerializer.Serialize(asked, DeviceJson.Default.DeviceAuthorization);

    private static DeviceAuthorization Read(string text) => JsonSerializer.Deserialize(text, DeviceJson.Default.DeviceAuthorization)!;
}
