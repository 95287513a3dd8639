using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Castellan.CommandLine;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Castellan.Hosting;

/// <summary>The server's certificate from PEM files or a PKCS12 store, read again when the files change.</summary>
internal sealed class Certificates
{
    private readonly Func<(X509Certificate2 Leaf, X509Certificate2Collection Chain)> _load;
    private readonly string _prefix;
    private readonly string _file;
    private readonly TimeSpan _period;
    private readonly TimeProvider _time;
    private readonly Lock _reading = new();
    private (X509Certificate2 Leaf, X509Certificate2Collection Chain) _current;
    private DateTime _written;
    private long _looked;

    private Certificates(string prefix, string file, Func<(X509Certificate2, X509Certificate2Collection)> load, TimeSpan period, TimeProvider time)
    {
        (_prefix, _file, _load, _period, _time) = (prefix, file, load, period, time);
        (_current, _written, _looked) = (load(), File.GetLastWriteTimeUtc(file), time.GetTimestamp());
    }

    /// <summary>Null when no certificate is configured.</summary>
    /// <exception cref="CommandException">The files cannot be used.</exception>
    public static Certificates? Open(Settings settings, TimeProvider time, string prefix = "https-")
    {
        try
        {
            var period = settings[prefix + "certificates-reload-period"] == "-1" ? Timeout.InfiniteTimeSpan : settings.Duration(prefix + "certificates-reload-period");
            if (settings.Given(prefix + "certificate-file") is { } pem)
            {
                var key = settings.Given(prefix + "certificate-key-file") ?? throw new CommandException("You must specify the key files when specifying the certificate files");
                return new(prefix, pem, () => FromPem(pem, key), period, time);
            }

            return settings.Given(prefix + "key-store-file") is { } store
                ? new(prefix, store, () => FromStore(store, settings[prefix + "key-store-password"]!), period, time)
                : null;
        }
        catch (Exception error) when (error is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new CommandException($"ERROR: Failed to start server in (production) mode\nERROR: Failed to load '{prefix}*' material: {error.Message}", 1);
        }
    }

    /// <summary>TLS as the settings ask for it, for one listener.</summary>
    public void Configure(HttpsConnectionAdapterOptions https, Settings settings, ClientCertificateMode clients)
    {
        https.ServerCertificateSelector = (_, _) => Current().Leaf;
        https.ServerCertificateChain = _current.Chain;
        https.SslProtocols = settings[_prefix + "protocols"]!.Split(',', StringSplitOptions.TrimEntries).Aggregate(System.Security.Authentication.SslProtocols.None, (all, name) => all | name switch
        {
            "TLSv1.3" => System.Security.Authentication.SslProtocols.Tls13,
            "TLSv1.2" => System.Security.Authentication.SslProtocols.Tls12,
            _ => System.Security.Authentication.SslProtocols.None,
        });
        https.ClientCertificateMode = clients;
        if (clients != ClientCertificateMode.NoCertificate && settings.Given("https-trust-store-file") is { } trust)
        {
            var roots = Trusted(trust, settings.Given("https-trust-store-password"));
            https.ClientCertificateValidation = (certificate, _, _) => IsTrusted(certificate, roots);
        }
    }

    private (X509Certificate2 Leaf, X509Certificate2Collection Chain) Current()
    {
        if (_period == Timeout.InfiniteTimeSpan || _time.GetElapsedTime(_looked) < _period)
        {
            return _current;
        }

        lock (_reading)
        {
            _looked = _time.GetTimestamp();
            try
            {
                if (File.GetLastWriteTimeUtc(_file) is var written && written != _written)
                {
                    (_current, _written) = (_load(), written);
                }
            }
            catch (Exception error) when (error is IOException or CryptographicException or UnauthorizedAccessException)
            {
                // Half-written files: the certificate in use stays, and the next look finds the whole ones.
            }

            return _current;
        }
    }

    private static (X509Certificate2, X509Certificate2Collection) FromPem(string certificate, string key)
    {
        using var read = X509Certificate2.CreateFromPemFile(certificate, key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificate);
        // A key that came from PEM lives in memory only; some platforms want it in a store of its own.
        return (X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null), chain);
    }

    private static (X509Certificate2, X509Certificate2Collection) FromStore(string file, string password)
    {
        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password);
        return (all.FirstOrDefault(c => c.HasPrivateKey) ?? throw new CryptographicException($"{file} holds no private key."), all);
    }

    private static X509Certificate2Collection Trusted(string file, string? password)
    {
        var roots = new X509Certificate2Collection();
        if (file.EndsWith(".p12", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".pfx", StringComparison.OrdinalIgnoreCase))
        {
            roots.AddRange(X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password));
        }
        else
        {
            roots.ImportFromPemFile(file);
        }

        return roots;
    }

    private static bool IsTrusted(X509Certificate2 certificate, X509Certificate2Collection roots)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
