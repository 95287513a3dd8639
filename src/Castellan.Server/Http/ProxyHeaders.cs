using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Http;

/// <summary>
/// Takes scheme, host, port, path prefix and client address from what a proxy says, when the settings say that there is one, and only from
/// peers that are trusted. The first entry of a list counts.
/// </summary>
public sealed class ProxyHeaders
{
    private readonly bool _forwarded;
    private readonly List<IPNetwork> _trusted;

    private ProxyHeaders(bool forwarded, List<IPNetwork> trusted) => (_forwarded, _trusted) = (forwarded, trusted);

    /// <summary>Puts it into the pipeline, before anything that looks at addresses.</summary>
    /// <param name="kind"><c>forwarded</c> (RFC 7239) or <c>xforwarded</c>.</param>
    /// <param name="trusted">Addresses and networks of proxies; with none of them every peer is one.</param>
    public static void Use(IApplicationBuilder app, string kind, IEnumerable<string> trusted)
    {
        var headers = new ProxyHeaders(kind == "forwarded", [.. trusted.Select(a => IPNetwork.TryParse(a, out var network) ? network : Single(IPAddress.Parse(a)))]);
        app.Use(next => http =>
        {
            headers.Apply(http);
            return next(http);
        });
    }

    private void Apply(HttpContext http)
    {
        if (_trusted.Count > 0 && !(http.Connection.RemoteIpAddress is { } peer && _trusted.Exists(n => n.Contains(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer))))
        {
            return;
        }

        if (_forwarded)
        {
            var first = First(http, "Forwarded")?.Split(';', StringSplitOptions.TrimEntries).Select(p => p.Split('=', 2)).Where(p => p.Length == 2)
                .DistinctBy(p => p[0], StringComparer.OrdinalIgnoreCase).ToDictionary(p => p[0].ToLowerInvariant(), p => p[1].Trim('"')) ?? [];
            Set(http, first.GetValueOrDefault("proto"), first.GetValueOrDefault("host"), null, null, first.GetValueOrDefault("for"));
        }
        else
        {
            Set(http, First(http, "X-Forwarded-Proto"), First(http, "X-Forwarded-Host"), First(http, "X-Forwarded-Port"), First(http, "X-Forwarded-Prefix"), First(http, "X-Forwarded-For"));
        }
    }

    private static void Set(HttpContext http, string? scheme, string? host, string? port, string? prefix, string? client)
    {
        var request = http.Request;
        if (scheme is not null)
        {
            request.Scheme = scheme.ToLowerInvariant();
        }

        if (host is not null)
        {
            request.Host = new(host);
        }
        else if (scheme is not null && port is null)
        {
            // The port of this process means nothing behind another scheme.
            request.Host = new(request.Host.Host);
        }

        if (ushort.TryParse(port, out var number))
        {
            request.Host = number == (request.Scheme == "https" ? 443 : 80) ? new(request.Host.Host) : new(request.Host.Host, number);
        }

        if (prefix is { Length: > 1 })
        {
            request.PathBase = new PathString("/" + prefix.Trim('/')) + request.PathBase;
        }

        if (client is not null && IPEndPoint.TryParse(client, out var address))
        {
            http.Connection.RemoteIpAddress = address.Address;
        }
    }

    private static string? First(HttpContext http, string name) =>
        http.Request.Headers[name].ToString().Split(',')[0].Trim() is { Length: > 0 } value ? value : null;

    private static IPNetwork Single(IPAddress address) => new(address, address.GetAddressBytes().Length * 8);
}
