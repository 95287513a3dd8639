using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Castellan.Storage;

/// <summary>A connection to SQLite with its prepared statements, used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int MaxStatements = 300;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SqliteStatement>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public SqliteSession(string connectionString, string pragmas)
    {
        _lookup = _statements.GetAlternateLookup<ReadOnlySpan<char>>();
        _connection = new(connectionString);
        try
        {
            _connection.Open();
            Script(pragmas);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Whether a transaction is open. SQLite ends it by itself when the disk is full or fails.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    public T? One<T>(Sql sql, Func<Row, T> read)
    {
        try
        {
            return Prepared(sql).One(sql.Holes, read);
        }
        catch (SqliteException e) when (Duplicate(e) is { } duplicate)
        {
            throw duplicate;
        }
    }

    public List<T> List<T>(Sql sql, Func<Row, T> read)
    {
        try
        {
            return Prepared(sql).List(sql.Holes, read);
        }
        catch (SqliteException e) when (Duplicate(e) is { } duplicate)
        {
            throw duplicate;
        }
    }

    public int Execute(Sql sql)
    {
        try
        {
            return Prepared(sql).Execute(sql.Holes);
        }
        catch (SqliteException e) when (Duplicate(e) is { } duplicate)
        {
            throw duplicate;
        }
    }

    public void Script(string script)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // migrations and pragmas, no input
        command.CommandText = script;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        Forget();
        _connection.Dispose();
    }

    /// <summary>The key is the whole text: two statements that differ only in where their holes are differ in it too.</summary>
    private SqliteStatement Prepared(Sql sql)
    {
        if (_lookup.TryGetValue(sql.Text, out var statement))
        {
            return statement;
        }

        if (_statements.Count >= MaxStatements)
        {
            Forget();
        }

        var text = sql.ToString();
        return _statements[text] = new(_connection.Handle!, text);
    }

    private void Forget()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
    }

    /// <summary>"UNIQUE constraint failed: users.realm_id, users.username" becomes "users(realm_id, username)".</summary>
    private static Core.Realms.DuplicateException? Duplicate(SqliteException e)
    {
        if (e.SqliteExtendedErrorCode is not (raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY or raw.SQLITE_CONSTRAINT_ROWID))
        {
            return null;
        }

        const string Before = "UNIQUE constraint failed: ";
        var at = e.Message.IndexOf(Before, StringComparison.Ordinal);
        var columns = at < 0 ? [] : e.Message[(at + Before.Length)..].TrimEnd('.', '\'', ' ').Split(", ");
        var table = columns is [var first, ..] && first.IndexOf('.') is > 0 and var dot ? first[..dot] : "";
        return new($"{table}({string.Join(", ", columns.Select(c => c[(c.IndexOf('.') + 1)..]))})", e);
    }
}
