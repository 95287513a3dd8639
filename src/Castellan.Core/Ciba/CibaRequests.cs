using System.Buffers.Text;
using System.Text.Json;
using Castellan.Core.Codes;

namespace Castellan.Core.Ciba;

/// <summary>
/// Requests under way. Two secrets lead to each: the <c>auth_req_id</c>, by which its client gets the tokens, and the one in the device's token, by which
/// the device decides. Neither can be read back from what is stored, nor made from the other.
/// </summary>
public sealed class CibaRequests(IOneUse store, TimeProvider time)
{
    private const int SecretBytes = 32;
    private const long KeptOn = 10_000;

    /// <summary>Keeps a request; the client's secret for it, and the device's.</summary>
    /// <param name="notificationToken">By which the client is told, where it is.</param>
    public async ValueTask<(string AuthReqId, string DeviceSecret)> AddAsync(string realmId, CibaRequest asked, string? notificationToken, CancellationToken ct = default)
    {
        var (id, secret) = (Secret.Base64Url(SecretBytes), Secret.Base64Url(SecretBytes));
        var key = KeyOf(id);
        var kept = asked.Expires + (asked.Interval * 1000L) + KeptOn;
        asked = notificationToken is null ? asked : asked with { Notice = new Notice(id, notificationToken).Seal(secret) };
        await store.PutAsync(realmId, OneUseKinds.Ciba, key, Write(asked), kept, ct);
        await store.PutAsync(realmId, OneUseKinds.CibaDevice, secret, key, kept, ct);
        return (id, secret);
    }

    /// <summary>The key of an <c>auth_req_id</c>.</summary>
    public static string KeyOf(string authReqId) => Secret.Hash(authReqId);

    /// <summary>Whether a text could be an <c>auth_req_id</c> of ours.</summary>
    public static bool IsAuthReqId(string text) => text.Length == Base64Url.GetEncodedLength(SecretBytes) && Base64Url.IsValid(text);

    /// <summary>The request under a key; null when there is none, or it was spent.</summary>
    public async ValueTask<CibaRequest?> FindAsync(string realmId, string key, CancellationToken ct = default) =>
        await store.FindAsync(realmId, OneUseKinds.Ciba, key, ct) is { } text ? Read(text) : null;

    /// <summary>The request that a device's secret is for, with its key.</summary>
    public async ValueTask<(string Key, CibaRequest Request)?> FindByDeviceAsync(string realmId, string secret, CancellationToken ct = default) =>
        await store.FindAsync(realmId, OneUseKinds.CibaDevice, secret, ct) is { } key && await FindAsync(realmId, key, ct) is { } request ? (key, request) : null;

    /// <summary>The person's decision; false when there was one before, or the time is over.</summary>
    public async ValueTask<bool> DecideAsync(string realmId, string key, bool approved, Dictionary<string, string>? answered, CancellationToken ct = default) =>
        await store.FindAsync(realmId, OneUseKinds.Ciba, key, ct) is { } text && Read(text) is { Decision: DeviceDecision.Pending } asked && !IsOver(asked)
        && await store.ReplaceAsync(realmId, OneUseKinds.Ciba, key, text,
            Write(asked with { Decision = approved ? DeviceDecision.Approved : DeviceDecision.Denied, Answered = answered is { Count: > 0 } ? answered : null }), ct);

    public bool IsOver(CibaRequest asked) => time.GetUtcNow().ToUnixTimeMilliseconds() >= asked.Expires;

    /// <summary>Notes a poll; false when the one before it is younger than the interval (§11).</summary>
    public ValueTask<bool> TryPollAsync(string realmId, string key, CibaRequest asked, CancellationToken ct = default) =>
        asked.Interval == 0 ? new(true) : store.TryAddAsync(realmId, OneUseKinds.CibaPoll, key, time.GetUtcNow().ToUnixTimeMilliseconds() + (asked.Interval * 1000L), ct);

    /// <summary>Removes the request and returns it. Of any number of callers at most one gets it; the rest get null.</summary>
    public async ValueTask<CibaRequest?> TakeAsync(string realmId, string key, CancellationToken ct = default) =>
        await store.TakeAsync(realmId, OneUseKinds.Ciba, key, ct) is { } text ? Read(text) : null;

    /// <summary>Forgets a request and the way of the device to it.</summary>
    public async ValueTask ForgetAsync(string realmId, string key, string deviceSecret, CancellationToken ct = default)
    {
        await store.TakeAsync(realmId, OneUseKinds.Ciba, key, ct);
        await store.TakeAsync(realmId, OneUseKinds.CibaDevice, deviceSecret, ct);
    }

    private static string Write(CibaRequest asked) => JsonSerializer.Serialize(asked, CibaJson.Default.CibaRequest);

    private static CibaRequest Read(string text) => JsonSerializer.Deserialize(text, CibaJson.Default.CibaRequest)!;
}
