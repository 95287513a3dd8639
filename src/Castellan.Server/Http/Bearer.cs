using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Http;

/// <summary>The token in the header <c>Authorization</c> (RFC 6750 §2.1).</summary>
internal static class Bearer
{
    public const string Scheme = "Bearer";

    /// <summary>
    /// The token; null where there is none. Of two such headers, which one a proxy looked at and which one we would is anybody's guess: then there is none.
    /// </summary>
    /// <param name="scheme">By what scheme it comes.</param>
    public static string? Text(HttpContext http, string scheme = Scheme) =>
        http.Request.Headers.Authorization is [{ } header] && header.Length > scheme.Length && header[scheme.Length] == ' '
        && header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && header[scheme.Length..].Trim() is { Length: > 0 } token ? token : null;
}
