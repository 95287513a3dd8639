using System.Text;
using Castellan.Core.Outbound;
using Castellan.Protocol.Jose;

namespace Castellan.Tests.Rfc7517;

/// <summary>Key sets of others are looked at again when a key is not known, and every now and then: a key that was withdrawn must go (RFC 7517 §5).</summary>
public sealed class Keys_of_others
{
    private const string Address = "https://up.example/keys";

    [Theory]
    [InlineData("one", 0, "one", 1)]
    [InlineData("one", 59, "one", 1)]
    [InlineData("one", 61, "two", 2)]
    [InlineData(null, 61, "two", 2)]
    [InlineData("two", 0, "one", 1)]
    [InlineData("two", 1, "two", 2)]
    public async Task A_set_is_fetched_again_in_time(string? wanted, int minutes, string found, int fetched)
    {
        var (time, published) = (new Clock(), new Published());
        var keys = new RemoteKeys(published, time);
        await keys.FindAsync("o", Address, "one");
        published.Kid = "two";
        time.Now += TimeSpan.FromMinutes(minutes);
        Assert.Equal(found, Assert.Single((await keys.FindAsync("o", Address, wanted))!.Keys).Kid);
        Assert.Equal(fetched, published.Fetched);
    }

    [Fact]
    public async Task An_outage_takes_no_keys_away()
    {
        var (time, published) = (new Clock(), new Published());
        var keys = new RemoteKeys(published, time);
        await keys.FindAsync("o", Address, "one");
        published.Kid = null;
        time.Now += TimeSpan.FromHours(2);
        Assert.Equal("one", Assert.Single((await keys.FindAsync("o", Address, "one"))!.Keys).Kid);
    }

    [Fact]
    public async Task Somebody_s_keys_are_dropped_when_they_are_to_be_read_again()
    {
        var (time, published) = (new Clock(), new Published());
        var keys = new RemoteKeys(published, time);
        await keys.FindAsync("o", Address, "one");
        await keys.FindAsync("other", Address, "one");
        published.Kid = "two";
        keys.Forget("o");
        Assert.Equal("two", Assert.Single((await keys.FindAsync("o", Address, "one"))!.Keys).Kid);
        Assert.Equal("one", Assert.Single((await keys.FindAsync("other", Address, "one"))!.Keys).Kid);
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class Published : IFetch
    {
        private static readonly JoseKey s_key = EcKey.Generate("P-256")!;

        public string? Kid { get; set; } = "one";

        public int Fetched { get; private set; }

        public ValueTask<byte[]?> GetAsync(string address, string accept, int maxLength, CancellationToken ct = default)
        {
            Fetched++;
            return new(Kid is null ? null : Encoding.UTF8.GetBytes($$"""{"keys":[{{(s_key.ToJwk() with { Kid = Kid, Use = "sig", Alg = "ES256" }).ToJson()}}]}"""));
        }

        public ValueTask<int?> PostFormAsync(string address, IReadOnlyList<KeyValuePair<string, string>> form, CancellationToken ct = default) => new((int?)null);

        public ValueTask<FetchAnswer?> SendAsync(FetchRequest request, CancellationToken ct = default) => new((FetchAnswer?)null);
    }
}
