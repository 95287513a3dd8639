namespace Castellan.Storage;

/// <summary>Rows for one table, none of which is there already; see <see cref="Tx.InsertAsync"/>.</summary>
/// <param name="Table">The table with its columns.</param>
internal sealed record NewRows(RowShape Table)
{
    /// <summary>The values of each row, text or whole numbers, in the order of the columns.</summary>
    public List<object?[]> Rows { get; } = [];
}

/// <summary>A table and some of its columns.</summary>
/// <param name="Columns">Names; those of whole numbers end with <c>#</c>.</param>
internal sealed class RowShape(string table, params string[] columns)
{
    public string Table => table;

    public IReadOnlyList<string> Columns { get; } = [.. columns.Select(c => c.TrimEnd('#'))];

    public IReadOnlyList<SqlType> Types { get; } = [.. columns.Select(c => c.EndsWith('#') ? SqlType.Integer : SqlType.Text)];
}
