using System.Globalization;
using Castellan.Core.Events;
using Castellan.Storage;

namespace Castellan.Tests.Events;

public sealed class Webhooks
{
    private const string Key = "a-secret-of-some-length";
    private static readonly CancellationToken s_ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_signed_and_sent_until_it_is_taken()
    {
        await using var db = await SqliteDb.OpenTemporaryAsync(TimeProvider.System);
        var outbox = new Outbox(db);
        var clock = new Clock();
        var receiver = new Receiver { Status = 503 };
        using var http = new HttpClient(receiver);
        var delivery = new WebhookDelivery(outbox, new WebhookOptions(new Uri("http://localhost/hook"), Key), http, clock, (_, _) => { });
        await outbox.AddAsync(new OutboxMessage("m1", """{"a":1}""", clock.Now, 0), s_ct);

        Assert.Equal(1, await delivery.DeliverAsync(s_ct));
        Assert.Equal(0, await delivery.DeliverAsync(s_ct)); // put off
        clock.Now += WebhookSchedule.Delay(0);
        receiver.Status = 204;
        Assert.Equal(1, await delivery.DeliverAsync(s_ct));
        clock.Now += 3_600_000;
        Assert.Equal(0, await delivery.DeliverAsync(s_ct)); // delivered, gone

        Assert.Equal(2, receiver.Seen.Count);
        var (id, seconds, signature, body) = receiver.Seen[1];
        Assert.Equal("m1", id);
        Assert.Equal("""{"a":1}""", body);
        Assert.Equal(WebhookSignature.Sign(Key, "m1", seconds, body), signature);
        Assert.NotEqual(WebhookSignature.Sign(Key, "m1", seconds + 1, body), signature);
    }

    [Fact]
    public void Attempts_grow_rarer_up_to_an_hour()
    {
        var delays = Enumerable.Range(0, 20).Select(WebhookSchedule.Delay).ToList();
        Assert.Equal(5_000, delays[0]);
        Assert.Equal(delays.Order(), delays);
        Assert.Equal(3_600_000, delays[^1]);
    }

    private sealed class Clock : TimeProvider
    {
        public long Now { get; set; } = 1_700_000_000_000;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Now);
    }

    private sealed class Receiver : HttpMessageHandler
    {
        public int Status { get; set; }

        public List<(string Id, long Seconds, string Signature, string Body)> Seen { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Seen.Add((
                request.Headers.GetValues("webhook-id").Single(),
                long.Parse(request.Headers.GetValues("webhook-timestamp").Single(), CultureInfo.InvariantCulture),
                request.Headers.GetValues("webhook-signature").Single(),
                await request.Content!.ReadAsStringAsync(cancellationToken)));
            return new HttpResponseMessage((System.Net.HttpStatusCode)Status);
        }
    }
}
