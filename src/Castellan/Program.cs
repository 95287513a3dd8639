using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Castellan.Server;

var port = int.Parse(Option("http-port") ?? "8080");
var host = Option("http-host") ?? "localhost";

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    if (IPAddress.TryParse(host, out var address))
    {
        kestrel.Listen(address, port);
    }
    else if (host == "localhost")
    {
        kestrel.ListenLocalhost(port);
    }
    else
    {
        kestrel.ListenAnyIP(port);
    }
});
builder.Services.AddCastellan();

var app = builder.Build();
app.MapCastellan();
await app.RunAsync();
return 0;

string? Option(string name) =>
    args.FirstOrDefault(a => a.StartsWith($"--{name}=", StringComparison.Ordinal))?[(name.Length + 3)..];
