using System.Buffers.Text;
using System.Security.Cryptography;
using Castellan.Core.Clients;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Messages;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.Server.Oidc;

/// <summary>What the OAuth endpoints have in common: which methods they answer, and the proof of the client.</summary>
internal static class OidcRoutes
{
    public const string Protocol = "/protocol/openid-connect";

    /// <summary>Maps a path for these methods, answers preflights for them, and any other method with 405.</summary>
    public static void MapOidc(this IEndpointRouteBuilder endpoints, string path, string methods, RealmHandler handler)
    {
        var allowed = methods.Split(", ");
        endpoints.Map("/realms/{realm}" + path, endpoints.WithRealm((http, realm) =>
            allowed.Contains(http.Request.Method) ? handler(http, realm)
            : http.Request.Method == HttpMethods.Options ? Cors.PreflightAsync(http, methods)
            : JsonAnswers.ErrorAsync(http, StatusCodes.Status405MethodNotAllowed, "HTTP 405 Method Not Allowed", realm)));
    }

    /// <summary>What the request shows of its client.</summary>
    public static ClientProof Proof(HttpContext http, Realm realm, Form form, ServerUrls urls, LoginEvent happened, ClientEndpoint endpoint) => new()
    {
        Realm = realm,
        Form = form,
        Authorization = http.Request.Headers.Authorization is [{ Length: > 0 } header, ..] ? header : null,
        Issuer = urls.Issuer(http, realm),
        BackendIssuer = urls.BackendIssuer(http, realm),
        Certificate = http.Connection.ClientCertificate?.RawData,
        Endpoint = endpoint,
        Event = happened,
    };

    /// <summary>The SHA-256 of the client certificate of the connection, base64url (RFC 8705 §3.1); null where none was shown.</summary>
    public static string? CertificateThumbprint(HttpContext http) =>
        http.Connection.ClientCertificate is { } shown ? Base64Url.EncodeToString(SHA256.HashData(shown.RawData)) : null;

    /// <summary>What is wrong with the realm or the connection for any endpoint that takes credentials; null when nothing is.</summary>
    public static ProtocolError? CheckRealm(HttpContext http, Realm realm, string issuer) =>
        Callers.CheckTls(http, realm, issuer) ?? (realm.Enabled ? null : new ProtocolError("access_denied", "Realm not enabled", 403));

    public static LoginEvent Event(HttpContext http, string type) => new() { Type = type, IpAddress = Callers.Address(http) };
}
