using System.Diagnostics;
using Castellan.Storage;

namespace Castellan.Tests.Storage;

/// <summary>
/// PostgreSQL for the tests: the one that <c>CASTELLAN_TEST_POSTGRES</c> names (a database URL), else a private one that is started from Debian's
/// binaries, as an unprivileged user, on a socket in a temporary directory. It ends and goes with the test process, even when that is killed.
/// </summary>
internal static class TestPostgres
{
    private static readonly Lazy<Task<PostgresOptions?>> Server = new(StartAsync);
    private static int _schemas;

    /// <summary>Kept: its end is the end of our side of the pipe, and a finalizer would close that.</summary>
    private static Process? _process;

    /// <summary>A schema of its own, or null where there is no PostgreSQL.</summary>
    public static async Task<PostgresOptions?> NewSchemaAsync() => await Server.Value is { } server
        ? server with { Schema = $"test_{Environment.ProcessId}_{Interlocked.Increment(ref _schemas)}" }
        : null;

    private static async Task<PostgresOptions?> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("CASTELLAN_TEST_POSTGRES") is { Length: > 0 } url)
        {
            return new() { Url = url };
        }

        var binaries = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Order().LastOrDefault()
            : null;
        if (binaries is null)
        {
            return null;
        }

        var directory = Directory.CreateTempSubdirectory("castellan-pg-").FullName;
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_111_111);
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(
            """
            as=; [ "$(id -u)" = 0 ] && as="setpriv --reuid=$(id -u postgres 2>/dev/null || id -u nobody) --clear-groups"
            $as "$1/initdb" -D "$2/data" -U test -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$2/log" 2>&1 || { cat "$2/log"; exit 1; }
            $as "$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c max_connections=200 >"$2/log" 2>&1 &
            server=$!
            for i in $(seq 200); do "$1/pg_isready" -q -h "$2" && break; sleep 0.05; done
            echo ready
            cat >/dev/null
            kill -QUIT $server; wait $server; rm -rf "$2"
            """);
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add(binaries);
        start.ArgumentList.Add(directory);

        _process = Process.Start(start)!;
        var answer = await _process.StandardOutput.ReadLineAsync();
        return answer == "ready"
            ? new() { Host = directory, Database = "postgres", Username = "test" }
            : throw new InvalidOperationException("PostgreSQL did not start: " + answer);
    }
}
