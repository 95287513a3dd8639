using System.Globalization;
using Castellan.CommandLine;
using Castellan.Storage;

namespace Castellan.Hosting;

/// <summary>Opens the database that the settings name.</summary>
internal static class Databases
{
    public static async Task<Db> OpenAsync(Settings settings, TimeProvider time) => settings["db"] switch
    {
        "postgres" => await PostgresDb.OpenAsync(Postgres(settings), time),
        "dev-mem" => await SqliteDb.OpenTemporaryAsync(time),
        _ => await SqliteDb.OpenAsync(settings["data-dir"]!, time),
    };

    private static PostgresOptions Postgres(Settings settings) => new()
    {
        Url = settings.Given("db-url"),
        Host = settings.Given("db-url-host") ?? "localhost",
        Port = Parse(settings.Given("db-url-port")) ?? 5432,
        Database = settings.Given("db-url-database") ?? "keycloak",
        Properties = settings.Given("db-url-properties"),
        Username = settings.Given("db-username"),
        Password = settings.Given("db-password"),
        Schema = settings.Given("db-schema"),
        PoolMinSize = Parse(settings.Given("db-pool-min-size")) ?? Parse(settings.Given("db-pool-initial-size")),
        PoolMaxSize = Parse(settings.Given("db-pool-max-size")),
        VerifyServer = settings["db-tls-mode"] == "verify-server",
        TrustFile = settings.Given("db-tls-trust-store-file"),
        ConnectTimeout = settings.Duration("db-connect-timeout"),
    };

    private static int? Parse(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
