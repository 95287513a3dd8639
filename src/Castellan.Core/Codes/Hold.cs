namespace Castellan.Core.Codes;

/// <summary>
/// What one request at a time may do, at whatever node: held until it is disposed of, and for half a minute at most, should the node be gone meanwhile.
/// </summary>
public sealed class Hold : IAsyncDisposable
{
    private const int MostMs = 30_000;
    private readonly IOneUse _store;
    private readonly (string Realm, string Kind, string Key) _what;

    private Hold(IOneUse store, (string Realm, string Kind, string Key) what) => (_store, _what) = (store, what);

    /// <summary>Null while another request holds it.</summary>
    public static async ValueTask<Hold?> TakeAsync(IOneUse store, string realmId, string kind, string key, DateTimeOffset now, CancellationToken ct = default) =>
        await store.TryAddAsync(realmId, kind, key, now.ToUnixTimeMilliseconds() + MostMs, ct) ? new(store, (realmId, kind, key)) : null;

    /// <summary>Waits a while for other requests that hold it; null when they go on holding it.</summary>
    public static async ValueTask<Hold?> WaitAsync(IOneUse store, string realmId, string kind, string key, TimeSpan patience, TimeProvider time, CancellationToken ct = default)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            if (await TakeAsync(store, realmId, kind, key, time.GetUtcNow(), ct) is { } hold)
            {
                return hold;
            }

            if (time.GetElapsedTime(begun) > patience)
            {
                return null;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, ct);
        }
    }

    public async ValueTask DisposeAsync() => await _store.TakeAsync(_what.Realm, _what.Kind, _what.Key, CancellationToken.None);
}
