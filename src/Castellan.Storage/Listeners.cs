using System.Collections.Immutable;

namespace Castellan.Storage;

/// <summary>Who listens to which channel in this process.</summary>
internal sealed class Listeners
{
    private readonly Lock _lock = new();
    private ImmutableList<Entry> _entries = [];

    public IDisposable Add(string channel, Action<string?> handler, bool inline = false)
    {
        var entry = new Entry(this, channel, handler, inline);
        lock (_lock)
        {
            _entries = _entries.Add(entry);
        }

        return entry;
    }

    /// <summary>Calls the handlers: on the thread pool, since the one who tells has other work, unless they asked for it at once.</summary>
    public void Tell(string channel, string? payload)
    {
        foreach (var entry in _entries)
        {
            if (entry.Channel != channel)
            {
                continue;
            }

            if (entry.Inline)
            {
                entry.Handler(payload);
            }
            else
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

    private sealed class Entry(Listeners owner, string channel, Action<string?> handler, bool inline) : IDisposable
    {
        public string Channel => channel;

        public Action<string?> Handler => handler;

        public bool Inline => inline;

        public void Dispose()
        {
            lock (owner._lock)
            {
                owner._entries = owner._entries.Remove(this);
            }
        }
    }
}
