using Castellan.Storage;

namespace Castellan.Tests.Storage;

public class Postgres_urls
{
    [Theory]
    [InlineData("jdbc:postgresql://db.example:5433/kc", "db.example|5433|kc")]
    [InlineData("jdbc:postgresql://db.example/kc", "db.example|5432|kc")]
    [InlineData("jdbc:postgresql://db.example", "db.example|5432|keycloak")]
    [InlineData("jdbc:postgresql:kc", "localhost|5432|kc")]
    [InlineData("jdbc:postgresql://[::1]:5433/kc", "::1|5433|kc")]
    [InlineData("jdbc:postgresql://a:1,b:2/kc", "a:1,b:2|5432|kc")]
    [InlineData("postgres://u:p%40@h/kc", "h|5432|kc|u|p@")]
    [InlineData("jdbc:postgresql://h/kc?user=u&password=p&sslmode=require&currentSchema=s", "h|5432|kc|u|p|Require|s")]
    public void Are_read_as_the_JDBC_driver_reads_them(string url, string expected)
    {
        var connection = new PostgresOptions { Url = url }.Connection();
        var parts = new List<string?> { connection.Host, connection.Port.ToString(), connection.Database, connection.Username, connection.Password };
        if (expected.Split('|').Length > 5)
        {
            parts.Add(connection.SslMode.ToString());
            parts.Add(connection.SearchPath?.Trim('"'));
        }

        Assert.Equal(expected, string.Join('|', parts.Where(p => p is not null)));
    }

    [Fact]
    public void Of_other_databases_are_refused() =>
        Assert.Throws<StorageException>(() => new PostgresOptions { Url = "jdbc:mysql://h/kc" }.Connection());

    [Fact]
    public void Show_no_password() =>
        Assert.Equal("h:5432/kc", new PostgresOptions { Url = "jdbc:postgresql://h/kc", Username = "u", Password = "secret" }.ToString());
}
