using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Castellan.Core.Events;

/// <summary>
/// Delivers what lies in the outbox, in order of age, at least once. A receiver that answers anything but 2xx, or not within ten seconds,
/// gets the message again later; the id in the header lets it drop what it has seen.
/// </summary>
public sealed class WebhookDelivery(IOutbox outbox, WebhookOptions options, HttpClient http, TimeProvider time, Action<string, Exception?> failed)
{
    private const int Batch = 50;
    private const long Lease = 60_000;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    /// <summary>Delivers until the token says stop, looking again every second.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                while (await DeliverAsync(ct) == Batch)
                {
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed("The outbox could not be read.", e);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Tries every message that is due, once; answers how many there were.</summary>
    public async Task<int> DeliverAsync(CancellationToken ct)
    {
        var now = Now();
        var due = await outbox.LeaseAsync(now, now + Lease, Batch, ct);
        foreach (var message in due)
        {
            if (Now() > now + Lease - (long)s_timeout.TotalMilliseconds)
            {
                // A slow receiver: what was not tried is anybody's again when the lease ends.
                return due.Count;
            }

            if (await SendAsync(message, ct))
            {
                await outbox.DeleteAsync(message.Id, ct);
            }
            else if (Now() - message.Created > WebhookSchedule.GiveUpAfter)
            {
                failed($"Event {message.Id} could not be delivered for three days and was dropped.", null);
                await outbox.DeleteAsync(message.Id, ct);
            }
            else
            {
                await outbox.PostponeAsync(message.Id, Now() + WebhookSchedule.Delay(message.Attempts), ct);
            }
        }

        return due.Count;
    }

    private async Task<bool> SendAsync(OutboxMessage message, CancellationToken ct)
    {
        var seconds = time.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Url)
        {
            Content = new StringContent(message.Body, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json")),
        };
        request.Headers.Add("webhook-id", message.Id);
        request.Headers.Add("webhook-timestamp", seconds.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSignature.Sign(options.Secret, message.Id, seconds, message.Body));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(s_timeout);
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
