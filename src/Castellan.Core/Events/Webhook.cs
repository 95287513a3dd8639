using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Castellan.Core.Realms;

namespace Castellan.Core.Events;

/// <summary>Where events go that a webhook must get: the address and the secret that signs them.</summary>
/// <param name="Secret">Shared with the receiver: any text of at least 16 characters, or <c>whsec_</c> and the base64 of the key, as receivers' libraries have it.</param>
public sealed record WebhookOptions(Uri Url, string Secret);

/// <summary>A message that waits for its delivery. Times are milliseconds since 1970.</summary>
public sealed record OutboxMessage(string Id, string Body, long Created, int Attempts);

/// <summary>Messages that survive a crash until somebody took them.</summary>
public interface IOutbox
{
    ValueTask AddAsync(OutboxMessage message, CancellationToken ct = default);

    /// <summary>Due messages, leased to the caller until <paramref name="leaseEnd"/>: no other node gets them before.</summary>
    ValueTask<List<OutboxMessage>> LeaseAsync(long now, long leaseEnd, int max, CancellationToken ct = default);

    ValueTask DeleteAsync(string id, CancellationToken ct = default);

    /// <summary>Puts a message off after a failed delivery and counts the attempt.</summary>
    ValueTask PostponeAsync(string id, long until, CancellationToken ct = default);
}

/// <summary>Hands events to the outbox. Realms opt in with <c>webhook</c> in their <c>eventsListeners</c>.</summary>
public sealed class WebhookListener(IOutbox outbox) : IEventListener
{
    public string Id => "webhook";

    public ValueTask OnEventAsync(Realm realm, LoginEvent happened, CancellationToken ct) =>
        AddAsync(happened.Id!, happened.Time, "event", realm, JsonSerializer.Serialize(happened, EventJson.Default.LoginEvent), ct);

    public ValueTask OnEventAsync(Realm realm, AdminEvent happened, CancellationToken ct) =>
        AddAsync(happened.Id!, happened.Time, "admin-event", realm, JsonSerializer.Serialize(happened, EventJson.Default.AdminEvent), ct);

    private ValueTask AddAsync(string id, long time, string kind, Realm realm, string data, CancellationToken ct)
    {
        var name = JsonEncodedText.Encode(realm.Name);
        return outbox.AddAsync(new OutboxMessage(id, $$"""{"kind":"{{kind}}","realm":"{{name}}","data":{{data}}}""", time, 0), ct);
    }
}

/// <summary>The headers of the Standard Webhooks specification, so that receivers can use its libraries.</summary>
public static class WebhookSignature
{
    /// <summary>The least length of a secret.</summary>
    public const int ShortestSecret = 16;

    private const string Encoded = "whsec_";

    /// <summary><c>v1,</c> and the base64 of HMAC-SHA-256 over id, seconds and body, joined by dots.</summary>
    public static string Sign(string secret, string id, long seconds, string body)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{id}.{seconds}.{body}");
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(Key(secret), Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Whether that can be a secret.</summary>
    public static bool IsSecret([NotNullWhen(true)] string? secret) => secret is not null
        && (!secret.StartsWith(Encoded, StringComparison.Ordinal) || Base64.IsValid(secret.AsSpan(Encoded.Length))) && Key(secret).Length >= ShortestSecret;

    private static byte[] Key(string secret) =>
        secret.StartsWith(Encoded, StringComparison.Ordinal) ? Convert.FromBase64String(secret[Encoded.Length..]) : Encoding.UTF8.GetBytes(secret);
}

/// <summary>When a failed delivery is tried again: after 5 s, then ever later up to an hour; given up after three days.</summary>
public static class WebhookSchedule
{
    public const long GiveUpAfter = 3L * 24 * 3600 * 1000;

    /// <summary>Milliseconds until the next attempt.</summary>
    public static long Delay(int attempts) => Math.Min(5_000L << Math.Min(attempts, 10), 3_600_000L);
}
