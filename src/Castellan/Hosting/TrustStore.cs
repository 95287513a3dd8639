using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Castellan.CommandLine;

namespace Castellan.Hosting;

/// <summary>
/// Certificate authorities of the operator's own (<c>truststore-paths</c>) and of the cluster around us (<c>truststore-kubernetes-enabled</c>), trusted beside those of the system by everything that this process connects to:
/// identity providers, key sets, mail and directory servers, webhooks, the database.
/// </summary>
/// <remarks>
/// The runtime reads the system's authorities where OpenSSL says that they lie, once, at the first connection. OpenSSL can be told of one more file by a
/// variable of the process; set before that first connection, it reaches every client of every library, and none can forget it.
/// </remarks>
internal static partial class TrustStore
{
    private const string Variable = "SSL_CERT_FILE";

    // Where Kubernetes puts the authority of the cluster, and OpenShift that of its services too.
    private static readonly string[] s_cluster = ["/var/run/secrets/kubernetes.io/serviceaccount/ca.crt", "/var/run/secrets/kubernetes.io/serviceaccount/service-ca.crt"];

    private static readonly string[] s_usual = ["/etc/pki/tls/cert.pem", "/usr/lib/ssl/cert.pem", "/etc/ssl/cert.pem", "/usr/local/ssl/cert.pem"];

    /// <exception cref="CommandException">A file cannot be read.</exception>
    public static void Apply(Settings settings)
    {
        var cluster = settings["truststore-kubernetes-enabled"] == "false" ? [] : s_cluster.Where(File.Exists);
        var paths = string.Join(',', cluster.Prepend(settings.Given("truststore-paths")).Append(Commands.Home.Find(Path.Combine("conf", "truststores"))).OfType<string>());
        if (paths.Length == 0)
        {
            return;
        }

        if (!OperatingSystem.IsLinux())
        {
            throw new CommandException("truststore-paths works on Linux only: add the certificates to the system's own store.");
        }

        var bundle = new StringBuilder();
        if ((Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } set ? set : Array.Find(s_usual, File.Exists)) is { } system && File.Exists(system))
        {
            bundle.AppendLine(File.ReadAllText(system));
        }

        foreach (var file in paths.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).SelectMany(Files))
        {
            foreach (var certificate in Read(file))
            {
                bundle.AppendLine(certificate.ExportCertificatePem());
            }
        }

        var path = Write(settings["data-dir"]!, bundle.ToString());
        _ = SetVariable(Variable, path, 1);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(path);
    }

    /// <summary>Writes the authorities into the data directory, or where that cannot be written, as in many a pod, into a folder of this process alone; the file.</summary>
    /// <exception cref="CommandException">Neither can be written.</exception>
    internal static string Write(string folder, string authorities)
    {
        foreach (var place in (Func<string>[])[() => Directory.CreateDirectory(folder).FullName, () => Directory.CreateTempSubdirectory("castellan-").FullName])
        {
            try
            {
                var path = Path.Combine(place(), $"trusted-{Environment.ProcessId}.pem");
                File.WriteAllText(path, authorities);
                return path;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // The next place, or the sentence below.
            }
        }

        throw new CommandException(
            $"The authorities of truststore-paths and of the cluster can be written neither to {folder} nor to {Path.GetTempPath()}. Make one of them writable, or do without: --truststore-kubernetes-enabled=false.");
    }

    /// <summary>The files that a path names: itself, or all that lie in the folder.</summary>
    internal static IEnumerable<string> Files(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path).Where(f => Path.GetExtension(f).ToLowerInvariant() is ".pem" or ".crt" or ".cer" or ".p12" or ".pfx").Order(StringComparer.Ordinal)
        : File.Exists(path) ? [path]
        : throw new CommandException($"truststore-paths: {path} does not exist");

    internal static X509Certificate2Collection Read(string file)
    {
        var found = new X509Certificate2Collection();
        try
        {
            if (Path.GetExtension(file).ToLowerInvariant() is ".p12" or ".pfx")
            {
                found.AddRange(X509CertificateLoader.LoadPkcs12CollectionFromFile(file, null));
            }
            else
            {
                found.ImportFromPemFile(file);
            }
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"truststore-paths: {file} cannot be read: {error.Message}");
        }

        return found.Count > 0 ? found : throw new CommandException($"truststore-paths: {file} holds no certificate");
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
