using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Castellan.Storage;

/// <summary>A connection to SQLite with its prepared statements, used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int MaxStatements = 300;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _statements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SqliteCommand>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly Dictionary<string, SqliteStatement> _writes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SqliteStatement>.AlternateLookup<ReadOnlySpan<char>> _writeLookup;

    public SqliteSession(string connectionString, string pragmas)
    {
        _lookup = _statements.GetAlternateLookup<ReadOnlySpan<char>>();
        _writeLookup = _writes.GetAlternateLookup<ReadOnlySpan<char>>();
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

    public T? One<T>(Sql sql, Func<DbDataReader, T> read)
    {
        try
        {
            using var rows = Bind(sql).ExecuteReader();
            var first = rows.Read() ? read(rows) : default;

            // To the end: a statement that also writes has then run whole.
            while (rows.Read())
            {
            }

            return first;
        }
        catch (SqliteException e) when (Duplicate(e) is { } duplicate)
        {
            throw duplicate;
        }
    }

    public List<T> List<T>(Sql sql, Func<DbDataReader, T> read)
    {
        try
        {
            using var rows = Bind(sql).ExecuteReader();
            var all = new List<T>();
            while (rows.Read())
            {
                all.Add(read(rows));
            }

            return all;
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
            return Writing(sql).Execute(sql.Holes);
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
        Forget(_statements);
        Forget(_writes);
        _connection.Dispose();
    }

    /// <summary>The key is the whole text: two statements that differ only in where their holes are differ in it too.</summary>
    private SqliteStatement Writing(Sql sql)
    {
        if (_writeLookup.TryGetValue(sql.Text, out var statement))
        {
            return statement;
        }

        if (_writes.Count >= MaxStatements)
        {
            Forget(_writes);
        }

        var text = sql.ToString();
        return _writes[text] = new(_connection.Handle!, text);
    }

    private SqliteCommand Bind(Sql sql)
    {
        if (!_lookup.TryGetValue(sql.Text, out var command))
        {
            command = Prepare(sql);
        }

        var parameters = command.Parameters;
        for (var i = 0; i < sql.Holes.Count; i++)
        {
            parameters[i].Value = sql.Holes[i].Value ?? DBNull.Value;
        }

        return command;
    }

    private SqliteCommand Prepare(Sql sql)
    {
        if (_statements.Count >= MaxStatements)
        {
            Forget(_statements);
        }

        var text = sql.ToString();
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // values are parameters; see Sql
        command.CommandText = text;
#pragma warning restore CA2100
        for (var i = 0; i < sql.Holes.Count; i++)
        {
            command.Parameters.Add(new SqliteParameter
            {
                ParameterName = "$" + (i + 1),
                SqliteType = sql.Holes[i].Type switch
                {
                    SqlType.Text => SqliteType.Text,
                    SqlType.Integer => SqliteType.Integer,
                    _ => SqliteType.Blob,
                },
            });
        }

        return _statements[text] = command;
    }

    private static void Forget<T>(Dictionary<string, T> statements) where T : IDisposable
    {
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }

        statements.Clear();
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
