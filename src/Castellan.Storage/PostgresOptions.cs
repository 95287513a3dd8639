using System.Globalization;
using Npgsql;

namespace Castellan.Storage;

/// <summary>
/// Where PostgreSQL is: as Keycloak's <c>db-url</c> (<c>jdbc:postgresql://host:port/database?sslmode=require</c>), or by its parts
/// (<c>db-url-host</c>, …), which a URL overrides.
/// </summary>
public sealed record PostgresOptions
{
    public string? Url { get; init; }

    public string Host { get; init; } = "localhost";

    public int Port { get; init; } = 5432;

    public string Database { get; init; } = "keycloak";

    /// <summary>What follows the <c>?</c> of the URL (<c>db-url-properties</c>).</summary>
    public string? Properties { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>The schema for the tables; <c>public</c> unless said.</summary>
    public string? Schema { get; init; }

    public int? PoolMinSize { get; init; }

    public int? PoolMaxSize { get; init; }

    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>Whether the server must prove by its certificate that it is who it is (<c>db-tls-mode=verify-server</c>).</summary>
    public bool VerifyServer { get; init; }

    /// <summary>The authorities that it may prove it by, as PEM; null for those of the system.</summary>
    public string? TrustFile { get; init; }

    internal string EffectiveSchema => Connection().SearchPath is { Length: > 0 } path ? path.Split(',')[0].Trim().Trim('"') : "public";

    /// <summary>Host, port and database, without secrets.</summary>
    public override string ToString()
    {
        var connection = Connection();
        return $"{connection.Host}:{connection.Port}/{connection.Database}";
    }

    internal NpgsqlDataSource CreateDataSource()
    {
        var connection = Connection();
        var builder = new NpgsqlSlimDataSourceBuilder(connection.ConnectionString);
        builder.EnableTransportSecurity();
        return connection.Host!.Contains(',') ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.ReadWrite) : builder.Build();
    }

    internal NpgsqlConnectionStringBuilder Connection()
    {
        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = Host,
            Port = Port,
            Database = Database,
            ApplicationName = "castellan",
            MinPoolSize = PoolMinSize ?? 0,
            MaxPoolSize = PoolMaxSize ?? 100,
            Timeout = (int)(ConnectTimeout ?? TimeSpan.FromSeconds(10)).TotalSeconds,
            CommandTimeout = 60,
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            KeepAlive = 30,

            // The statements are short ones; compiling them costs more than it saves.
            Options = "-c jit=off",

            // Names the columns of a duplicate; see PostgresCommands.Duplicate.
            IncludeErrorDetail = true,
        };
        var properties = Properties;
        if (Url is { Length: > 0 } url)
        {
            properties = ReadUrl(url, connection) ?? properties;
        }

        foreach (var property in (properties ?? "").TrimStart('?').Split(['&', ';'], StringSplitOptions.RemoveEmptyEntries))
        {
            var at = property.IndexOf('=');
            Set(connection, at < 0 ? property : property[..at], at < 0 ? "" : Uri.UnescapeDataString(property[(at + 1)..]));
        }

        if (VerifyServer)
        {
            connection.SslMode = SslMode.VerifyFull;
            connection.RootCertificate = TrustFile ?? connection.RootCertificate;
        }

        connection.Username = Username ?? connection.Username;
        connection.Password = Password ?? connection.Password;
        if (Schema is { Length: > 0 } schema)
        {
            connection.SearchPath = PostgresCommands.Quote(schema);
        }

        return connection;
    }

    /// <summary>Reads hosts, port and database; returns what follows the question mark.</summary>
    private static string? ReadUrl(string url, NpgsqlConnectionStringBuilder connection)
    {
        var rest = url.StartsWith("jdbc:", StringComparison.Ordinal) ? url["jdbc:".Length..] : url;
        var scheme = rest.IndexOf(':');
        if (scheme < 0 || rest[..scheme] is not ("postgresql" or "postgres"))
        {
            throw new StorageException("The database URL must begin with jdbc:postgresql: (for instance jdbc:postgresql://localhost:5432/keycloak).");
        }

        rest = rest[(scheme + 1)..];
        var query = rest.IndexOf('?');
        var properties = query < 0 ? null : rest[(query + 1)..];
        rest = query < 0 ? rest : rest[..query];
        if (!rest.StartsWith("//", StringComparison.Ordinal))
        {
            connection.Database = Uri.UnescapeDataString(rest);
            return properties;
        }

        var slash = rest.IndexOf('/', 2);
        var hosts = slash < 0 ? rest[2..] : rest[2..slash];
        if (hosts.LastIndexOf('@') is >= 0 and var user)
        {
            var parts = hosts[..user].Split(':', 2);
            connection.Username = Uri.UnescapeDataString(parts[0]);
            connection.Password = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : null;
            hosts = hosts[(user + 1)..];
        }

        if (slash >= 0 && slash + 1 < rest.Length)
        {
            connection.Database = Uri.UnescapeDataString(rest[(slash + 1)..]);
        }

        if (hosts.Contains(','))
        {
            connection.Host = hosts;
        }
        else if (hosts.Length > 0)
        {
            var colon = hosts.LastIndexOf(':');
            var hasPort = colon > hosts.LastIndexOf(']');
            connection.Host = (hasPort ? hosts[..colon] : hosts).Trim('[', ']');
            if (hasPort)
            {
                connection.Port = int.TryParse(hosts.AsSpan(colon + 1), CultureInfo.InvariantCulture, out var port)
                    ? port
                    : throw new StorageException("The database URL names no port that is a number.");
            }
        }

        return properties;
    }

    /// <summary>The properties of the JDBC driver that mean something here; those that only tune that driver are passed over.</summary>
    private static void Set(NpgsqlConnectionStringBuilder connection, string name, string value)
    {
        switch (name)
        {
            case "user": connection.Username = value; break;
            case "password": connection.Password = value; break;
            case "currentSchema": connection.SearchPath = string.Join(',', value.Split(',').Select(s => PostgresCommands.Quote(s.Trim().Trim('"')))); break;
            case "ssl": connection.SslMode = value is "" or "true" ? SslMode.VerifyFull : connection.SslMode; break;
            case "sslmode":
                connection.SslMode = value switch
                {
                    "disable" => SslMode.Disable,
                    "allow" => SslMode.Allow,
                    "prefer" => SslMode.Prefer,
                    "require" => SslMode.Require,
                    "verify-ca" => SslMode.VerifyCA,
                    "verify-full" => SslMode.VerifyFull,
                    _ => throw new StorageException($"The database URL has the unknown sslmode {value}."),
                };
                break;
            case "sslrootcert": connection.RootCertificate = value; break;
            case "sslcert": connection.SslCertificate = value; break;
            case "sslkey": connection.SslKey = value; break;
            case "sslpassword": connection.SslPassword = value; break;
            case "ApplicationName": connection.ApplicationName = value; break;
            case "connectTimeout" or "loginTimeout" when int.TryParse(value, CultureInfo.InvariantCulture, out var seconds): connection.Timeout = seconds; break;
            case "socketTimeout" when int.TryParse(value, CultureInfo.InvariantCulture, out var seconds): connection.CommandTimeout = seconds; break;

            // Behind a pooler that hands out connections by transaction, nothing prepared may be left on them.
            case "prepareThreshold" when value == "0": connection.MaxAutoPrepare = 0; connection.NoResetOnClose = true; connection.Options = null; break;
        }
    }
}
