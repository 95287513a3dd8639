using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Castellan.CommandLine;
using Castellan.Core.Realms.Export;
using Castellan.Core.Realms.Import;
using Castellan.Hosting;
using Castellan.Server.Management;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Commands;

/// <summary>Runs the server until it is told to end.</summary>
internal static class StartCommand
{
    // What a process that was ended by these signals exits with.
    private const int Terminated = 143, Interrupted = 130;

    public static async Task<int> RunAsync(Invocation line, Settings settings)
    {
        var began = Stopwatch.GetTimestamp();
        var mode = line.Command!.IsDevelopment ? "development" : "production";
        await using var app = await ServerHost.BuildAsync(settings, mode);
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("castellan");
        await PrepareAsync(app.Services, line, settings, mode, log);
        await ListenAsync(app, mode);
        app.Services.GetRequiredService<ServerState>().SetInitialized();
        Log.Started(log, $"{Stopwatch.GetElapsedTime(began).TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture)}s", ServerHost.Addresses(settings));
        if (line.Command.IsDevelopment)
        {
            Log.Development(log);
        }

        _ = StartMemory.GiveBackAsync();
        return await UntilToldAsync(app, settings, log);
    }

    private static async Task PrepareAsync(IServiceProvider services, Invocation line, Settings settings, string mode, ILogger log)
    {
        var installation = services.GetRequiredService<Installation>();
        if (await installation.Import.EnsureMasterAsync())
        {
            Log.Initialized(log);
            await FirstAdministratorAsync(installation.Administrators, settings, log);
        }

        if (line.Has("--import-realm"))
        {
            if (await new RealmFileImport(installation).StartupAsync(Path.Combine(settings["data-dir"]!, "import")) is { } refusal)
            {
                throw new CommandException($"ERROR: Failed to start server in ({mode}) mode\nERROR: Failed to run import\nERROR: {refusal}", 1);
            }

            Log.ImportAsked(log);
            Log.ImportDone(log);
        }

        await installation.Import.RepairAdministrationAsync();
    }

    private static async Task FirstAdministratorAsync(FirstAdministrator administrators, Settings settings, ILogger log)
    {
        var (name, password) = (settings.Given("bootstrap-admin-username"), settings.Given("bootstrap-admin-password"));
        if (password is null && Environment.GetEnvironmentVariable("KEYCLOAK_ADMIN_PASSWORD") is { Length: > 0 } old)
        {
            (name, password) = (Environment.GetEnvironmentVariable("KEYCLOAK_ADMIN"), old);
            Log.OldVariable(log, "KEYCLOAK_ADMIN", "KC_BOOTSTRAP_ADMIN_USERNAME");
            Log.OldVariable(log, "KEYCLOAK_ADMIN_PASSWORD", "KC_BOOTSTRAP_ADMIN_PASSWORD");
        }

        if (password is not null)
        {
            name ??= "temp-admin";
            await administrators.AddUserAsync(name, password, temporary: true);
            Log.AdministratorMade(log, name);
        }

        if (settings.Given("bootstrap-admin-client-secret") is { } secret)
        {
            var client = settings.Given("bootstrap-admin-client-id") ?? "temp-admin";
            await administrators.AddServiceAsync(client, secret, temporary: true);
            Log.ServiceMade(log, client);
        }
    }

    private static async Task ListenAsync(WebApplication app, string mode)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            throw new CommandException($"ERROR: Failed to start server in ({mode}) mode\nERROR: Unable to start HTTP server\nERROR: {error.Message}", 1);
        }
    }

    // Asked to end, it says so to whoever looks at its health, serves for a moment more, and then lets running requests finish.
    private static async Task<int> UntilToldAsync(WebApplication app, Settings settings, ILogger log)
    {
        var told = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Tell(signal, Terminated));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Tell(signal, Interrupted));
        var status = await told.Task;
        var began = Stopwatch.GetTimestamp();
        app.Services.GetRequiredService<ServerState>().SetStopping();
        await Task.Delay(settings.Duration("shutdown-delay"));
        using var limit = new CancellationTokenSource(settings.Duration("shutdown-timeout"));
        await app.StopAsync(limit.Token);
        Log.Stopped(log, $"{Stopwatch.GetElapsedTime(began).TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture)}s");
        return status;

        void Tell(PosixSignalContext signal, int exit)
        {
            signal.Cancel = true;
            told.TrySetResult(exit);
        }
    }
}
