using System.Data.Common;

namespace Castellan.Storage;

/// <summary>The row that a query has come to, good until the next. Columns hold texts, whole numbers, bytes or nothing.</summary>
public abstract class Row
{
    public abstract bool IsNull(int column);

    public abstract string GetString(int column);

    public abstract long GetInt64(int column);

    public abstract byte[] GetBytes(int column);

    public string? TextOrNull(int column) => IsNull(column) ? null : GetString(column);

    public long? NumberOrNull(int column) => IsNull(column) ? null : GetInt64(column);

    /// <summary>A truth value, stored as 0 or 1.</summary>
    public bool Flag(int column) => GetInt64(column) != 0;
}

/// <summary>The row of a reader of the class library's.</summary>
internal sealed class ReaderRow(DbDataReader reader) : Row
{
    public override bool IsNull(int column) => reader.IsDBNull(column);

    public override string GetString(int column) => reader.GetString(column);

    public override long GetInt64(int column) => reader.GetInt64(column);

    public override byte[] GetBytes(int column) => reader.GetFieldValue<byte[]>(column);
}

/// <summary>Reading the first column.</summary>
public static class Rows
{
    internal static readonly Func<Row, long> Number = static row => row.IsNull(0) ? 0 : row.GetInt64(0);

    public static readonly Func<Row, string> Text = static row => row.GetString(0);
}
