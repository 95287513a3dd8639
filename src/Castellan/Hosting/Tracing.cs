using System.Diagnostics;
using System.Globalization;
using Castellan.CommandLine;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Castellan.Hosting;

/// <summary>
/// Traces for a collector (OTLP): one span for each request, and those of the database and of calls to others below it. Nothing of it is made while
/// <c>tracing-enabled</c> is off, and then no request makes a span.
/// </summary>
internal sealed class Tracing : IDisposable
{
    private const string TracesPath = "/v1/traces";
    private readonly TracerProvider _provider;

    private Tracing(TracerProvider provider) => _provider = provider;

    /// <summary>What the settings ask for; null when that is nothing.</summary>
    /// <exception cref="CommandException">A setting makes no sense.</exception>
    public static Tracing? Start(Settings settings)
    {
        if (!settings.Flag("tracing-enabled") || CommandLine.Features.Off(settings).Contains("opentelemetry"))
        {
            return null;
        }

        var builder = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(Describe(settings))
            .SetSampler(Sampler(settings))
            .AddSource("Microsoft.AspNetCore", "System.Net.Http");
        if (settings.Flag("tracing-jdbc-enabled"))
        {
            builder.AddSource("Npgsql");
        }

        return new(builder.AddOtlpExporter(exporter => Configure(exporter, settings)).Build());
    }

    public void Dispose() => _provider.Dispose();

    private static ResourceBuilder Describe(Settings settings)
    {
        var attributes = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var option in (ReadOnlySpan<string>)["telemetry-resource-attributes", "tracing-resource-attributes"])
        {
            foreach (var pair in (settings.Given(option) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                var (name, value) = pair.Split('=', 2) is [var n, var v] && n.Length > 0 ? (n, v) : throw new CommandException($"Invalid value for option '--{option}': {pair}. Expected are key=value pairs");
                attributes[name] = value;
            }
        }

        return ResourceBuilder.CreateEmpty()
            .AddService(settings.Given("tracing-service-name") ?? settings["telemetry-service-name"]!, serviceInstanceId: Environment.MachineName)
            .AddAttributes(attributes);
    }

    private static Sampler Sampler(Settings settings)
    {
        if (!double.TryParse(settings["tracing-sampler-ratio"], NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) || ratio is not (>= 0 and <= 1))
        {
            throw new CommandException($"Invalid value for option '--tracing-sampler-ratio': {settings["tracing-sampler-ratio"]}. Expected is a number between 0.0 and 1.0");
        }

        return settings["tracing-sampler-type"] switch
        {
            "always_on" => new AlwaysOnSampler(),
            "always_off" => new AlwaysOffSampler(),
            "parentbased_always_on" => new ParentBasedSampler(new AlwaysOnSampler()),
            "parentbased_always_off" => new ParentBasedSampler(new AlwaysOffSampler()),
            "parentbased_traceidratio" => new ParentBasedSampler(new TraceIdRatioBasedSampler(ratio)),
            _ => new TraceIdRatioBasedSampler(ratio),
        };
    }

    private static void Configure(OtlpExporterOptions exporter, Settings settings)
    {
        var address = settings.Given("tracing-endpoint") ?? settings["telemetry-endpoint"]!;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
        {
            throw new CommandException($"Invalid value for option '--tracing-endpoint': {address}. Expected is the URL of a collector");
        }

        var isHttp = (settings.Given("tracing-protocol") ?? settings["telemetry-protocol"]) == "http/protobuf";
        exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;

        // A collector's address goes without the path of the signal.
        exporter.Endpoint = isHttp && !endpoint.AbsolutePath.EndsWith(TracesPath, StringComparison.Ordinal)
            ? new Uri(endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/') + TracesPath)
            : endpoint;
        var headers = settings.All.Where(s => s.Name.StartsWith("telemetry-header-", StringComparison.Ordinal))
            .Concat(settings.All.Where(s => s.Name.StartsWith("tracing-header-", StringComparison.Ordinal)))
            .Select(s => $"{s.Name[(s.Name.IndexOf("-header-", StringComparison.Ordinal) + 8)..]}={Uri.EscapeDataString(s.Value)}");
        exporter.Headers = string.Join(',', headers) is { Length: > 0 } all ? all : null;
    }
}
