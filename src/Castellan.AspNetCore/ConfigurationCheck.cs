using System.Net;

namespace Castellan.AspNetCore;

/// <summary>Finds mistakes in the options when the program starts, rather than when the first user comes.</summary>
internal static class ConfigurationCheck
{
    private const string Example = "https://id.example.com/realms/myrealm";

    /// <summary>Throws for the first mistake.</summary>
    public static void Run(CastellanOptions options)
    {
        Demand(options.Issuers.Count > 0, $"no realm is named. Call AddCastellan(\"{Example}\", \"my-api\").");
        foreach (var issuer in options.Issuers)
        {
            CheckUrl("realm URL", issuer.RealmUrl, options);
            if (issuer.BackchannelUrl is not null)
            {
                CheckUrl("backchannel URL", issuer.BackchannelUrl, options);
            }

            Demand(issuer.Audiences.Count > 0 && issuer.Audiences.All(audience => !string.IsNullOrWhiteSpace(audience)),
                $"no audience is named for {issuer.RealmUrl}. Without one, a token for any other API of the realm would be good for this one. "
                + "Name the API's client, and give the clients that call it an audience mapper.");
        }

        var twice = options.Issuers.GroupBy(issuer => Trim(issuer.RealmUrl), StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        Demand(twice is null, $"the realm {twice?.Key} is named twice. Name it once, with all of its audiences.");
        Demand(options.ClockSkew >= TimeSpan.Zero && options.ClockSkew <= TimeSpan.FromMinutes(5), "ClockSkew must be between zero and five minutes.");
        Demand(options.KeyRefreshInterval >= TimeSpan.FromSeconds(1) && options.KeyRefreshInterval <= TimeSpan.FromDays(1), "KeyRefreshInterval must be between a second and a day.");
        Demand(options.CachedTokens is >= 0 and <= 1_000_000, "CachedTokens must be between 0 and 1,000,000.");
        if (options.Introspection is { } introspection)
        {
            Demand(!string.IsNullOrWhiteSpace(introspection.ClientId) && !string.IsNullOrEmpty(introspection.ClientSecret), "introspection needs the id and the secret of the API's client.");
            Demand(introspection.CacheFor >= TimeSpan.Zero && introspection.CacheFor <= TimeSpan.FromHours(1), "Introspection.CacheFor must be between zero and an hour.");
        }
    }

    /// <summary>The URL without the slash that people put at its end; <c>iss</c> never has one.</summary>
    public static string Trim(string url) => url.TrimEnd('/');

    /// <summary>Whether that may be asked over this URL.</summary>
    public static bool IsSafe(Uri url, CastellanOptions options) =>
        url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && (options.AllowHttp || IsLoopback(url)));

    private static void CheckUrl(string what, string? text, CastellanOptions options)
    {
        Demand(!string.IsNullOrWhiteSpace(text), $"the {what} is empty. Is the setting that it comes from there? It looks like {Example}.");
        Demand(Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0,
            $"the {what} '{text}' is no absolute http or https URL. It looks like {Example}.");
        Demand(url!.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0, $"the {what} '{text}' must have no user, query or fragment. It looks like {Example}.");
        Demand(!text!.Contains("/.well-known/", StringComparison.Ordinal) && !text.Contains("/protocol/openid-connect", StringComparison.Ordinal),
            $"the {what} '{text}' is the address of one of the realm's documents. Give the realm's own: {Example}.");
        Demand(IsSafe(url, options),
            $"the {what} '{text}' is plain HTTP to another machine: whoever sits between could sign tokens for this API. Use https, or set AllowHttp in a network that you trust.");
    }

    private static bool IsLoopback(Uri url) =>
        url.IsLoopback || url.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static void Demand(bool met, string otherwise)
    {
        if (!met)
        {
            throw new CastellanConfigurationException($"AddCastellan: {otherwise}");
        }
    }
}
