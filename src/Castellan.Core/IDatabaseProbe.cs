namespace Castellan.Core;

/// <summary>Whether the database can be reached.</summary>
public interface IDatabaseProbe
{
    /// <summary>Asks it something small; throws when it does not answer.</summary>
    ValueTask AskAsync(CancellationToken ct);
}
