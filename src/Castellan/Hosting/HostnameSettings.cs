using Castellan.CommandLine;
using Castellan.Server.Http;

namespace Castellan.Hosting;

/// <summary>Reads and checks by which addresses the server is known.</summary>
internal static class HostnameSettings
{
    /// <exception cref="CommandException">They contradict each other.</exception>
    public static HostnameOptions Read(Settings settings, string mode)
    {
        var (hostname, admin) = (settings.Given("hostname"), settings.Given("hostname-admin"));
        var dynamic = settings.Flag("hostname-backchannel-dynamic");
        var isUrl = hostname is not null && IsUrl(hostname);
        var refusal =
            hostname is null && settings.Flag("hostname-strict") ? "hostname is not configured; either configure hostname, or set hostname-strict to false"
            : hostname is not null && !isUrl && Uri.CheckHostName(hostname) == UriHostNameType.Unknown ? "Provided hostname is neither a plain hostname nor a valid URL"
            : admin is not null && !isUrl ? "hostname must be set to a URL when hostname-admin is set"
            : admin is not null && !IsUrl(admin) ? "Provided hostname-admin is not a valid URL"
            : dynamic && hostname is null ? "hostname-backchannel-dynamic must be set to false when no hostname is provided"
            : dynamic && !isUrl ? "hostname-backchannel-dynamic must be set to false if hostname is not provided as full URL"
            : null;
        if (refusal is not null)
        {
            throw new CommandException($"ERROR: Failed to start server in ({mode}) mode\nERROR: Failed to start quarkus\nERROR: {refusal}", 1);
        }

        return new() { Hostname = hostname, HostnameAdmin = admin, BackchannelDynamic = dynamic, RelativePath = settings["http-relative-path"]!, Debug = settings.Flag("hostname-debug") };
    }

    private static bool IsUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https") && url.Host.Length > 0;
}
