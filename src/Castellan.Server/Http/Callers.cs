using System.Net;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Http;

/// <summary>Where a request comes from.</summary>
public static class Callers
{
    private static readonly ProtocolError s_httpsRequired = new("invalid_request", "HTTPS required", 403);

    /// <summary>The client's address, after trusted proxies.</summary>
    public static string? Address(HttpContext http) => Plain(http.Connection.RemoteIpAddress)?.ToString();

    /// <summary>
    /// What the realm's <c>sslRequired</c> says against the request, or null. It looks at the realm's own address, not at the connection: behind a proxy
    /// that ends TLS the connection is plain and the address is not.
    /// </summary>
    public static ProtocolError? CheckTls(HttpContext http, Realm realm, string issuer) =>
        issuer.StartsWith("https:", StringComparison.Ordinal) || Is(realm, "none") ? null
        : Is(realm, "all") || (Plain(http.Connection.RemoteIpAddress) is { } address && !IsPrivate(address)) ? s_httpsRequired
        : null;

    private static bool Is(Realm realm, string required) => string.Equals(realm.Settings.SslRequired, required, StringComparison.OrdinalIgnoreCase);

    private static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;

    private static bool IsPrivate(IPAddress address)
    {
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal)
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out var length) && length == 4
            && bytes is [10, ..] or [127, ..] or [192, 168, ..] or [169, 254, ..] or [172, >= 16 and <= 31, ..];
    }
}
