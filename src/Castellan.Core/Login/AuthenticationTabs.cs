using System.Text.Json;
using Castellan.Core.Codes;

namespace Castellan.Core.Login;

/// <summary>Sign-ins under way, in the store of things used once: a row for each tab, and one for each browser that lists its tabs.</summary>
public sealed class AuthenticationTabs(IOneUse store, TimeProvider time) : IAuthenticationTabs
{
    /// <summary>A browser with more tabs than this loses the oldest: nobody has so many, but a robot could.</summary>
    private const int MaxTabs = 300;

    private const string TabKind = "login-tab";
    private const string RootKind = "login-root";
    private const int Tries = 8;

    public async ValueTask<AuthenticationTab?> FindAsync(string realmId, string rootId, string tabId, CancellationToken ct = default)
    {
        if (await store.FindAsync(realmId, TabKind, Key(rootId, tabId), ct) is not { } json || JsonSerializer.Deserialize(json, LoginJson.Default.AuthenticationTab) is not { } tab)
        {
            return null;
        }

        tab.IsStored = true;
        return tab;
    }

    public async ValueTask<bool> AnyAsync(string realmId, string rootId, CancellationToken ct = default) =>
        await store.FindAsync(realmId, RootKind, rootId, ct) is { Length: > 0 };

    public async ValueTask AddAsync(AuthenticationTab tab, CancellationToken ct = default)
    {
        var read = await store.FindAsync(tab.RealmId, RootKind, tab.RootId, ct);
        await Task.WhenAll(
            store.PutAsync(tab.RealmId, TabKind, Key(tab.RootId, tab.TabId), Write(tab), tab.Expires, ct).AsTask(),
            ChangeRootAsync(tab, read, tabs => [.. tabs.Where(t => t != tab.TabId).TakeLast(MaxTabs - 1), tab.TabId], ct).AsTask());
        tab.IsStored = true;
    }

    public async ValueTask<bool> SaveAsync(AuthenticationTab tab, CancellationToken ct = default)
    {
        var key = Key(tab.RootId, tab.TabId);
        if (await store.FindAsync(tab.RealmId, TabKind, key, ct) is not { } stored
            || JsonSerializer.Deserialize(stored, LoginJson.Default.AuthenticationTab)?.Version != tab.Version)
        {
            return false;
        }

        tab.Version++;
        return await store.ReplaceAsync(tab.RealmId, TabKind, key, stored, Write(tab), ct);
    }

    public async ValueTask<bool> TakeAsync(AuthenticationTab tab, CancellationToken ct = default)
    {
        if (!tab.IsStored)
        {
            // A sign-in that ends with the request that began it was never anywhere else.
            return true;
        }

        // Whoever takes it, it is no longer in the list: both are written at once.
        var read = await store.FindAsync(tab.RealmId, RootKind, tab.RootId, ct);
        var taken = store.TakeAsync(tab.RealmId, TabKind, Key(tab.RootId, tab.TabId), ct).AsTask();
        await Task.WhenAll(taken, ChangeRootAsync(tab, read, tabs => [.. tabs.Where(t => t != tab.TabId)], ct).AsTask());
        return await taken is not null;
    }

    public async ValueTask RemoveAllAsync(string realmId, string rootId, CancellationToken ct = default)
    {
        if (await store.TakeAsync(realmId, RootKind, rootId, ct) is { } tabs)
        {
            foreach (var tab in tabs.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                await store.TakeAsync(realmId, TabKind, Key(rootId, tab), ct);
            }
        }
    }

    /// <param name="read">The list as it was read; it is read again when somebody else has changed it since.</param>
    private async ValueTask ChangeRootAsync(AuthenticationTab tab, string? read, Func<string[], string[]> change, CancellationToken ct)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            var next = string.Join(' ', change((read ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)));
            if (read is null)
            {
                if (next.Length > 0)
                {
                    await store.PutAsync(tab.RealmId, RootKind, tab.RootId, next, Math.Max(tab.Expires, time.GetUtcNow().ToUnixTimeMilliseconds() + 1), ct);
                }

                return;
            }

            if (next.Length == 0 ? await store.TakeAsync(tab.RealmId, RootKind, tab.RootId, ct) is not null
                : await store.ReplaceAsync(tab.RealmId, RootKind, tab.RootId, read, next, ct))
            {
                return;
            }

            read = await store.FindAsync(tab.RealmId, RootKind, tab.RootId, ct);
        }
    }

    private static string Key(string rootId, string tabId) => $"{rootId}.{tabId}";

    private static string Write(AuthenticationTab tab) => JsonSerializer.Serialize(tab, LoginJson.Default.AuthenticationTab);
}
