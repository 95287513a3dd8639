using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Castellan.Tests.Federation;

/// <summary>
/// An LDAP directory for the tests: Debian's slapd on a free port, its database in a temporary directory. It ends and goes with the test process, even when
/// that is killed. Each test has a branch of its own in it.
/// </summary>
internal static class TestSlapd
{
    public const string Suffix = "dc=example,dc=org";
    public const string Administrator = "cn=admin," + Suffix;
    public const string Password = "directory-admin";

    /// <summary>Somebody who gets one entry of each search, whatever it finds; with the same password.</summary>
    public const string Limited = "cn=limited," + Suffix;

    private static readonly Lazy<Task<string?>> s_url = new(StartAsync);

    /// <summary>Kept: its end is the end of our side of the pipe, and a finalizer would close that.</summary>
    private static Process? _process;

    /// <summary>The address of the directory. The test is skipped where there is none.</summary>
    public static async Task<string> UrlAsync()
    {
        if (await s_url.Value is { } url)
        {
            return url;
        }

        Assert.Skip("There is no slapd here; Debian has it in the package slapd.");
        throw new InvalidOperationException();
    }

    private static async Task<string?> StartAsync()
    {
        var program = Array.Find(["/usr/sbin/slapd", "/usr/local/sbin/slapd", "/usr/local/libexec/slapd"], File.Exists);
        if (program is null || !Directory.Exists("/etc/ldap/schema"))
        {
            return null;
        }

        var directory = Directory.CreateTempSubdirectory("castellan-ldap-").FullName;
        await File.WriteAllTextAsync(Path.Combine(directory, "slapd.conf"), $$"""
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            include /etc/ldap/schema/inetorgperson.schema
            modulepath /usr/lib/ldap
            moduleload back_mdb
            sizelimit 500
            database mdb
            suffix "{{Suffix}}"
            rootdn "{{Administrator}}"
            rootpw {{Password}}
            limits dn.exact="{{Limited}}" size=1
            directory {{directory}}/data
            maxsize 67108864
            dbnosync
            index objectClass,uid,entryUUID eq
            access to attrs=userPassword by anonymous auth by * none
            access to * by * read

            """);
        await File.WriteAllTextAsync(Path.Combine(directory, "tree.ldif"), $"dn: {Suffix}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n\n"
            + $"dn: {Limited}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: limited\nuserPassword: {Password}\n");
        var port = FreePort();
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(
            """
            mkdir "$2/data"
            "$1" -T add -q -f "$2/slapd.conf" -l "$2/tree.ldif" >"$2/log" 2>&1 || { cat "$2/log"; exit 1; }
            "$1" -d 0 -f "$2/slapd.conf" -h "ldap://127.0.0.1:$3" >"$2/log" 2>&1 &
            server=$!
            echo ready
            cat >/dev/null
            kill $server; wait $server; rm -rf "$2"
            """);
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add(program);
        start.ArgumentList.Add(directory);
        start.ArgumentList.Add(port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        _process = Process.Start(start)!;
        var answer = await _process.StandardOutput.ReadLineAsync();
        return answer == "ready" && await ListensAsync(port) ? $"ldap://127.0.0.1:{port}" : throw new InvalidOperationException("slapd did not start: " + answer);
    }

    private static async Task<bool> ListensAsync(int port)
    {
        for (var tries = 0; tries < 1_200; tries++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        return false;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
