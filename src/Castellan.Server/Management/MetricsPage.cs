using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Management;

/// <summary>
/// <c>/metrics</c>. What Keycloak counts of requests, events and passwords has Keycloak's names, so that dashboards go on; what it tells of its virtual
/// machine has no counterpart here, and the runtime and the process have names of their own.
/// </summary>
public sealed class MetricsPage(RequestMetrics requests, CounterMetrics counters, ConnectionMetrics connections, MachineMetrics machine)
{
    /// <summary>Answers in the form that the caller takes.</summary>
    public Task AnswerAsync(HttpContext http)
    {
        var accept = http.Request.Headers.Accept.ToString();
        var takesText = accept.Contains("text/plain", StringComparison.OrdinalIgnoreCase);
        if (!takesText && accept.Length > 0 && !accept.Contains("*/*", StringComparison.Ordinal) && !accept.Contains("openmetrics", StringComparison.OrdinalIgnoreCase))
        {
            http.Response.StatusCode = StatusCodes.Status406NotAcceptable;
            return Task.CompletedTask;
        }

        var page = new PrometheusWriter(openMetrics: !takesText);
        requests.Write(page);
        counters.Write(page);
        connections.Write(page);
        machine.Write(page);
        WriteRuntime(page);
        http.Response.ContentType = page.ContentType;
        return Answer.WriteAsync(http, page.ToString());
    }

    private static void WriteRuntime(PrometheusWriter page)
    {
        var memory = GC.GetGCMemoryInfo();
        page.Gauge("dotnet_gc_heap_size_bytes", "Managed memory after the last collection", memory.HeapSizeBytes);
        page.Gauge("dotnet_gc_committed_bytes", "Managed memory that the system has given", memory.TotalCommittedBytes);
        page.Counter("dotnet_gc_allocated_bytes", "Managed memory allocated since the start", GC.GetTotalAllocatedBytes());
        page.Counter("dotnet_gc_pause_seconds", "Time for which collections stopped the program", GC.GetTotalPauseDuration().TotalSeconds);
        page.Family("dotnet_gc_collections", "counter", "Collections since the start");
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            page.Sample("dotnet_gc_collections_total", $"generation=\"{generation.ToString(CultureInfo.InvariantCulture)}\"", GC.CollectionCount(generation));
        }

        page.Gauge("dotnet_thread_pool_threads", "Threads of the pool", ThreadPool.ThreadCount);
        page.Gauge("dotnet_thread_pool_queue_length", "Work that waits for a thread", ThreadPool.PendingWorkItemCount);
        page.Counter("dotnet_monitor_lock_contentions", "Times that a thread waited for a lock", Monitor.LockContentionCount);
    }
}
