using System.Text.Json;
using Castellan.Server.Management;
using Xunit;

namespace Castellan.Tests.Management;

public sealed class Health
{
    private readonly ManagementPort _port = new(new ManagementOptions { Health = true });

    [Theory, InlineData("/health"), InlineData("/health/"), InlineData("/health/ready"), InlineData("/health/live"), InlineData("/health/started")]
    public async Task Everything_is_up_when_all_is_well(string path)
    {
        var (status, contentType, body) = await _port.GetAsync(path);
        Assert.Equal(200, status);
        Assert.Equal("application/json; charset=UTF-8", contentType);
        Assert.Equal("UP", Read(body).GetProperty("status").GetString());
    }

    [Fact]
    public async Task The_layout_is_what_scripts_are_used_to()
    {
        Assert.Equal("{\n    \"status\": \"UP\",\n    \"checks\": [\n    ]\n}", (await _port.GetAsync("/health/live")).Body);
        Assert.StartsWith("{\n    \"status\": \"UP\",\n    \"checks\": [\n        {\n            \"name\": \"Graceful Shutdown\",\n            \"status\": \"UP\"\n        },\n", (await _port.GetAsync("/health")).Body);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Without_its_database_a_server_is_alive_but_not_ready(bool hangs)
    {
        _port.Database.Down = !hangs;
        _port.Database.Hangs = hangs;
        Assert.Equal(200, (await _port.GetAsync("/health/live")).Status);
        var (status, _, body) = await _port.GetAsync("/health/ready");
        Assert.Equal(503, status);
        var check = Read(body).GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("status").GetString() == "DOWN");
        Assert.Equal("Keycloak database connections async health check", check.GetProperty("name").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}$", check.GetProperty("data").GetProperty("Failing since").GetString());
    }

    [Fact]
    public async Task A_database_that_comes_back_makes_it_ready_again()
    {
        _port.Database.Down = true;
        await _port.GetAsync("/health/ready");
        _port.Database.Down = false;
        var (status, _, body) = await _port.GetAsync("/health/ready");
        Assert.Equal(200, status);
        Assert.DoesNotContain("Failing since", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_was_asked_to_end_is_not_ready_but_alive()
    {
        _port.State.SetStopping();
        Assert.Equal(503, (await _port.GetAsync("/health/ready")).Status);
        Assert.Equal(200, (await _port.GetAsync("/health/started")).Status);
    }

    [Theory, InlineData("/nope"), InlineData("/realms/master"), InlineData("/metrics"), InlineData("/health/nope"), InlineData("/healthy")]
    public async Task The_management_port_has_nothing_else(string path)
    {
        var (status, _, body) = await _port.GetAsync(path);
        Assert.Equal(404, status);
        Assert.Equal("<html><body><h1>Resource not found</h1></body></html>", body);
    }

    [Fact]
    public async Task The_main_port_has_no_health_unless_told_to()
    {
        Assert.Equal(404, (await _port.MainAsync("/health")).Status);
        var told = new ManagementPort(new ManagementOptions { Health = true, HealthHere = false });
        Assert.Equal(200, (await told.MainAsync("/health/ready")).Status);
        Assert.Equal("main", (await told.MainAsync("/realms/master")).Body);
    }

    private static JsonElement Read(string body) => JsonDocument.Parse(body).RootElement;
}
