using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.Server.Management;

/// <summary>
/// How many requests came, what became of them and how long they took. The labels are drawn from small sets (route templates, known methods), so
/// that no stranger can grow the page.
/// </summary>
public sealed class RequestMetrics(ManagementOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<Key, Series> _series = new();
    private readonly double[] _bounds = [.. options.Buckets];
    private long _active;

    /// <summary>Requests in progress.</summary>
    public long Active => Interlocked.Read(ref _active);

    /// <summary>Lets the request pass and counts it.</summary>
    public async Task MeasureAsync(HttpContext http, RequestDelegate next)
    {
        var started = Stopwatch.GetTimestamp();
        Interlocked.Increment(ref _active);
        try
        {
            await next(http);
        }
        finally
        {
            Interlocked.Decrement(ref _active);
            var key = new Key(Method(http.Request.Method), Route(http), http.Response.StatusCode);
            _series.GetOrAdd(key, static (_, buckets) => new Series(buckets), _bounds.Length).Add(Stopwatch.GetElapsedTime(started), _bounds, time.GetTimestamp(), time);
        }
    }

    /// <summary>Writes the families of requests.</summary>
    internal void Write(PrometheusWriter page)
    {
        page.Gauge("http_server_active_requests", "Requests in progress", Active);
        page.Family("http_server_requests_seconds", _bounds.Length > 0 ? "histogram" : "summary", "HTTP server request processing time");
        foreach (var (key, series) in _series)
        {
            var labels = key.Labels;
            var below = 0L;
            for (var i = 0; i < _bounds.Length; i++)
            {
                below += series.Bucket(i);
                page.Sample("http_server_requests_seconds_bucket", $"{labels},le=\"{_bounds[i].ToString(CultureInfo.InvariantCulture)}\"", below);
            }

            if (_bounds.Length > 0)
            {
                page.Sample("http_server_requests_seconds_bucket", $"{labels},le=\"+Inf\"", series.Count);
            }

            page.Sample("http_server_requests_seconds_count", labels, series.Count);
            page.Sample("http_server_requests_seconds_sum", labels, series.Total.TotalSeconds);
        }

        page.Family("http_server_requests_seconds_max", "gauge", "Longest HTTP request of the last two minutes");
        foreach (var (key, series) in _series)
        {
            page.Sample("http_server_requests_seconds_max", key.Labels, series.Max(time).TotalSeconds);
        }
    }

    private static string Method(string method) => method is "GET" or "POST" or "PUT" or "DELETE" or "HEAD" or "OPTIONS" or "PATCH" ? method : "OTHER";

    private static string Route(HttpContext http) => http.GetEndpoint() switch
    {
        RouteEndpoint { RoutePattern.RawText: "" or "/" } => "root",
        RouteEndpoint { RoutePattern.RawText: { } template } when !template.StartsWith("{*", StringComparison.Ordinal) => template[0] == '/' ? template : "/" + template,
        _ when http.Response.StatusCode == StatusCodes.Status404NotFound => "NOT_FOUND",
        _ when http.Response.StatusCode is >= 300 and < 400 => "REDIRECTION",
        _ => "UNKNOWN",
    };

    private readonly record struct Key(string Method, string Route, int Status)
    {
        public string Labels => $"method=\"{Method}\",outcome=\"{Outcome}\",status=\"{Status}\",uri=\"{PrometheusWriter.Escape(Route)}\"";

        private string Outcome => Status switch
        {
            < 200 => "INFORMATIONAL",
            < 300 => "SUCCESS",
            < 400 => "REDIRECTION",
            < 500 => "CLIENT_ERROR",
            _ => "SERVER_ERROR",
        };
    }

    private sealed class Series(int buckets)
    {
        private readonly long[] _buckets = new long[buckets];
        private readonly Lock _lock = new();
        private long _count;
        private long _ticks;
        private long _windowStarted;
        private TimeSpan _max;
        private TimeSpan _maxBefore;

        public long Count => Interlocked.Read(ref _count);

        public TimeSpan Total => new(Interlocked.Read(ref _ticks));

        public long Bucket(int index) => Interlocked.Read(ref _buckets[index]);

        public void Add(TimeSpan took, double[] bounds, long now, TimeProvider time)
        {
            Interlocked.Increment(ref _count);
            Interlocked.Add(ref _ticks, took.Ticks);
            var at = Array.FindIndex(bounds, bound => took.TotalSeconds <= bound);
            if (at >= 0)
            {
                Interlocked.Increment(ref _buckets[at]);
            }

            lock (_lock)
            {
                Turn(now, time);
                _max = took > _max ? took : _max;
            }
        }

        public TimeSpan Max(TimeProvider time)
        {
            lock (_lock)
            {
                Turn(time.GetTimestamp(), time);
                return _max > _maxBefore ? _max : _maxBefore;
            }
        }

        /// <summary>Two windows of a minute: what was long ago is forgotten.</summary>
        private void Turn(long now, TimeProvider time)
        {
            var age = time.GetElapsedTime(_windowStarted, now);
            if (_windowStarted != 0 && age < TimeSpan.FromMinutes(1))
            {
                return;
            }

            _maxBefore = age < TimeSpan.FromMinutes(2) ? _max : TimeSpan.Zero;
            _max = TimeSpan.Zero;
            _windowStarted = now;
        }
    }
}
