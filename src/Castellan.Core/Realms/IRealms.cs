using Castellan.Protocol.Errors;

namespace Castellan.Core.Realms;

/// <summary>All realms, in memory as far as they are in use.</summary>
public interface IRealms
{
    /// <summary>The realm of this name (case counts), or null.</summary>
    ValueTask<Realm?> FindAsync(string name, CancellationToken ct = default);

    ValueTask<Realm?> FindByIdAsync(string id, CancellationToken ct = default);

    ValueTask<List<RealmVersion>> ListAsync(CancellationToken ct = default);

    /// <summary>Applies the changes durably; when this returns, <see cref="FindAsync"/> hands out pictures that hold them.</summary>
    ValueTask ApplyAsync(ChangeSet changes, CancellationToken ct = default);

    /// <summary>The same for many sets in one transaction: <see cref="IConfigurationStore.ApplyAsync(IAsyncEnumerable{Result{ChangeSet}}, CancellationToken)"/>.</summary>
    ValueTask<ProtocolError?> ApplyAsync(IAsyncEnumerable<Result<ChangeSet>> sets, CancellationToken ct = default);
}
