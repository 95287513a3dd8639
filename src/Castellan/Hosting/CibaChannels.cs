using Castellan.CommandLine;
using Castellan.Core.Ciba;

namespace Castellan.Hosting;

/// <summary>The operator's service that asks people on their devices.</summary>
internal static class CibaChannels
{
    private const string Name = "spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri";

    /// <exception cref="CommandException">It is configured in a way that cannot work.</exception>
    public static CibaChannelOptions Read(Settings settings) =>
        settings.Given(Name) is not { } address ? new(null)
        : Uri.TryCreate(address, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", UserInfo.Length: 0, Fragment.Length: 0 } ? new(url)
        : throw new CommandException($"Invalid value for option '--{Name}': {address}. Expected an http or https URL without user and fragment");
}
