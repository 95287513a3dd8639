using System.Net;
using System.Net.Sockets;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Clients.Policies;

/// <summary>The addresses of clients begin with https and name one place each, and so does the one that a request is answered at.</summary>
internal sealed class ClientUrisExecutor() : PolicyExecutor("secure-client-uris")
{
    // The fields by their names in sentences, in the order in which they are looked at.
    private static readonly (string Name, Func<ClientRepresentation, IEnumerable<string?>> Read)[] s_fields =
    [
        ("rootUrl", c => [c.RootUrl]), ("adminUrl", c => [c.AdminUrl]), ("baseUrl", c => [c.BaseUrl]),
        ("logoutUrl", c => [Attribute(c, "backchannel.logout.url")]), ("frontChannelLogoutUrl", c => [Attribute(c, "frontchannel.logout.url")]),
        ("redirectUris", c => c.RedirectUris ?? []),
        // A plus stands for the redirect URIs, which are looked at themselves.
        ("webOrigins", c => (c.WebOrigins ?? []).Where(o => o != "+")),
        ("jwksUri", c => [Attribute(c, "jwks.url")]), ("requestUris", c => Many(c, "request.uris")),
        ("cibaClientNotificationEndpoint", c => [Attribute(c, "ciba.backchannel.client.notification.endpoint")]),
        ("postLogoutUris", c => RedirectUrisExecutor.AfterLogout(c)),
        ("logoUri", c => [Attribute(c, "logoUri")]), ("tosUri", c => [Attribute(c, "tosUri")]), ("policyUri", c => [Attribute(c, "policyUri")]),
    ];

    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        var client = occasion.Client;
        if (occasion.Existing is null && client.RootUrl is { Length: > 0 } root && occasion.Asked.RedirectUris is not { Count: > 0 })
        {
            // Else everything below it would be one.
            client.RedirectUris = [root];
        }

        return s_fields.FirstOrDefault(f => f.Read(client).Any(IsInsecure)).Name is { } wrong ? new("invalid_client_metadata", "Invalid " + wrong) : null;
    }

    public override ProtocolError? Authorize(AuthorizationOccasion occasion, PolicySettings settings) =>
        occasion.IsEarly ? null
        : occasion.Request.RedirectUri is not { Length: > 0 } address ? Request("no redirect_uri specified.")
        : IsInsecure(address) ? Request("Invalid redirect_uri")
        : null;

    internal static string[] Many(ClientRepresentation client, string name) => Attribute(client, name)?.Split("##") ?? [];

    private static bool IsInsecure(string? address) =>
        !string.IsNullOrEmpty(address) && (!address.StartsWith("https://", StringComparison.Ordinal) || address.Contains('*', StringComparison.Ordinal));

    private static string? Attribute(ClientRepresentation client, string name) => client.Attributes?.GetValueOrDefault(name);
}

/// <summary>Redirect URIs of the kinds that are allowed: those of a client, where it sends people after logout, and the one that a request names.</summary>
internal sealed class RedirectUrisExecutor() : PolicyExecutor("secure-redirect-uris-enforcer")
{
    private static readonly ProtocolError s_invalid = Request("Invalid Redirect Uri: invalid uri");
    private static readonly ProtocolError s_loopback = Request("Invalid Redirect Uri: invalid loopback address");
    private static readonly ProtocolError s_privateScheme = Request("Invalid Redirect Uri: invalid private use scheme");

    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        // Clients that never redirect need none.
        var client = occasion.Client;
        return client.StandardFlowEnabled is false && client.ImplicitFlowEnabled is not true ? null
            : client.RedirectUris is not { Count: > 0 } ? s_invalid
            : settings.Flag("allow-open-redirect") ? null
            : client.RedirectUris.Concat(AfterLogout(client)).Select(address => Check(Resolve(client, address), settings, isAsked: false)).FirstOrDefault(refusal => refusal is not null);
    }

    public override ProtocolError? Authorize(AuthorizationOccasion occasion, PolicySettings settings) =>
        occasion.IsEarly && occasion["redirect_uri"] is { } asked ? Check(asked, settings, isAsked: true) : null;

    /// <summary>Where a client sends people after logout, as far as that is no place that it names elsewhere.</summary>
    internal static IEnumerable<string> AfterLogout(ClientRepresentation client) =>
        ClientUrisExecutor.Many(client, "post.logout.redirect.uris").Where(u => u is not ("" or "+" or "-")).Select(u => Resolve(client, u));

    private static string Resolve(ClientRepresentation client, string address) => address.StartsWith('/') ? client.RootUrl?.TrimEnd('/') + address : address;

    /// <param name="isAsked">Whether a request names the address, and not the client's settings.</param>
    private static ProtocolError? Check(string address, PolicySettings settings, bool isAsked)
    {
        var stars = address.Count(c => c == '*');
        if (!Uri.TryCreate(address.TrimEnd('*'), UriKind.Absolute, out var uri))
        {
            return s_invalid;
        }

        // OAuth 2.1 compares redirect URIs as a whole, and knows none with a fragment.
        var strict = settings.Flag("oauth-2-1-compliant");
        var isWhole = stars == 0 || (!strict && settings.Flag("allow-wildcard-context-path") && stars == 1 && address.EndsWith('*'));
        var fits = isWhole && !(strict && address.Contains('#', StringComparison.Ordinal));
        var isWeb = uri.Scheme is "http" or "https";
        var isPlain = uri.Scheme == "http";
        if (Loopback(uri) is { } family)
        {
            var allowed = settings.Flag(family == AddressFamily.InterNetwork ? "allow-ipv4-loopback-address" : "allow-ipv6-loopback-address");
            return allowed && fits && (!isPlain || settings.Flag("allow-http-scheme")) && (!strict || IsLoopbackOfOAuth21(uri, isAsked)) ? null : s_loopback;
        }

        if (!isWeb)
        {
            // RFC 8252 §7.1: a scheme of one's own is a domain name backwards.
            return settings.Flag("allow-private-use-uri-scheme") && fits && (!strict || uri.Scheme.Contains('.', StringComparison.Ordinal)) ? null : s_privateScheme;
        }

        var domains = settings.Texts("allow-permitted-domains");
        return fits && (!isPlain || (settings.Flag("allow-http-scheme") && !strict))
            && (domains.Count == 0 || domains.Any(d => Patterns.Read(d)?.IsMatch(uri.Host) == true)) ? null : s_invalid;
    }

    /// <summary>RFC 8252 §7.3: an address and no name; the port is chosen when it is used.</summary>
    private static bool IsLoopbackOfOAuth21(Uri uri, bool isAsked) =>
        uri.Host != "localhost" && (uri.HostNameType != UriHostNameType.IPv6 || uri.Host == "[::1]") && (isAsked ? HasPort(uri) : !HasPort(uri));

    private static bool HasPort(Uri uri) => uri.OriginalString.AsSpan(uri.OriginalString.IndexOf("://", StringComparison.Ordinal) + 3) is var rest
        && rest[..(rest.IndexOfAny('/', '?', '#') is var end and >= 0 ? end : rest.Length)] is var authority && authority.LastIndexOf(':') > authority.LastIndexOf(']');

    private static AddressFamily? Loopback(Uri uri) =>
        uri.Host == "localhost" ? AddressFamily.InterNetwork
        : IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address) ? address.AddressFamily
        : null;
}
