using System.Security.Cryptography;
using System.Text;

namespace Castellan.Protocol.Messages;

/// <summary>
/// Requests of OAuth 1.0 (RFC 5849), which one service still speaks: signed with HMAC-SHA1 under the application's secret and the token's.
/// </summary>
/// <param name="TokenSecret">Of the token that the request is made with; null for a request without one.</param>
public sealed record OAuth1(string Key, string Secret, string? Token = null, string? TokenSecret = null)
{
    /// <summary>The <c>Authorization</c> header of a request (§3.5.1).</summary>
    /// <param name="address">The address with its query.</param>
    /// <param name="more">Protocol parameters of this request: <c>oauth_callback</c>, <c>oauth_verifier</c>.</param>
    /// <param name="form">What the body posts.</param>
    /// <param name="nonce">Never used twice.</param>
    /// <param name="seconds">The time, in seconds since 1970.</param>
    public string Authorize(
        string method, string address, IEnumerable<KeyValuePair<string, string>> more, string nonce, long seconds, IEnumerable<KeyValuePair<string, string>>? form = null)
    {
        var protocol = new List<KeyValuePair<string, string>>
        {
            new("oauth_consumer_key", Key), new("oauth_nonce", nonce), new("oauth_signature_method", "HMAC-SHA1"),
            new("oauth_timestamp", seconds.ToString(System.Globalization.CultureInfo.InvariantCulture)), new("oauth_version", "1.0"),
        };
        if (Token is not null)
        {
            protocol.Add(new("oauth_token", Token));
        }

        protocol.AddRange(more);
        var url = new Uri(address);
        var signed = protocol.Concat(form ?? []).Concat(Form.Parse(Encoding.UTF8.GetBytes(url.Query.TrimStart('?')))?.Fields ?? []);
        protocol.Add(new("oauth_signature", Sign(BaseText(method, url, signed))));
        return "OAuth " + string.Join(", ", protocol.Select(p => $"{Encode(p.Key)}=\"{Encode(p.Value)}\""));
    }

    /// <summary>§3.4.1: method, address without query, and every parameter in order.</summary>
    private static string BaseText(string method, Uri url, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var ordered = parameters.Select(p => (Name: Encode(p.Key), Value: Encode(p.Value)))
            .OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Value, StringComparer.Ordinal).Select(p => $"{p.Name}={p.Value}");
        return $"{method.ToUpperInvariant()}&{Encode(url.GetLeftPart(UriPartial.Path))}&{Encode(string.Join('&', ordered))}";
    }

    private string Sign(string text)
    {
        var key = Encoding.ASCII.GetBytes($"{Encode(Secret)}&{Encode(TokenSecret ?? "")}");
#pragma warning disable CA5350 // §3.4.2 names SHA-1; as a MAC it still holds
        return Convert.ToBase64String(HMACSHA1.HashData(key, Encoding.ASCII.GetBytes(text)));
#pragma warning restore CA5350
    }

    // §3.6 leaves bare what RFC 3986 does.
    private static string Encode(string text) => Uri.EscapeDataString(text);
}
