namespace Castellan.CommandLine;

/// <summary>Which options mean something while others are as they are, and how a refusal says so.</summary>
internal static class Conditions
{
    // The first words of a condition in the table; what must hold; what a refusal calls it.
    private static readonly (string Condition, Func<Func<string, string?>, bool> Holds, string Text)[] s_all =
    [
        ("metrics-enabled, feature user-event-metrics", Metrics, "metrics are enabled and feature user-event-metrics is enabled"),
        ("metrics-enabled", Metrics, "metrics are enabled"),
        ("tracing-enabled", v => On(v, "tracing-enabled"), "Tracing is enabled"),
        ("that handler is on, tracing-enabled", v => On(v, "tracing-enabled"), "Tracing is enabled"),
        ("cache=ispn", v => v("cache") == "ispn", "'cache' type is set to 'ispn'"),
        ("a TCP cache-stack", v => v("cache") == "ispn", "a TCP based cache-stack is used"),
        ("cache-embedded-mtls-enabled", v => v("cache") == "ispn", "property 'cache-embedded-mtls-enabled' is enabled"),
        ("cache-remote-host set", v => v("cache-remote-host") is not null, "remote host is set"),
        ("log has console, output json", v => v("log-console-output") == "json", "Console log handler is activated and output is set to 'json'"),
        ("log has file, output json", v => v("log-file-output") == "json", "File log handler is activated and output is set to 'json'"),
        ("log has file", v => v("log")?.Contains("file", StringComparison.Ordinal) is true, "File log handler is activated"),
        ("log has syslog", v => v("log")?.Contains("syslog", StringComparison.Ordinal) is true, "Syslog is activated"),
        ("log has console", v => v("log") is null || v("log")!.Contains("console", StringComparison.Ordinal), "Console log handler is activated"),
        ("http-access-log-enabled", v => On(v, "http-access-log-enabled"), "HTTP Access log is enabled"),
        ("http-access-log-file-enabled", v => On(v, "http-access-log-file-enabled"), "HTTP Access logging to file is enabled"),
        ("health-enabled", v => On(v, "health-enabled"), "health is enabled"),
        ("http-management-scheme=inherited", v => v("http-management-scheme") is null or "inherited", "http-management-scheme is inherited"),
        ("telemetry-logs-enabled", v => On(v, "telemetry-logs-enabled"), "Telemetry logs are enabled"),
        ("a telemetry signal is on", v => On(v, "tracing-enabled") || On(v, "telemetry-logs-enabled") || On(v, "telemetry-metrics-enabled"),
            "any of available OpenTelemetry components (logs, metrics, traces) is turned on"),
        ("openapi-enabled", v => On(v, "openapi-enabled"), "OpenAPI Endpoint is enabled"),
        ("feature openapi", _ => false, "feature openapi is enabled"),
        ("feature opentelemetry-logs", _ => false, "feature opentelemetry-logs is enabled"),
        ("feature multi-site or clusterless", _ => true, "feature multi-site or clusterless is enabled"),
        ("log-mdc-enabled", v => On(v, "log-mdc-enabled"), "MDC logging is enabled"),
    ];

    /// <summary>Whether the option means something.</summary>
    public static bool IsOn(Option option, Func<string, string?> value) => Find(option) is not { } condition || condition.Holds(value);

    /// <summary>What is needed for it, in words.</summary>
    public static string Text(Option option) => Find(option)?.Text ?? option.Condition;

    private static (string Condition, Func<Func<string, string?>, bool> Holds, string Text)? Find(Option option)
    {
        foreach (var condition in s_all)
        {
            if (option.Condition == condition.Condition || option.Condition.StartsWith(condition.Condition + ",", StringComparison.Ordinal))
            {
                // Keycloak lets these two be seen though what they depend on is off.
                return option.Name is "event-metrics-user-events" or "event-metrics-user-tags" ? null : condition;
            }
        }

        return null;
    }

    private static bool Metrics(Func<string, string?> value) => On(value, "metrics-enabled");

    private static bool On(Func<string, string?> value, string name) => string.Equals(value(name), "true", StringComparison.OrdinalIgnoreCase);
}
