using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Castellan.Storage;

/// <summary>
/// A prepared statement. It goes past <see cref="SqliteCommand"/>, which looks each parameter up by its name at each use and makes a reader for each
/// answer: an import runs hundreds of thousands of these, a sign-in a dozen.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _db;
    private readonly sqlite3_stmt _statement;
    private readonly SqliteRow _row;

    public SqliteStatement(sqlite3 db, string text)
    {
        _db = db;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(db, text, out _statement), db);
        _row = new(_statement);
    }

    /// <summary>The first row, or default. It runs to its end all the same: one that also writes has then done it all.</summary>
    public T? One<T>(IReadOnlyList<Sql.Hole> values, Func<Row, T> read)
    {
        try
        {
            Bind(values);
            var first = Next() ? read(_row) : default;
            while (Next())
            {
            }

            return first;
        }
        finally
        {
            Reset();
        }
    }

    public List<T> List<T>(IReadOnlyList<Sql.Hole> values, Func<Row, T> read)
    {
        try
        {
            Bind(values);
            var all = new List<T>();
            while (Next())
            {
                all.Add(read(_row));
            }

            return all;
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Runs it to its end; the number of rows that it changed, when it is one that changes rows.</summary>
    public int Execute(IReadOnlyList<Sql.Hole> values)
    {
        try
        {
            Bind(values);
            while (Next())
            {
            }

            return raw.sqlite3_changes(_db);
        }
        finally
        {
            Reset();
        }
    }

    public void Dispose() => _statement.Dispose();

    private void Bind(IReadOnlyList<Sql.Hole> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            // $1, $2, … are numbered in the order in which they stand in the text.
            Check(Bind(i + 1, values[i].Value));
        }
    }

    /// <summary>Whether there is another row.</summary>
    private bool Next()
    {
        var step = raw.sqlite3_step(_statement);
        if (step == raw.SQLITE_ROW)
        {
            return true;
        }

        Check(step);
        return false;
    }

    // What went wrong was told before; this tells it once more.
    private void Reset() => _ = raw.sqlite3_reset(_statement);

    private int Bind(int index, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(_statement, index),
        string text => Bind(index, text),
        long number => raw.sqlite3_bind_int64(_statement, index, number),
        byte[] bytes => raw.sqlite3_bind_blob(_statement, index, bytes),
        _ => throw new ArgumentException($"Nobody knows how to store a {value.GetType().Name}.", nameof(value)),
    };

    private int Bind(int index, string text)
    {
        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var length = Encoding.UTF8.GetBytes(text, rented);
        var result = raw.sqlite3_bind_text(_statement, index, rented.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(rented);
        return result;
    }

    private void Check(int result)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_DONE))
        {
            SqliteException.ThrowExceptionForRC(result, _db);
        }
    }

    private sealed class SqliteRow(sqlite3_stmt statement) : Row
    {
        public override bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

        public override string GetString(int column) => raw.sqlite3_column_text(Holding(column), column).utf8_to_string();

        public override long GetInt64(int column) => raw.sqlite3_column_int64(Holding(column), column);

        public override byte[] GetBytes(int column) => raw.sqlite3_column_blob(Holding(column), column).ToArray();

        // SQLite reads nothing as 0 or an empty text. PostgreSQL does not, and what works here must work there.
        private sqlite3_stmt Holding(int column) => IsNull(column) ? throw new InvalidCastException($"There is nothing in column {column}.") : statement;
    }
}
