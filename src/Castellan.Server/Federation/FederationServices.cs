using Castellan.Core.Codes;
using Castellan.Core.Federation;
using Castellan.Core.Realms;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Federation;

/// <summary>What goes on with directories while nobody asks. The directories themselves (<see cref="Federations"/>) are the host's to give; without them there are none.</summary>
internal static class FederationServices
{
    public static void AddFederation(this IServiceCollection services) => services.AddSingleton<IHostedService>(s => s.GetService<Federations>() is { } federations
        ? new SyncSchedule(
            federations, s.GetRequiredService<IConfigurationStore>(), s.GetRequiredService<IOneUse>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<SyncSchedule>>())
        : new NoSchedule());

    private sealed class NoSchedule : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>Syncs with directories whenever their time has come. Of several nodes the first to note the turn does it.</summary>
public sealed class SyncSchedule(Federations federations, IConfigurationStore store, IOneUse oneUse, TimeProvider time, ILogger<SyncSchedule> log) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        federations.Reports.Tell = what => log.LogWarning("{What}", what);
        using var timer = new PeriodicTimer(s_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunDueAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning(e, "Directories could not be synchronized; the next attempt is in {Seconds} seconds.", s_interval.TotalSeconds);
            }
        }
    }

    /// <summary>Does every sync whose time has come and that no other node has taken.</summary>
    public async Task RunDueAsync(CancellationToken ct)
    {
        foreach (var id in await store.ListRealmsWithComponentAsync(RealmFederations.ProviderType, ct))
        {
            if (await federations.Realms.FindByIdAsync(id, ct) is not { Enabled: true } realm)
            {
                continue;
            }

            foreach (var federation in RealmFederations.Of(realm).Enabled)
            {
                await RunAsync(realm, federation, federation.FullSyncPeriod, onlyChanged: false, ct);
                await RunAsync(realm, federation, federation.ChangedSyncPeriod, onlyChanged: true, ct);
            }
        }
    }

    private async Task RunAsync(Realm realm, LdapFederation federation, int? period, bool onlyChanged, CancellationToken ct)
    {
        if (period is not { } seconds)
        {
            return;
        }

        // Time is cut into turns as long as the period; whoever notes a turn first has it.
        var turn = time.GetUtcNow().ToUnixTimeSeconds() / seconds;
        var key = $"{federation.Id}.{(onlyChanged ? "changed" : "full")}.{seconds}.{turn}";
        if (!await oneUse.TryAddAsync(realm.Id, OneUseKinds.DirectorySync, key, (turn + 2) * seconds * 1000, ct))
        {
            return;
        }

        try
        {
            if (await federations.Sync.RunAsync(realm, federation, onlyChanged, ct) is { } result && log.IsEnabled(LogLevel.Information))
            {
                log.LogInformation("Federation {Federation} of realm {Realm}: {Status}", federation.Name, realm.Name, result.Status);
            }
        }
        catch (Exception e) when (e is DirectoryException or FederationRefusal)
        {
            log.LogWarning("Federation {Federation} of realm {Realm} could not be synchronized: {Why}", federation.Name, realm.Name, e.Message);
        }
    }
}
