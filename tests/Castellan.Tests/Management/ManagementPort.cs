using Castellan.Core;
using Castellan.Server.Management;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Management;

/// <summary>A pipeline that begins with the management interface and ends in a main port that answers 200 under one route.</summary>
internal sealed class ManagementPort
{
    private readonly RequestDelegate _pipeline;
    private readonly ServiceProvider _services;
    private readonly ManagementOptions _options;

    public ManagementPort(ManagementOptions options)
    {
        _options = options;
        _services = new ServiceCollection().AddSingleton<IDatabaseProbe>(Database).AddManagement(options).BuildServiceProvider();
        var app = new ApplicationBuilder(_services);
        app.UseManagement();
        app.Run(http =>
        {
            if (http.Request.Path.Value!.StartsWith("/realms/", StringComparison.Ordinal))
            {
                http.SetEndpoint(new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse("/realms/{realm}"), 0, null, null));
                return http.Response.WriteAsync("main");
            }

            http.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        _pipeline = app.Build();
        State.SetInitialized();
    }

    public FakeDatabase Database { get; } = new();

    public ServerState State => _services.GetRequiredService<ServerState>();

    public Task<(int Status, string ContentType, string Body)> GetAsync(string path, string? accept = null) => SendAsync(path, _options.Port, "GET", accept);

    public Task<(int Status, string ContentType, string Body)> MainAsync(string path, string method = "GET") => SendAsync(path, 8080, method, null);

    private async Task<(int Status, string ContentType, string Body)> SendAsync(string path, int port, string method, string? accept)
    {
        var body = new MemoryStream();
        var http = new DefaultHttpContext { RequestServices = _services, Request = { Path = path, Method = method }, Response = { Body = body }, Connection = { LocalPort = port } };
        if (accept is not null)
        {
            http.Request.Headers.Accept = accept;
        }

        await _pipeline(http);
        return (http.Response.StatusCode, http.Response.ContentType ?? "", System.Text.Encoding.UTF8.GetString(body.ToArray()));
    }

    internal sealed class FakeDatabase : IDatabaseProbe
    {
        public bool Down { get; set; }

        public bool Hangs { get; set; }

        public async ValueTask AskAsync(CancellationToken ct)
        {
            if (Hangs)
            {
                await Task.Delay(Timeout.Infinite, CancellationToken.None);
            }

            if (Down)
            {
                throw new IOException("down");
            }
        }
    }
}
