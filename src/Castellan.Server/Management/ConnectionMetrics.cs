using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Castellan.Server.Management;

/// <summary>Connections, of clients to the server and of the server to its database, as the web server and the database driver count them.</summary>
public sealed class ConnectionMetrics : IDisposable
{
    private const string WebServer = "Microsoft.AspNetCore.Server.Kestrel";
    private const string Database = "Npgsql";
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _pool = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _open;
    private long _ended;
    private double _seconds;
    private long _mostUsed;

    public ConnectionMetrics()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if ((instrument.Meter.Name == WebServer && instrument.Name is "kestrel.active_connections" or "kestrel.connection.duration")
                || (instrument.Meter.Name == Database && instrument.Name.StartsWith("db.client.connection", StringComparison.Ordinal)))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(Count);
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, state) => Count(instrument, value, tags, state));
        _listener.SetMeasurementEventCallback<double>(Time);
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    internal void Write(PrometheusWriter page)
    {
        page.Gauge("http_server_active_connections", "Connections of clients that are open", Interlocked.Read(ref _open));
        page.Family("http_server_connections_seconds", "summary", "How long connections of clients were open");
        lock (_lock)
        {
            page.Sample("http_server_connections_seconds_count", "", _ended);
            page.Sample("http_server_connections_seconds_sum", "", _seconds);
        }

        _listener.RecordObservableInstruments();
        if (_pool.IsEmpty)
        {
            return;
        }

        // The names that dashboards of Keycloak ask for.
        const string Labels = "datasource=\"default\"";
        var (used, idle) = (_pool.GetValueOrDefault("used"), _pool.GetValueOrDefault("idle"));
        _mostUsed = Math.Max(_mostUsed, used);
        page.Gauge("agroal_active_count", "Database connections in use", used, Labels);
        page.Gauge("agroal_available_count", "Database connections that are open and free", idle, Labels);
        page.Gauge("agroal_awaiting_count", "Requests that wait for a database connection", _pool.GetValueOrDefault("pending"), Labels);
        page.Gauge("agroal_max_used_count", "Most database connections seen in use at once", _mostUsed, Labels);
    }

    private void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? _)
    {
        if (instrument.Meter.Name == WebServer)
        {
            Interlocked.Add(ref _open, value);
            return;
        }

        if (instrument.Name.EndsWith("pending_requests", StringComparison.Ordinal))
        {
            _pool["pending"] = value;
            return;
        }

        foreach (var (name, state) in tags)
        {
            if (name.EndsWith("state", StringComparison.Ordinal) && state is string key)
            {
                _pool[key] = value;
            }
        }
    }

    private void Time(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? _)
    {
        if (instrument.Meter.Name == WebServer)
        {
            lock (_lock)
            {
                _ended++;
                _seconds += value;
            }
        }
    }
}
