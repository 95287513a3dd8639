using System.Globalization;

namespace Castellan.Commands;

/// <summary>How far long work is, on one line of a terminal; says nothing where nobody watches.</summary>
internal sealed class Progress(string what, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);
    private readonly bool _watched = !Console.IsErrorRedirected;
    private long _last;
    private bool _shown;

    public void Report(int count)
    {
        if (!_watched || (_last != 0 && time.GetElapsedTime(_last) < s_pause))
        {
            return;
        }

        _last = time.GetTimestamp();
        _shown = true;
        Console.Error.Write($"\r{what}: {count.ToString("N0", CultureInfo.InvariantCulture)} users");
    }

    public void Dispose()
    {
        if (_shown)
        {
            Console.Error.Write("\r\u001b[K");
        }
    }
}
