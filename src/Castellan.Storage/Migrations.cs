using System.Globalization;
using System.Reflection;
using System.Text;

namespace Castellan.Storage;

/// <summary>
/// Brings a database to the schema of this version. A migration is one file <c>Schema/NNNN_name.sql</c> for both engines, with
/// <c>{text}</c> for text that compares byte by byte (<c>TEXT</c>, on PostgreSQL <c>TEXT COLLATE "C"</c>), <c>{blob}</c> for bytes
/// (<c>BLOB</c>, <c>BYTEA</c>), <c>{clustered}</c> after a table of short rows whose key is no number, <c>BIGINT</c> for numbers, times and truth values; lines between <c>--! sqlite</c> or <c>--! postgresql</c> and
/// <c>--! both</c> are for one engine only. Numbers leave gaps, a hundred for each area, so that areas grow beside one another. A file that was released is never changed.
/// </summary>
internal static class Migrations
{
    /// <summary>Any number that nobody else locks: "castella" in ASCII.</summary>
    private const long AdvisoryLock = 0x63617374656c6c61;

    public static async Task RunAsync(Db db, TimeProvider time, CancellationToken ct)
    {
        var known = All();
        await db.WriteAsync(
            async tx =>
            {
                if (tx.Engine == DbEngine.PostgreSql)
                {
                    // Nodes that start together wait for one another here; the lock goes with the transaction.
                    await tx.ListAsync($"SELECT pg_advisory_xact_lock({AdvisoryLock})", static _ => 0, ct);
                }

                await tx.ScriptAsync(Translate("CREATE TABLE IF NOT EXISTS schema_version (number BIGINT PRIMARY KEY, name {text} NOT NULL, applied BIGINT NOT NULL)", tx.Engine), ct);
                var applied = (await tx.ListAsync($"SELECT number FROM schema_version", static row => row.GetInt64(0), ct)).ToHashSet();
                if (applied.Except(known.Select(m => (long)m.Number)).DefaultIfEmpty().Max() is > 0 and var newer)
                {
                    throw new StorageException(
                        $"The database has schema {newer} of a newer version; this version knows schemas up to {known[^1].Number}. Start the newer version, or restore a backup made before the upgrade.");
                }

                foreach (var migration in known.Where(m => !applied.Contains(m.Number)))
                {
                    await tx.ScriptAsync(Translate(migration.Script, tx.Engine), ct);
                    await tx.ExecuteAsync(
                        $"INSERT INTO schema_version (number, name, applied) VALUES ({migration.Number}, {migration.Name}, {time.GetUtcNow().ToUnixTimeMilliseconds()})", ct);
                }
            },
            ct);
    }

    internal static string Translate(string script, DbEngine engine)
    {
        var sqlite = engine == DbEngine.Sqlite;
        var taken = new StringBuilder(script.Length);
        var take = true;
        foreach (var line in script.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("--!"))
            {
                take = line[3..].Trim() switch
                {
                    "sqlite" => sqlite,
                    "postgresql" => !sqlite,
                    "both" => true,
                    _ => throw new InvalidOperationException($"A migration has the unknown mark {line}."),
                };
            }
            else if (take)
            {
                taken.Append(line).Append('\n');
            }
        }

        return taken.Replace("{text}", sqlite ? "TEXT" : "TEXT COLLATE \"C\"").Replace("{blob}", sqlite ? "BLOB" : "BYTEA").Replace("{clustered}", sqlite ? "WITHOUT ROWID" : "").ToString();
    }

    private static List<Migration> All()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var all = assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith("Schema/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(n =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(n)!);
                return new Migration(int.Parse(n.AsSpan("Schema/".Length, 4), CultureInfo.InvariantCulture), n["Schema/0000_".Length..^".sql".Length], reader.ReadToEnd());
            })
            .ToList();
        return all.DistinctBy(m => m.Number).Count() == all.Count ? all : throw new InvalidOperationException("Two migrations have one number.");
    }

    private sealed record Migration(int Number, string Name, string Script);
}
