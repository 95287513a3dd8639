using System.Globalization;
using System.Net;
using Castellan.CommandLine;
using Castellan.Commands;
using Castellan.Core;
using Castellan.Core.Codes;
using Castellan.Core.Authorization;
using Castellan.Core.Credentials;
using Castellan.Core.Events;
using Castellan.Core.Organizations;
using Castellan.Core.Outbound;
using Castellan.Core.Realms.Export;
using Castellan.Core.Realms.Import;
using Castellan.Core.Sessions;
using Castellan.Core.Users.LoginFailures;
using Castellan.Server;
using Castellan.Server.Events;
using Castellan.Server.Http;
using Castellan.Server.Management;
using Castellan.Server.Pages;
using Castellan.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Hosting;

/// <summary>Puts the server together: listeners, storage, services, pipeline.</summary>
internal static class ServerHost
{
    public static async Task<WebApplication> BuildAsync(Settings settings, string mode)
    {
        var hostname = HostnameSettings.Read(settings, mode);
        var webhook = Webhooks.Read(settings);
        var cibaChannel = CibaChannels.Read(settings);
        var vault = Vaults.Open(settings);
        var management = Management(settings);
        TrustStore.Apply(settings);
        var certificates = Certificates.Open(settings, TimeProvider.System);
        var ownCertificates = Certificates.Open(settings, TimeProvider.System, "https-management-");
        var installation = await Installation.OpenAsync(settings, vault);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new LineLoggerProvider(TimeProvider.System, LogOutput.Open(settings)));
        LogLevels.Configure(builder.Logging, settings);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, settings, management, certificates, ownCertificates));
        // A system call less for each request, at the price of one block of memory (4 KiB) for each connection that waits.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.WaitForDataBeforeAllocatingBuffer = false);
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        builder.Services.AddSingleton(hostname);
        builder.Services.AddSingleton(installation.Features);
        AddStorage(builder.Services, installation);
        // In development the applications whose key sets are fetched run beside the server.
        builder.Services.AddSingleton<IFetch>(new Fetch(allowLoopback: mode == "development"));
        builder.Services.AddSingleton(new PasswordBlacklists(Path.Combine(settings["data-dir"]!, "password-blacklists")));
        builder.Services.AddSingleton(vault);
        builder.Services.AddSingleton(new ThemeOptions(Themes(settings), mode == "development" ? TimeSpan.Zero : null));
        builder.Services.AddSingleton(cibaChannel);
        if (webhook is not null)
        {
            builder.Services.AddWebhook(webhook);
        }

        builder.Services.AddManagement(management);
        builder.Services.AddCastellan();
        var tracing = Tracing.Start(settings);
        if (tracing is not null)
        {
            builder.Services.AddSingleton(_ => tracing);
        }

        var app = builder.Build();
        if (tracing is not null)
        {
            // Asked for, so that it is ended with the server and sends what it still has.
            _ = app.Services.GetRequiredService<Tracing>();
            RequestSpans.Use(app);
        }

        app.UseManagement();
        if (settings.Given("http-max-queued-requests") is { } queued)
        {
            // Keycloak's own number of threads, where nobody gave one.
            var working = settings.Given("http-pool-max-threads") is { } threads ? int.Parse(threads, CultureInfo.InvariantCulture) : Math.Max(50, 4 * Environment.ProcessorCount);
            Admission.Use(app, working + long.Parse(queued, CultureInfo.InvariantCulture));
        }

        Gate.Use(app, settings.Flag("http-accept-non-normalized-paths"));
        if (settings.Given("proxy-headers") is { } proxyHeaders)
        {
            ProxyHeaders.Use(app, proxyHeaders, (settings.Given("proxy-trusted-addresses") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }

        if (settings.Flag("http-access-log-enabled"))
        {
            AccessLog.Use(app, settings["http-access-log-pattern"]!, settings.Given("http-access-log-exclude"), TimeProvider.System);
        }

        RelativePath.Use(app, hostname.RelativePath.Trim('/'));
        app.MapCastellan();
        return app;
    }

    /// <summary>The folder of themes: the one that is named, that of the installation, or that beside the data, which may come later.</summary>
    private static string Themes(Settings settings) => settings.Given("themes-dir")
        ?? (Home.Find("themes") is { } installed && Directory.Exists(installed) ? installed : Path.Combine(settings["data-dir"]!, "themes"));

    /// <summary>Where the server listens, for the line that scripts wait for.</summary>
    public static string Addresses(Settings settings)
    {
        var host = settings.Given("http-host") ?? "0.0.0.0";
        var https = HasTls(settings);
        var main = new List<string>();
        if (settings.Flag("http-enabled"))
        {
            main.Add($"http://{host}:{settings["http-port"]}");
        }

        if (https)
        {
            main.Add($"https://{host}:{settings["https-port"]}");
        }

        var management = !Management(settings).NeedsPort ? ""
            : $" Management interface listening on {(https && settings["http-management-scheme"] != "http" ? "https" : "http")}://{settings.Given("http-management-host") ?? "0.0.0.0"}:{settings["http-management-port"]}.";
        return $"Listening on: {string.Join(" and ", main)}.{management}";
    }

    private static bool HasTls(Settings settings) => settings.Given("https-certificate-file") is not null || settings.Given("https-key-store-file") is not null;

    private static void AddStorage(IServiceCollection services, Installation installation)
    {
        var db = installation.Db;
        services.AddSingleton(_ => installation);
        services.AddSingleton(installation.Configuration);
        services.AddSingleton(installation.Cache);
        services.AddSingleton(installation.Federations);
        services.AddSingleton(installation.Users);
        services.AddSingleton(installation.Passwords);
        services.AddSingleton(installation.Hashing);
        services.AddSingleton(installation.Blacklists);
        services.AddSingleton(installation.PasswordChanges);
        services.AddSingleton(installation.Import);
        services.AddSingleton(installation.Export);
        services.AddSingleton(installation.Administrators);
        services.AddSingleton<IDatabaseProbe>(new DatabaseProbe(db));
        services.AddSingleton<IEventStore>(new EventStore(db));
        services.AddSingleton<IOutbox>(new Outbox(db));
        services.AddSingleton<IOrganizationStore>(new OrganizationStore(db));
        services.AddSingleton<IAuthorizationStore>(new AuthorizationStore(db));
        services.AddSingleton<IPermissionTickets>(new PermissionTicketStore(db));
        services.AddSingleton<ISessions>(new SessionStore(db));
        services.AddSingleton<IOneUse>(new OneUseStore(db, installation.Time));
        services.AddSingleton<ILoginFailureStore>(new LoginFailureStore(db));
    }

    private static ManagementOptions Management(Settings settings) => new()
    {
        Port = settings.Number("http-management-port"),
        RelativePath = settings["http-management-relative-path"]!,
        Health = settings.Flag("health-enabled"),
        HealthHere = settings.Flag("http-management-health-enabled"),
        Metrics = settings.Flag("metrics-enabled"),
        UserEventMetrics = settings.Flag("event-metrics-user-enabled") && !CommandLine.Features.Off(settings).Contains("user-event-metrics"),
        CountedUserEvents = settings.Given("event-metrics-user-events")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal),
        UserEventTags = [.. settings["event-metrics-user-tags"]!.Split(',', StringSplitOptions.TrimEntries).Select(tag => tag == "clientId" ? "client_id" : tag)],
        Buckets = settings.Given("http-metrics-slos") is { } slos
            ? [.. slos.Split(',').Select(b => double.Parse(b, CultureInfo.InvariantCulture) / 1000).Order()]
            : settings.Flag("http-metrics-histograms-enabled") ? ManagementOptions.DefaultBuckets : [],
    };

    private static void Listen(KestrelServerOptions kestrel, Settings settings, ManagementOptions management, Certificates? certificates, Certificates? own)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestLineSize = 32 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 2000;
        kestrel.Limits.MaxRequestBodySize = Gate.LongestBody;
        kestrel.Limits.MaxRequestBufferSize = 128 * 1024;
        if (settings.Flag("http-enabled"))
        {
            ListenAt(kestrel, settings.Given("http-host"), settings.Number("http-port"), null);
        }

        if (certificates is not null)
        {
            ListenAt(kestrel, settings.Given("http-host"), settings.Number("https-port"), https => certificates.Configure(https, settings, settings["https-client-auth"] switch
            {
                "required" => ClientCertificateMode.RequireCertificate,
                "request" => ClientCertificateMode.AllowCertificate,
                _ => ClientCertificateMode.NoCertificate,
            }));
        }

        if (management.NeedsPort)
        {
            var tls = certificates is not null && settings["http-management-scheme"] != "http" ? own ?? certificates : null;
            ListenAt(kestrel, settings.Given("http-management-host") ?? settings.Given("http-host"), management.Port,
                tls is null ? null : https => tls.Configure(https, settings, ClientCertificateMode.NoCertificate));
        }
    }

    private static void ListenAt(KestrelServerOptions kestrel, string? host, int port, Action<HttpsConnectionAdapterOptions>? tls)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            kestrel.Listen(address, port, Configure);
        }
        else if (host == "localhost")
        {
            kestrel.ListenLocalhost(port, Configure);
        }
        else
        {
            kestrel.ListenAnyIP(port, Configure);
        }

        void Configure(ListenOptions options)
        {
            if (tls is not null)
            {
                options.UseHttps(tls);
            }
        }
    }

    // Signals are the start command's: it wants to serve on for a moment after the first one.
    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
