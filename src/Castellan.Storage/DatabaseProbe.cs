using Castellan.Core;

namespace Castellan.Storage;

/// <summary>Asks the database the smallest question there is.</summary>
public sealed class DatabaseProbe(Db db) : IDatabaseProbe
{
    public async ValueTask AskAsync(CancellationToken ct) => await db.ScalarAsync($"SELECT 1", ct);
}
