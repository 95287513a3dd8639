using System.Globalization;
using Castellan.CommandLine;

namespace Castellan.Commands;

/// <summary>Asks the server on this machine whether it is ready: for containers that have no other program inside.</summary>
internal static class HealthCheckCommand
{
    public static async Task<int> RunAsync(Settings settings)
    {
        var https = settings.Given("https-certificate-file") is not null || settings.Given("https-key-store-file") is not null;
        var managed = settings.Flag("health-enabled") && settings.Flag("http-management-health-enabled");
        var scheme = https && settings["http-management-scheme"] != "http" ? "https" : "http";
        var port = settings.Number(managed ? "http-management-port" : scheme == "https" ? "https-port" : "http-port").ToString(CultureInfo.InvariantCulture);
        var path = settings[managed ? "http-management-relative-path" : "http-relative-path"]!.TrimEnd('/') + (settings.Flag("health-enabled") ? "/health/ready" : "/realms/master");
        // It talks to itself over loopback: whose certificate that is does not matter.
#pragma warning disable CA5399, CA5400
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
#pragma warning restore CA5399, CA5400
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await client.GetAsync(new Uri($"{scheme}://localhost:{port}{path}"));
            if (answer.IsSuccessStatusCode)
            {
                return 0;
            }

            await Console.Error.WriteLineAsync($"The server answered {(int)answer.StatusCode}.");
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"The server does not answer: {error.Message}");
        }

        return 1;
    }
}
