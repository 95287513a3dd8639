using System.Globalization;

namespace Castellan.Commands;

/// <summary>How far long work is, on one line of a terminal; says nothing where nobody watches.</summary>
internal sealed class Progress(string what, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);
    private readonly bool _watched = !Console.IsErrorRedirected;
    private readonly Lock _lock = new();
    private long _last;
    private int _shown;

    /// <summary>May be called by several threads; what comes while another writes is left out.</summary>
    public void Report(int count)
    {
        if (!_watched || !_lock.TryEnter())
        {
            return;
        }

        try
        {
            Show(count);
        }
        finally
        {
            _lock.Exit();
        }
    }

    private void Show(int count)
    {
        if (count <= _shown || (_last != 0 && time.GetElapsedTime(_last) < s_pause))
        {
            return;
        }

        _last = time.GetTimestamp();
        _shown = count;
        Console.Error.Write($"\r{what}: {count.ToString("N0", CultureInfo.InvariantCulture)} {(count == 1 ? "user" : "users")}");
    }

    /// <summary>Leaves the line for others.</summary>
    public void Dispose()
    {
        if (_shown > 0)
        {
            Console.Error.Write("\r\u001b[K");
            _shown = 0;
        }
    }
}
