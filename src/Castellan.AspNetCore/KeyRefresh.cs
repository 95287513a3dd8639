using Microsoft.Extensions.Hosting;

namespace Castellan.AspNetCore;

/// <summary>
/// Fetches the keys when the program starts and then from time to time, so that no request waits for them. A realm that is not up yet
/// keeps nothing from starting.
/// </summary>
internal sealed class KeyRefresh(TokenValidator validator, TimeSpan interval, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = s_first;
        try
        {
            while (true)
            {
                var results = await Task.WhenAll(validator.Realms.Select(realm => realm.RefreshAsync(withDiscovery: true))).WaitAsync(stoppingToken);
                // After a failure soon again, then less and less often.
                var succeeded = Array.TrueForAll(results, fetched => fetched);
                await Task.Delay(succeeded ? interval : pause, time, stoppingToken);
                pause = succeeded ? s_first : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, interval.Ticks));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends.
        }
    }
}
