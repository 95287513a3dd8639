using System.Collections.Concurrent;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Http;

/// <summary>The addresses that the server gives out. None ends in a slash.</summary>
public sealed class ServerUrls(HostnameOptions options)
{
    private readonly string _path = options.RelativePath.TrimEnd('/');
    private Called? _last;

    /// <summary>The base for people and for what identifies the realm; the realm attribute <c>frontendUrl</c> beats the server's setting.</summary>
    public string Frontend(HttpContext http, Realm? realm = null) =>
        realm?.Attribute("frontendUrl") is { Length: > 0 } own ? own.TrimEnd('/') : Configured(options.Hostname, http);

    /// <summary>The base for applications that call the server directly.</summary>
    public string Backend(HttpContext http, Realm? realm = null) =>
        options.BackchannelDynamic ? Configured(null, http) : Frontend(http, realm);

    /// <summary>The base of the administration console and its API.</summary>
    public string Admin(HttpContext http) => Configured(options.HostnameAdmin ?? options.Hostname, http);

    /// <summary>The realm's issuer: <c>{frontend}/realms/{name}</c>.</summary>
    public string Issuer(HttpContext http, Realm realm) => realm.Compiled(static _ => new Issuers()).For(Frontend(http, realm), realm.Name);

    /// <summary>The realm's address for direct callers: <c>{backend}/realms/{name}</c>.</summary>
    public string BackendIssuer(HttpContext http, Realm realm) => realm.Compiled(static _ => new Issuers()).For(Backend(http, realm), realm.Name);

    /// <summary>The bases that addresses of clients may be relative to.</summary>
    public ServerAddresses Addresses(HttpContext http, Realm realm) => new(Frontend(http, realm), Admin(http));

    private string Configured(string? hostname, HttpContext http)
    {
        if (hostname is null)
        {
            return FromRequest(http);
        }

        return hostname.Contains("://", StringComparison.Ordinal)
            ? hostname.TrimEnd('/')
            : Base(http.Request, hostname + (http.Request.Host.Port is { } port && !IsDefault(http.Request.Scheme, port) ? $":{port}" : ""));
    }

    private string FromRequest(HttpContext http)
    {
        var (request, last) = (http.Request, _last);
        if (last is not null && request.Host.Value == last.Host && request.Scheme == last.Scheme && request.PathBase.Value == last.PathBase)
        {
            return last.Base;
        }

        // Nearly all come by the same address: the text is made once for them.
        var @base = request.Host.Port is { } port && IsDefault(request.Scheme, port)
            ? Base(request, request.Host.Host)
            : Base(request, request.Host.Value ?? "localhost");
        _last = new(request.Scheme, request.Host.Value, request.PathBase.Value, @base);
        return @base;
    }

    // The path that the server lies under, with the prefix that a proxy says it has put before it.
    private string Base(HttpRequest request, string host) => $"{request.Scheme}://{host}{(request.PathBase.HasValue ? request.PathBase.Value : _path)}";

    /// <summary>The path of an address, under which the browser that was given it finds everything else.</summary>
    public static string PathOf(string @base) => Uri.TryCreate(@base, UriKind.Absolute, out var url) ? url.AbsolutePath.TrimEnd('/') : "";

    /// <summary>Whether the administration has an address of its own, which those who come by the other are not told.</summary>
    public bool HidesAdmin => options.HostnameAdmin is not null && options.HostnameAdmin != options.Hostname;

    private static bool IsDefault(string scheme, int port) => port == (scheme == "https" ? 443 : 80);

    /// <summary>How a request called the server, and the base that this comes to.</summary>
    private sealed record Called(string Scheme, string? Host, string? PathBase, string Base);

    /// <summary>Issuers by base, so that a request does not build the same text again. Bounded: a Host header is anybody's to choose.</summary>
    private sealed class Issuers
    {
        private const int Max = 64;
        private readonly ConcurrentDictionary<string, string> _byBase = new(StringComparer.Ordinal);

        public string For(string @base, string realm)
        {
            if (_byBase.TryGetValue(@base, out var issuer))
            {
                return issuer;
            }

            issuer = $"{@base}/realms/{Uri.EscapeDataString(realm)}";
            if (_byBase.Count < Max)
            {
                _byBase.TryAdd(@base, issuer);
            }

            return issuer;
        }
    }
}
