using Castellan.CommandLine;
using Castellan.Core.Events;

namespace Castellan.Hosting;

/// <summary>The webhook that realms may name among their event listeners.</summary>
internal static class Webhooks
{
    private const string Prefix = "spi-events-listener--webhook--";

    /// <summary>Null when none is configured.</summary>
    /// <exception cref="CommandException">It is configured in a way that cannot work.</exception>
    public static WebhookOptions? Read(Settings settings)
    {
        var (address, secret) = (settings.Given(Prefix + "url"), settings.Given(Prefix + "secret"));
        if (address is null && secret is null)
        {
            return null;
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            throw new CommandException($"Invalid value for option '--{Prefix}url': {address}. Expected an http or https URL without user and fragment");
        }

        // Receivers must be able to tell our messages from a stranger's.
        return WebhookSignature.IsSecret(secret) ? new WebhookOptions(url, secret) : throw new CommandException(
            $"Invalid value for option '--{Prefix}secret': expected at least {WebhookSignature.ShortestSecret} characters, or whsec_ and the base64 of at least {WebhookSignature.ShortestSecret} bytes");
    }
}
