using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Castellan.Storage;

/// <summary>
/// A prepared statement that returns no rows. It goes past <see cref="SqliteCommand"/>, which looks each parameter up by its name at each use: an
/// import runs hundreds of thousands of these.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _db;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(sqlite3 db, string text)
    {
        _db = db;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(db, text, out _statement), db);
    }

    /// <summary>Runs it to its end; the number of rows that it changed, when it is one that changes rows.</summary>
    public int Execute(IReadOnlyList<Sql.Hole> values)
    {
        try
        {
            for (var i = 0; i < values.Count; i++)
            {
                // $1, $2, … are numbered in the order in which they stand in the text.
                Check(Bind(i + 1, values[i].Value));
            }

            int step;
            while ((step = raw.sqlite3_step(_statement)) == raw.SQLITE_ROW)
            {
            }

            Check(step);
            return raw.sqlite3_changes(_db);
        }
        finally
        {
            // What went wrong was told above; this tells it once more.
            _ = raw.sqlite3_reset(_statement);
        }
    }

    public void Dispose() => _statement.Dispose();

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
}
