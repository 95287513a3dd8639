using System.Net;

namespace Castellan.Core.Realms.Import;

/// <summary>The addresses of an identity provider: where the realm asks for https, no code or secret goes out in the clear.</summary>
public static class ProviderUrls
{
    // Setting, its name in sentences.
    private static readonly (string Setting, string Name)[] s_urls =
    [
        ("authorizationUrl", "authorization_url"), ("tokenUrl", "token_url"), ("userInfoUrl", "userinfo_url"), ("logoutUrl", "logout_url"), ("jwksUrl", "jwks_url"),
        ("tokenIntrospectionUrl", "tokenIntrospection_url"), ("singleSignOnServiceUrl", "singleSignOn_url"), ("singleLogoutServiceUrl", "singleLogout_url"),
        ("metadataDescriptorUrl", "metadata_url"), ("artifactResolutionServiceUrl", "artifactResolution_url"),
    ];

    /// <summary>What is wrong with one of them; null when nothing is.</summary>
    /// <param name="sslRequired">As the realm says: <c>none</c>, <c>external</c> (also when it says nothing) or <c>all</c>.</param>
    /// <param name="config">The provider's settings.</param>
    public static string? Problem(string? sslRequired, IReadOnlyDictionary<string, string?>? config)
    {
        foreach (var (setting, name) in s_urls)
        {
            if (config?.GetValueOrDefault(setting) is { Length: > 0 } url && Problem(sslRequired, url, name) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>What is wrong with an address that the realm calls; null when nothing is.</summary>
    /// <param name="sslRequired">As the realm says.</param>
    /// <param name="name">Its name in sentences.</param>
    public static string? Problem(string? sslRequired, string url, string name)
    {
        var scheme = url.Split("://", 2);
        if (scheme.Length < 2)
        {
            return $"The url [{name}] is malformed";
        }

        if (!scheme[0].Equals("http", StringComparison.OrdinalIgnoreCase) && !scheme[0].Equals("https", StringComparison.OrdinalIgnoreCase))
        {
            return $"Invalid protocol/scheme for url [{name}]";
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            return $"The url [{name}] is malformed";
        }

        var secure = sslRequired switch { "none" => false, "all" => true, _ => !IsPrivate(uri.Host) };
        return secure && uri.Scheme != "https" ? $"The url [{name}] requires secure connections" : null;
    }

    private static bool IsPrivate(string host) =>
        host is "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && (IPAddress.IsLoopback(address) || address.IsIPv6SiteLocal || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal
                || address.GetAddressBytes() is [10, ..] or [192, 168, ..] or [169, 254, ..] or [172, >= 16 and <= 31, ..]));
}
