using System.Collections.Immutable;

namespace Castellan.Storage;

/// <summary>Who listens to which channel in this process.</summary>
internal sealed class Listeners
{
    private readonly Lock _lock = new();
    private ImmutableList<Entry> _entries = [];

    public IDisposable Add(string channel, Action<string?> handler)
    {
        var entry = new Entry(this, channel, handler);
        lock (_lock)
        {
            _entries = _entries.Add(entry);
        }

        return entry;
    }

    /// <summary>Calls the handlers on the thread pool: the one who tells has other work.</summary>
    public void Tell(string channel, string? payload)
    {
        foreach (var entry in _entries)
        {
            if (entry.Channel == channel)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static call => call.Handler(call.payload), (entry.Handler, payload), preferLocal: false);
            }
        }
    }

    public void TellAll(string? payload)
    {
        foreach (var channel in _entries.Select(e => e.Channel).Distinct())
        {
            Tell(channel, payload);
        }
    }

    private sealed class Entry(Listeners owner, string channel, Action<string?> handler) : IDisposable
    {
        public string Channel => channel;

        public Action<string?> Handler => handler;

        public void Dispose()
        {
            lock (owner._lock)
            {
                owner._entries = owner._entries.Remove(this);
            }
        }
    }
}
