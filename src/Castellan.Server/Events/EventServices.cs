using Castellan.Core.Events;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Events;

/// <summary>Registers what records events and who is told of them. The stores (<see cref="IEventStore"/>, <see cref="IOutbox"/>) are the host's.</summary>
public static class EventServices
{
    internal static void AddEvents(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IEventListener, LoggingListener>());
        services.TryAddSingleton<EventLog>(s =>
        {
            var log = s.GetRequiredService<ILoggerFactory>().CreateLogger("Castellan.Events");
            return new EventLog(
                s.GetRequiredService<IEventStore>(),
                s.GetServices<IEventListener>(),
                s.GetRequiredService<TimeProvider>(),
                (listener, e) => log.LogError(e, "The event listener {Listener} failed.", listener));
        });
        services.TryAddSingleton<IEvents>(s => s.GetRequiredService<EventLog>());
        services.AddSingleton<IHostedService, EventExpiry>();
    }

    /// <summary>Tells a webhook of the events of realms that name <c>webhook</c> among their listeners.</summary>
    public static IServiceCollection AddWebhook(this IServiceCollection services, WebhookOptions options)
    {
        services.AddSingleton<IEventListener>(s => new WebhookListener(s.GetRequiredService<IOutbox>()));
        services.AddSingleton<IHostedService>(s => new WebhookService(
            s.GetRequiredService<IOutbox>(), options, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILoggerFactory>().CreateLogger("Castellan.Events")));
        return services;
    }
}

/// <summary>Removes kept events when their time is over.</summary>
internal sealed class EventExpiry(IEventStore store, TimeProvider time, ILogger<EventExpiry> log) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await store.DeleteExpiredAsync(time.GetUtcNow().ToUnixTimeMilliseconds(), stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning(e, "Expired events could not be removed; the next attempt is in {Minutes} minutes.", s_interval.TotalMinutes);
            }
        }
    }
}

internal sealed class WebhookService(IOutbox outbox, WebhookOptions options, TimeProvider time, ILogger log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) });
        await new WebhookDelivery(outbox, options, http, time, (what, e) => log.LogWarning(e, "{What}", what)).RunAsync(stoppingToken);
    }
}
