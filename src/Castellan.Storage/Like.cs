namespace Castellan.Storage;

/// <summary>Patterns and pages.</summary>
internal static class Like
{
    /// <summary>A pattern for what contains the text; for columns in lower case, with <c>ESCAPE '\'</c>.</summary>
    public static string Contains(string text) => "%" + Escape(text.ToLowerInvariant()) + "%";

    public static string Escape(string text) => text.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_");

    /// <summary>LIMIT and OFFSET; a negative maximum is none.</summary>
    public static Sql Page(DbEngine engine, int first, int max) => (max, engine) switch
    {
        ( >= 0, _) => $"LIMIT {max} OFFSET {Math.Max(0, first)}",
        (_, DbEngine.Sqlite) => $"LIMIT -1 OFFSET {Math.Max(0, first)}",
        _ => $"OFFSET {Math.Max(0, first)}",
    };
}
