using System.Diagnostics;
using System.Globalization;

namespace Castellan.Server.Management;

/// <summary>What the process and the machine are at, in the names of Keycloak's metrics. What a system does not tell is left out.</summary>
public sealed class MachineMetrics(TimeProvider time)
{
    private readonly Lock _lock = new();
    private (long At, TimeSpan Process, double Busy, double Total)? _before;

    internal void Write(PrometheusWriter page)
    {
        using var process = Process.GetCurrentProcess();
        var started = new DateTimeOffset(process.StartTime.ToUniversalTime());
        var used = process.TotalProcessorTime;
        page.Gauge("process_start_time_seconds", "Start of the process since 1970", started.ToUnixTimeMilliseconds() / 1000.0);
        page.Gauge("process_uptime_seconds", "How long the process has run", (time.GetUtcNow() - started).TotalSeconds);
        page.Counter("process_cpu_time_ns", "Processor time that the process has used, in nanoseconds", used.Ticks * 100.0);
        page.Counter("process_cpu_seconds", "Processor time that the process has used", used.TotalSeconds);
        page.Gauge("process_resident_memory_bytes", "Memory that the process holds", process.WorkingSet64);
        page.Gauge("process_virtual_memory_bytes", "Addresses that the process has reserved", process.VirtualMemorySize64);
        WriteUsage(page, used, time.GetUtcNow() - started);
        Write(page, "process_files_open_files", "Open files and connections", OpenFiles());
        Write(page, "process_files_max_files", "Open files and connections that there may be", MaxFiles());
        page.Gauge("system_cpu_count", "Processors that the process may use", Environment.ProcessorCount);
        Write(page, "system_load_average_1m", "Processes that ran or wanted to, over the last minute", Number(ReadText("/proc/loadavg")?.Split(' ')[0]));
    }

    // Since the look before, and at the first one since the start: what a gauge of usage is drawn from.
    private void WriteUsage(PrometheusWriter page, TimeSpan used, TimeSpan age)
    {
        lock (_lock)
        {
            var (busy, total) = Machine();
            var now = time.GetTimestamp();
            var before = _before ?? (now, TimeSpan.Zero, 0, 0);
            var passed = (_before is null ? age : time.GetElapsedTime(before.At, now)).TotalSeconds * Environment.ProcessorCount;
            page.Gauge("process_cpu_usage", "Share of the processors that the process has used lately", passed <= 0 ? 0 : Math.Clamp((used - before.Process).TotalSeconds / passed, 0, 1));
            Write(page, "system_cpu_usage", "Share of the processors that was busy lately", total > before.Total ? Math.Clamp((busy - before.Busy) / (total - before.Total), 0, 1) : null);
            _before = (now, used, busy, total);
        }
    }

    private static (double Busy, double Total) Machine()
    {
        var line = ReadText("/proc/stat")?.Split('\n')[0];
        var times = line is null ? [] : line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(t => Number(t) ?? 0).ToArray();
        // user nice system idle iowait irq softirq steal
        return times.Length < 8 ? (0, 0) : (times.Sum() - times[3] - times[4], times.Sum());
    }

    private static double? OpenFiles()
    {
        try
        {
            return Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static double? MaxFiles()
    {
        var line = ReadText("/proc/self/limits")?.Split('\n').FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        return Number(line?["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]);
    }

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static double? Number(string? text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void Write(PrometheusWriter page, string name, string help, double? value)
    {
        if (value is { } known)
        {
            page.Gauge(name, help, known);
        }
    }
}
