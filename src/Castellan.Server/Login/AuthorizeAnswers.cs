using Castellan.Core.Authorize;
using Castellan.Core.Clients;
using Castellan.Core.Keys;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;

namespace Castellan.Server.Login;

/// <summary>The forms in which an authorization answer goes to its client.</summary>
public sealed class AuthorizeAnswers(Keys keys, ResponseEncryption encryption, TimeProvider time)
{
    private const int JwtSeconds = 600;

    /// <summary>The address with the parameters in its query or fragment. A fragment that the address has itself stays behind the query.</summary>
    public static string Url(string redirectUri, bool fragment, IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        var text = string.Join('&', parameters.Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"));
        if (fragment)
        {
            return $"{redirectUri}{(redirectUri.Contains('#', StringComparison.Ordinal) ? "&" : "#")}{text}";
        }

        var hash = redirectUri.IndexOf('#', StringComparison.Ordinal);
        var (address, rest) = hash < 0 ? (redirectUri, "") : (redirectUri[..hash], redirectUri[hash..]);
        return $"{address}{(address.Contains('?', StringComparison.Ordinal) ? address.EndsWith('?') || address.EndsWith('&') ? "" : "&" : "?")}{text}{rest}";
    }

    /// <summary>The parameters of an error (RFC 6749 §4.1.2.1, RFC 9207 §2).</summary>
    public static List<KeyValuePair<string, string>> Error(Client client, string issuer, string? state, string error, string? description)
    {
        var parameters = new List<KeyValuePair<string, string>> { new("error", error) };
        if (description is not null)
        {
            parameters.Add(new("error_description", description));
        }

        if (state is not null)
        {
            parameters.Add(new("state", state));
        }

        if (!client.Flag(ResponseTypes.WithoutIssuer))
        {
            parameters.Add(new("iss", issuer));
        }

        return parameters;
    }

    /// <summary>The parameters as a signed JWT (JARM §2.1), encrypted where the client asks for that (§2.2).</summary>
    public async ValueTask<Result<string>> JwtAsync(Realm realm, Client client, string issuer, IReadOnlyList<KeyValuePair<string, string>> parameters, CancellationToken ct)
    {
        var algorithm = client.Attribute("authorization.signed.response.alg") ?? realm.Settings.DefaultSignatureAlgorithm ?? "RS256";
        var key = await keys.SigningAsync(realm, algorithm, ct) ?? await keys.SigningAsync(realm, "RS256", ct)
            ?? throw new InvalidOperationException("The realm has no key that signs.");
        using var jwt = JwtBuffer.Rent();
        jwt.Json.WriteStartObject();
        jwt.Json.WriteNumber("exp", time.GetUtcNow().ToUnixTimeSeconds() + JwtSeconds);
        jwt.Json.WriteString("iss", issuer);
        jwt.Json.WriteString("aud", client.ClientId);
        foreach (var (name, value) in parameters.Where(p => p.Key != "iss"))
        {
            jwt.Json.WriteString(name, value);
        }

        jwt.Json.WriteEndObject();
        var signed = jwt.Sign(key);
        return ResponseEncryption.OfAuthorization(client) ? await encryption.EncryptAsync(client, ResponseEncryption.Authorization, signed, isToken: true, ct) : signed;
    }

    /// <summary>The realm's content policy with the clients' hosts added, so that their logout frames load.</summary>
    public static string FramePolicy(Realm realm, FrontchannelLogoutPage page)
    {
        var policy = realm.Settings.BrowserSecurityHeaders?.GetValueOrDefault("contentSecurityPolicy") is { Length: > 0 } own ? own : "frame-src 'self'; frame-ancestors 'self'; object-src 'none';";
        var hosts = string.Concat(page.Clients.Select(c => Uri.TryCreate(c.Url, UriKind.Absolute, out var uri) && uri.Authority.AsSpan().IndexOfAny(";, '\"") < 0 ? uri.Authority + " " : ""));
        return policy.Replace("frame-src 'self'", $"frame-src 'self' {hosts}", StringComparison.Ordinal);
    }
}
