using System.Collections.Concurrent;
using Castellan.Core.Codes;

namespace Castellan.Storage;

/// <summary>
/// Which tokens may have been revoked, with the embedded database alone, where this process is the only writer: what is not noted here need not be
/// asked for there. A key is noted before its row is written, and stays until the rows that expired are removed.
/// </summary>
#pragma warning disable CA1001 // a semaphore holds nothing that must be given back unless somebody asks for its handle
internal sealed class RevokedTokens(Db db)
#pragma warning restore CA1001
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _loading = new(1);
    private ConcurrentDictionary<string, bool>? _noted;
    private ConcurrentDictionary<string, bool>? _next;

    /// <summary>The memory for this database, or null where another node may write to it.</summary>
    public static RevokedTokens? For(Db db) => db.Engine == DbEngine.Sqlite ? new(db) : null;

    public void Note(string hash)
    {
        lock (_lock)
        {
            _noted?.TryAdd(hash, true);
            _next?.TryAdd(hash, true);
        }
    }

    /// <summary>False only when the token is certainly not revoked.</summary>
    public ValueTask<bool> MayHoldAsync(string hash, CancellationToken ct)
    {
        return _noted is { } noted ? new(noted.ContainsKey(hash)) : LoadAsync();

        async ValueTask<bool> LoadAsync()
        {
            await ReloadAsync(ct);
            return _noted!.ContainsKey(hash);
        }
    }

    /// <summary>Reads again which there are: after those that expired were removed.</summary>
    public async ValueTask ReloadAsync(CancellationToken ct)
    {
        await _loading.WaitAsync(ct);
        try
        {
            // What is revoked from here on is noted here as well; what was before is in the database.
            var next = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
            lock (_lock)
            {
                _next = next;
            }

            foreach (var hash in await db.ListAsync($"SELECT key FROM one_use WHERE kind = {OneUseKinds.RevokedToken}", Rows.Text, ct))
            {
                next.TryAdd(hash, true);
            }

            lock (_lock)
            {
                _noted = next;
            }
        }
        finally
        {
            lock (_lock)
            {
                _next = null;
            }

            _loading.Release();
        }
    }
}
