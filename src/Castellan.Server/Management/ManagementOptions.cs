namespace Castellan.Server.Management;

/// <summary>What an operator may see, and at which port.</summary>
public sealed record ManagementOptions
{
    /// <summary>The port of the management interface, which must also be listened on (<c>http-management-port</c>).</summary>
    public int Port { get; init; } = 9000;

    /// <summary>The path under which it lies (<c>http-management-relative-path</c>).</summary>
    public string RelativePath { get; init; } = "/";

    /// <summary><c>health-enabled</c>.</summary>
    public bool Health { get; init; }

    /// <summary>False puts health on the main port (<c>http-management-health-enabled</c>).</summary>
    public bool HealthHere { get; init; } = true;

    /// <summary><c>metrics-enabled</c>.</summary>
    public bool Metrics { get; init; }

    /// <summary><c>event-metrics-user-enabled</c>.</summary>
    public bool UserEventMetrics { get; init; }

    /// <summary>Which of them are counted, in small letters and without <c>_error</c>; null for all (<c>event-metrics-user-events</c>).</summary>
    public IReadOnlyCollection<string>? CountedUserEvents { get; init; }

    /// <summary>By what beside event and error they are told apart: <c>realm</c>, <c>idp</c>, <c>client_id</c> (<c>event-metrics-user-tags</c>).</summary>
    public IReadOnlyCollection<string> UserEventTags { get; init; } = ["realm"];

    /// <summary>Upper bounds of the histogram of request times, in seconds, ascending; empty for none (<c>http-metrics-histograms-enabled</c>, <c>http-metrics-slos</c>).</summary>
    public IReadOnlyList<double> Buckets { get; init; } = [];

    /// <summary>Whether a management port is wanted at all.</summary>
    public bool NeedsPort => Metrics || (Health && HealthHere);

    /// <summary>Buckets for those who want a histogram and name no bounds.</summary>
    public static IReadOnlyList<double> DefaultBuckets { get; } =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
}
