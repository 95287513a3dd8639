using Castellan.Core.Realms;
using Castellan.Protocol.Errors;

namespace Castellan.Tests.Login;

/// <summary>Waits before a kind of change is written, as a slow database may: what was looked at before may be past by then.</summary>
internal sealed class SlowWrites<T>(RealmCache realms) : IRealms
    where T : Change
{
    public ValueTask<Realm?> FindAsync(string name, CancellationToken ct = default) => realms.FindAsync(name, ct);

    public ValueTask<Realm?> FindByIdAsync(string id, CancellationToken ct = default) => realms.FindByIdAsync(id, ct);

    public ValueTask<List<RealmVersion>> ListAsync(CancellationToken ct = default) => realms.ListAsync(ct);

    public ValueTask<ProtocolError?> ApplyAsync(IAsyncEnumerable<Result<ChangeSet>> sets, CancellationToken ct = default) => realms.ApplyAsync(sets, ct);

    public async ValueTask ApplyAsync(ChangeSet changes, CancellationToken ct = default)
    {
        if (changes.Changes.Any(c => c is T))
        {
            await Task.Delay(500, ct);
        }

        await realms.ApplyAsync(changes, ct);
    }
}
