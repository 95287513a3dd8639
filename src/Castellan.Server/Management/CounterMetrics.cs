using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text;
using Castellan.Core;

namespace Castellan.Server.Management;

/// <summary>Keeps what <see cref="Telemetry"/> counts, by its labels.</summary>
public sealed class CounterMetrics : IDisposable
{
    /// <summary>More series than this in one family are not begun: labels hold names of realms, and there may be many.</summary>
    private const int Limit = 20_000;

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, Family> _families = new(StringComparer.Ordinal);

    public CounterMetrics(ManagementOptions options)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Telemetry.MeterName && (options.UserEventMetrics || instrument.Name != Telemetry.UserEvents))
            {
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument.Name, _ => new Family(instrument.Name.Replace('.', '_'), instrument.Description ?? "")));
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, family) =>
        {
            if (instrument.Name != Telemetry.UserEvents)
            {
                ((Family)family!).Add(value, Labels(tags, null));
            }
            else if (options.CountedUserEvents?.Contains((string)tags[0].Value!) is not false)
            {
                ((Family)family!).Add(value, Labels(tags, options.UserEventTags));
            }
        });
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    internal void Write(PrometheusWriter page)
    {
        foreach (var family in _families.Values)
        {
            page.Family(family.Name, "counter", family.Description);
            foreach (var (labels, count) in family.Series)
            {
                page.Sample(family.Name + "_total", labels, count.Value);
            }
        }
    }

    /// <param name="chosen">Which labels are wanted beside event and error; null for all that there are.</param>
    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags, IReadOnlyCollection<string>? chosen)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (chosen is not null && name is not ("event" or "error") && !chosen.Contains(name))
            {
                continue;
            }

            text.Append(text.Length > 0 ? "," : "").Append(name).Append("=\"").Append(PrometheusWriter.Escape(value?.ToString() ?? "")).Append('"');
        }

        return text.ToString();
    }

    private sealed class Family(string name, string description)
    {
        public string Name => name;

        public string Description => description;

        public ConcurrentDictionary<string, StrongBox<long>> Series { get; } = new(StringComparer.Ordinal);

        public void Add(long value, string labels)
        {
            if (Series.TryGetValue(labels, out var count) || Series.Count < Limit)
            {
                count ??= Series.GetOrAdd(labels, static _ => new(0));
                Interlocked.Add(ref count.Value, value);
            }
        }
    }
}
