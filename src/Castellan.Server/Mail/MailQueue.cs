using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Mail;

/// <summary>
/// Mails that nobody waits for: what happened to an account, and forgotten passwords, whose page must take the same time whether there is such a
/// person or not. Mails of one realm go out in order; a realm whose server is slow holds up few others. What waits when the process ends is lost:
/// the person asks again.
/// </summary>
public sealed class MailQueue(ILogger<MailQueue> log) : BackgroundService
{
    private const int Lanes = 4;
    private const int Capacity = 1000;

    private readonly Channel<Func<CancellationToken, Task>>[] _lanes =
        [.. Enumerable.Range(0, Lanes).Select(_ => Channel.CreateBounded<Func<CancellationToken, Task>>(new BoundedChannelOptions(Capacity) { SingleReader = true }))];

    /// <summary>Puts something in the realm's line; false when the line is full.</summary>
    public bool TryAdd(string realmId, Func<CancellationToken, Task> send)
    {
        if (_lanes[(uint)realmId.GetHashCode(StringComparison.Ordinal) % Lanes].Writer.TryWrite(send))
        {
            return true;
        }

        log.LogWarning("Too many mails are waiting; one was dropped.");
        return false;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(_lanes.Select(lane => RunAsync(lane.Reader, stoppingToken)));

    private async Task RunAsync(ChannelReader<Func<CancellationToken, Task>> waiting, CancellationToken ct)
    {
        await foreach (var send in waiting.ReadAllAsync(ct))
        {
            try
            {
                await send(ct);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                log.LogError(failed, "A mail could not be sent.");
            }
        }
    }
}
