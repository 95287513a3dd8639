using Castellan.Core;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Server.Management;
using Xunit;

namespace Castellan.Tests.Management;

public sealed class Metrics
{
    [Fact]
    public async Task Requests_are_counted_by_route_method_and_outcome()
    {
        var port = new ManagementPort(new ManagementOptions { Metrics = true });
        await port.MainAsync("/realms/one");
        await port.MainAsync("/realms/two");
        await port.MainAsync("/nowhere", "BREW");
        var (_, _, body) = await port.GetAsync("/metrics", "text/plain");
        Assert.Contains("http_server_requests_seconds_count{method=\"GET\",outcome=\"SUCCESS\",status=\"200\",uri=\"/realms/{realm}\"} 2.0\n", body, StringComparison.Ordinal);
        Assert.Contains("http_server_requests_seconds_count{method=\"OTHER\",outcome=\"CLIENT_ERROR\",status=\"404\",uri=\"NOT_FOUND\"} 1.0\n", body, StringComparison.Ordinal);
        Assert.Contains("# TYPE http_server_requests_seconds summary\n", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_histogram_counts_everything_below_each_bound()
    {
        var port = new ManagementPort(new ManagementOptions { Metrics = true, Buckets = [0, 60] });
        await port.MainAsync("/realms/one");
        var (_, _, body) = await port.GetAsync("/metrics", "text/plain");
        const string Labels = "method=\"GET\",outcome=\"SUCCESS\",status=\"200\",uri=\"/realms/{realm}\"";
        Assert.Contains($"http_server_requests_seconds_bucket{{{Labels},le=\"0\"}} 0.0\n", body, StringComparison.Ordinal);
        Assert.Contains($"http_server_requests_seconds_bucket{{{Labels},le=\"60\"}} 1.0\n", body, StringComparison.Ordinal);
        Assert.Contains($"http_server_requests_seconds_bucket{{{Labels},le=\"+Inf\"}} 1.0\n", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "application/openmetrics-text; version=1.0.0; charset=utf-8")]
    [InlineData("*/*", "application/openmetrics-text; version=1.0.0; charset=utf-8")]
    [InlineData("application/openmetrics-text; version=1.0.0", "application/openmetrics-text; version=1.0.0; charset=utf-8")]
    [InlineData("text/plain", "text/plain; version=0.0.4; charset=utf-8")]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "text/plain; version=0.0.4; charset=utf-8")]
    public async Task The_form_is_the_one_that_is_asked_for(string? accept, string contentType)
    {
        var (status, answered, body) = await new ManagementPort(new ManagementOptions { Metrics = true }).GetAsync("/metrics", accept);
        Assert.Equal(200, status);
        Assert.Equal(contentType, answered);
        Assert.Equal(contentType.StartsWith("application", StringComparison.Ordinal), body.EndsWith("# EOF\n", StringComparison.Ordinal));
    }

    [Theory, InlineData("process_cpu_usage"), InlineData("process_cpu_time_ns_total"), InlineData("process_files_max_files"), InlineData("system_cpu_usage"), InlineData("system_load_average_1m"),
     InlineData("http_server_active_connections"), InlineData("http_server_connections_seconds_count"), InlineData("http_server_requests_seconds_max"), InlineData("process_uptime_seconds")]
    public async Task What_dashboards_of_Keycloak_ask_for_has_its_name(string name)
    {
        var port = new ManagementPort(new ManagementOptions { Metrics = true });
        await port.MainAsync("/realms/one");
        Assert.Matches($@"(?m)^{name}(\{{.*\}})? \d", (await port.GetAsync("/metrics", "text/plain")).Body);
    }

    [Fact]
    public async Task A_form_that_there_is_not_is_refused() =>
        Assert.Equal(406, (await new ManagementPort(new ManagementOptions { Metrics = true }).GetAsync("/metrics", "application/json")).Status);

    [Fact]
    public async Task What_people_do_is_counted_only_when_asked_for()
    {
        var asked = new ManagementPort(new ManagementOptions { Metrics = true, UserEventMetrics = true });
        var notAsked = new ManagementPort(new ManagementOptions { Metrics = true });
        // A name of its own: the counters are the process's, and other tests count too.
        var realm = BareRealm.Named("metrics");
        Telemetry.Count(realm, new LoginEvent { Type = "LOGIN" });
        Telemetry.Count(realm, new LoginEvent { Type = "LOGIN_ERROR", Error = "invalid_user_credentials" });
        var (_, _, body) = await asked.GetAsync("/metrics", "text/plain");
        Assert.Contains("# TYPE keycloak_user_events_total counter\n", body, StringComparison.Ordinal);
        Assert.Contains("keycloak_user_events_total{event=\"login\",error=\"\",realm=\"metrics\"} 1.0\n", body, StringComparison.Ordinal);
        Assert.Contains("keycloak_user_events_total{event=\"login\",error=\"invalid_user_credentials\",realm=\"metrics\"} 1.0\n", body, StringComparison.Ordinal);
        var byClient = new ManagementPort(new ManagementOptions { Metrics = true, UserEventMetrics = true, CountedUserEvents = ["logout"], UserEventTags = ["client_id"] });
        Telemetry.Count(realm, new LoginEvent { Type = "LOGIN", ClientId = "metrics-app" });
        Telemetry.Count(realm, new LoginEvent { Type = "LOGOUT", ClientId = "metrics-app" });
        var (_, _, chosen) = await byClient.GetAsync("/metrics", "text/plain");
        Assert.Contains("keycloak_user_events_total{event=\"logout\",error=\"\",client_id=\"metrics-app\"} 1.0\n", chosen, StringComparison.Ordinal);
        Assert.DoesNotContain("event=\"login\",error=\"\",client_id=\"metrics-app\"", chosen, StringComparison.Ordinal);
        Assert.DoesNotContain("keycloak_user_events", (await notAsked.GetAsync("/metrics", "text/plain")).Body, StringComparison.Ordinal);
    }
}
