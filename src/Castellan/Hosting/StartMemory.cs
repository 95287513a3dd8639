using System.Globalization;
using System.Runtime.InteropServices;

namespace Castellan.Hosting;

/// <summary>Gives back what only the start needed, half of what the process holds by then.</summary>
internal static partial class StartMemory
{
    private const int DontNeed = 4; // MADV_DONTNEED

    /// <summary>Waits until the first requests after the start are through, then gives back.</summary>
    public static async Task GiveBackAsync()
    {
        await Task.Delay(TimeSpan.FromSeconds(1));

        // Left alone the collector sees no reason to, as long as little is asked of the server.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (OperatingSystem.IsLinux() && Environment.ProcessPath is { } program)
        {
            foreach (var (start, length) in CleanPages(File.ReadLines("/proc/self/smaps"), program))
            {
                _ = Advise((nint)start, (nuint)length, DontNeed);
            }
        }
    }

    /// <summary>
    /// Where code and constants of the program lie in memory as they are in its file: those that are used again come from there. A mapping in which
    /// anything was written (addresses that the loader put in) is none of them: what was written would be lost, whether it is in memory
    /// or was swapped out.
    /// </summary>
    internal static IEnumerable<(ulong Start, ulong Length)> CleanPages(IEnumerable<string> maps, string program)
    {
        (ulong Start, ulong Length)? candidate = null;
        foreach (var line in maps)
        {
            var word = line.AsSpan(0, Math.Max(0, line.IndexOf(' ')));
            if (word.IndexOf('-') is > 0 and var dash && !word.EndsWith(":"))
            {
                var (start, end) = (ulong.Parse(word[..dash], NumberStyles.HexNumber), ulong.Parse(word[(dash + 1)..], NumberStyles.HexNumber));
                var isOurs = line.EndsWith(" " + program, StringComparison.Ordinal) && line.AsSpan(word.Length + 1, 2) is "r-" && line.AsSpan(word.Length + 4, 1) is "p";
                candidate = isOurs ? (start, end - start) : null;
            }
            else if (candidate is { } clean && word is "Anonymous:" or "Swap:")
            {
                candidate = line.EndsWith(" 0 kB", StringComparison.Ordinal) ? candidate : null;

                // The kernel names it behind the other.
                if (word is "Swap:" && candidate is not null)
                {
                    yield return clean;
                }
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
