using System.Globalization;
using System.Text;

namespace Castellan.Server.Management;

/// <summary>Writes the text that Prometheus reads, in its old form (0.0.4) or as OpenMetrics 1.0.</summary>
internal sealed class PrometheusWriter(bool openMetrics)
{
    private readonly StringBuilder _text = new();

    public string ContentType => openMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8" : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Begins a family. A counter is given without its <c>_total</c>, which OpenMetrics leaves out of the heading.</summary>
    public void Family(string name, string type, string help)
    {
        var heading = type == "counter" && !openMetrics ? name + "_total" : name;
        _text.Append("# HELP ").Append(heading).Append(' ').Append(help).Append('\n')
            .Append("# TYPE ").Append(heading).Append(' ').Append(type).Append('\n');
    }

    public void Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
        {
            _text.Append('{').Append(labels).Append('}');
        }

        _text.Append(' ').Append(value.ToString("0.0###############", CultureInfo.InvariantCulture)).Append('\n');
    }

    public void Gauge(string name, string help, double value, string labels = "")
    {
        Family(name, "gauge", help);
        Sample(name, labels, value);
    }

    public void Counter(string name, string help, double value, string labels = "")
    {
        Family(name, "counter", help);
        Sample(name + "_total", labels, value);
    }

    public static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    public override string ToString() => openMetrics ? _text.ToString() + "# EOF\n" : _text.ToString();
}
