using Castellan.Core;

namespace Castellan.Tests.Events;

public sealed class Ids_of_events
{
    /// <summary>RFC 9562 §5.7. Events of one millisecond are listed in the order in which they happened, also where the clock is put back.</summary>
    [Fact]
    public void Stand_in_the_order_in_which_they_were_made()
    {
        const long Far = 4_102_444_800_000; // later than what other tests make
        string[] ids = [.. Enumerable.Range(0, 10_000).Select(i => Ids.Next(Far - (i / 3_000)))];
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal((7, Guid.Parse(id).ToString()), (Guid.Parse(id).Version, id)));
        Assert.StartsWith(Far.ToString("x12")[..8], ids[0], StringComparison.Ordinal);
    }
}
