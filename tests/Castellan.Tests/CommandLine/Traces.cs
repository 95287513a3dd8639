using System.Text;
using Castellan.CommandLine;
using Castellan.Hosting;
using Castellan.Tests.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Castellan.Tests.CommandLine;

public sealed class Traces
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("false", null)]
    [InlineData("true", "opentelemetry")]
    public void Are_off_unless_asked_for(string? enabled, string? off) =>
        Assert.Null(Tracing.Start(Settings(("KC_TRACING_ENABLED", enabled), ("KC_FEATURES_DISABLED", off))));

    [Theory]
    [InlineData("KC_TRACING_ENDPOINT", "collector")]
    [InlineData("KC_TRACING_ENDPOINT", "ftp://collector")]
    [InlineData("KC_TRACING_SAMPLER_RATIO", "2")]
    [InlineData("KC_TRACING_SAMPLER_RATIO", "half")]
    [InlineData("KC_TRACING_RESOURCE_ATTRIBUTES", "nonsense")]
    public void Are_refused_where_settings_make_no_sense(string variable, string value) =>
        Assert.Throws<CommandException>(() => Tracing.Start(Settings(("KC_TRACING_ENABLED", "true"), (variable, value))));

    [Fact]
    public async Task Go_to_the_collector_with_the_route_and_without_the_query()
    {
        var received = new MemoryStream();
        string? key = null;
        await using var collector = Loopback.Build(_ => { });
        collector.MapPost("/v1/traces", async (HttpContext http) =>
        {
            key = http.Request.Headers["X-Key"];
            await http.Request.Body.CopyToAsync(received);
        });
        var address = await Loopback.StartAsync(collector);
        await using var app = Loopback.Build(_ => { });
        var tracing = Tracing.Start(Settings(
            ("KC_TRACING_ENABLED", "true"), ("KC_TRACING_ENDPOINT", address), ("KC_TRACING_PROTOCOL", "http/protobuf"), ("KC_TRACING_SAMPLER_TYPE", "always_on"),
            ("KC_TRACING_SERVICE_NAME", "our-keycloak"), ("KC_TRACING_RESOURCE_ATTRIBUTES", "team=identity"), ("KC_TRACING_HEADER_X_KEY", "secret")))!;
        Castellan.Server.Http.RequestSpans.Use(app);
        app.MapGet("/things/{id}", (HttpContext http) => http.Response.WriteAsync("ok"));
        var server = await Loopback.StartAsync(app);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, server + "/things/1?code=hidden");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        Assert.Equal("ok", await (await http.SendAsync(request)).Content.ReadAsStringAsync());
        await app.StopAsync();
        tracing.Dispose();

        var text = Encoding.Latin1.GetString(received.ToArray());
        Assert.Contains("GET /things/{id}", text, StringComparison.Ordinal);
        Assert.Contains("our-keycloak", text, StringComparison.Ordinal);
        Assert.Contains("identity", text, StringComparison.Ordinal);
        Assert.Contains(Encoding.Latin1.GetString(Convert.FromHexString("0af7651916cd43dd8448eb211c80319c")), text, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", text, StringComparison.Ordinal);
        Assert.Equal("secret", key);
    }

    private static Settings Settings(params (string Name, string? Value)[] environment) => Castellan.CommandLine.Settings.Collect(
        Invocation.Parse("castellan", ["start-dev"]), environment.Where(v => v.Value is not null).ToDictionary(v => v.Name, v => v.Value!), null);
}
