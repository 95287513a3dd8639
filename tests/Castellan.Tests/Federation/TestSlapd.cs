using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

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

    private static readonly Lazy<Task<Running?>> s_running = new(StartAsync);

    /// <summary>Kept: its end is the end of our side of the pipe, and a finalizer would close that.</summary>
    private static Process? _process;

    /// <param name="SecureUrl">Where it speaks TLS from the beginning.</param>
    /// <param name="Certificate">Of its own making, so that nobody trusts it who was not told to.</param>
    public sealed record Running(string Url, string SecureUrl, X509Certificate2 Certificate);

    /// <summary>The address of the directory. The test is skipped where there is none.</summary>
    public static async Task<string> UrlAsync() => (await RunningAsync()).Url;

    public static async Task<Running> RunningAsync()
    {
        if (await s_running.Value is { } running)
        {
            return running;
        }

        Assert.Skip("There is no slapd here; Debian has it in the package slapd.");
        throw new InvalidOperationException();
    }

    private static async Task<Running?> StartAsync()
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
            attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
            attributetype ( 1.2.840.113556.1.4.96 NAME 'pwdLastSet' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
            attributetype ( 1.2.840.113556.1.4.90 NAME 'unicodePwd' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
            attributetype ( 1.2.840.113556.1.4.1853 NAME 'msDS-UserAccountDisabled' EQUALITY booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE )
            objectclass ( 1.2.840.113556.1.4.0 NAME 'testAccount' SUP top AUXILIARY MAY ( userAccountControl $ pwdLastSet $ unicodePwd $ msDS-UserAccountDisabled ) )
            TLSCertificateFile {{directory}}/server.pem
            TLSCertificateKeyFile {{directory}}/server.key
            modulepath /usr/lib/ldap
            moduleload back_mdb
            moduleload constraint
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
            overlay constraint
            constraint_attribute userPassword negregex ^too-weak
            access to attrs=userPassword by anonymous auth by * none
            access to * by * read

            """);
        await File.WriteAllTextAsync(Path.Combine(directory, "tree.ldif"), $"dn: {Suffix}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n\n"
            + $"dn: {Limited}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: limited\nuserPassword: {Password}\n");
        var certificate = DirectoryCertificate.Make();
        await File.WriteAllTextAsync(Path.Combine(directory, "server.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(directory, "server.key"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var (port, secure) = (FreePort(), FreePort());
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(
            """
            mkdir "$2/data"
            "$1" -T add -q -f "$2/slapd.conf" -l "$2/tree.ldif" >"$2/log" 2>&1 || { cat "$2/log"; exit 1; }
            "$1" -d 0 -f "$2/slapd.conf" -h "ldap://127.0.0.1:$3 ldaps://127.0.0.1:$4" >"$2/log" 2>&1 &
            server=$!
            echo ready
            cat >/dev/null
            kill $server; wait $server; rm -rf "$2"
            """);
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add(program);
        start.ArgumentList.Add(directory);
        start.ArgumentList.Add(port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        start.ArgumentList.Add(secure.ToString(System.Globalization.CultureInfo.InvariantCulture));
        _process = Process.Start(start)!;
        var answer = await _process.StandardOutput.ReadLineAsync();
        return answer == "ready" && await ListensAsync(port) && await ListensAsync(secure) ? new($"ldap://127.0.0.1:{port}", $"ldaps://127.0.0.1:{secure}", certificate) : throw new InvalidOperationException("slapd did not start: " + answer);
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
