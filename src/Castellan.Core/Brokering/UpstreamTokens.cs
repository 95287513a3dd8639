using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Keys;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Vaults;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Brokering;

/// <summary>What a provider's token endpoint answered.</summary>
/// <param name="Json">The answer as it came.</param>
public sealed record UpstreamTokenResponse(JsonElement Json)
{
    public string? AccessToken => Text("access_token");

    public string? IdToken => Text("id_token");

    public string? Text(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>Exchanges a provider's code, or a refresh token, for its tokens (RFC 6749 §4.1.3, §6), with each way in which a client proves itself.</summary>
public sealed class UpstreamTokens(IFetch fetch, Keys.Keys keys, IVault vault, TimeProvider time)
{
    private const int AssertionSeconds = 60;

    /// <summary>The tokens, or what the log says about why there are none.</summary>
    public ValueTask<Result<UpstreamTokenResponse>> ExchangeAsync(Realm realm, IdentityProvider provider, string code, string redirectUri, string? verifier, CancellationToken ct = default)
    {
        List<KeyValuePair<string, string>> form = [new("code", code), new("grant_type", "authorization_code"), new("redirect_uri", redirectUri)];
        if (verifier is not null)
        {
            form.Add(new("code_verifier", verifier));
        }

        return AskAsync(realm, provider, form, ct);
    }

    /// <summary>New tokens by a refresh token of the provider.</summary>
    public async ValueTask<Result<UpstreamTokenResponse>> RefreshAsync(Realm realm, IdentityProvider provider, string refreshToken, CancellationToken ct = default) =>
        !(await AskAsync(realm, provider, [new("refresh_token", refreshToken), new("grant_type", "refresh_token")], ct)).Ok(out var answer, out var refusal) ? refusal
            : answer.Text("error") is null && answer.AccessToken is not null ? answer : UpstreamRefusals.Upstream("The token endpoint gave no other access token.");

    private async ValueTask<Result<UpstreamTokenResponse>> AskAsync(Realm realm, IdentityProvider provider, List<KeyValuePair<string, string>> form, CancellationToken ct)
    {
        if (provider.TokenUrl is not { } address || provider.ClientId is not { } clientId)
        {
            return UpstreamRefusals.Upstream("The provider has no token endpoint.");
        }

        var authorization = await ProveAsync(realm, provider, clientId, address, form, ct);
        if (await fetch.SendAsync(new FetchRequest(address, form, authorization), ct) is not { } answer)
        {
            return UpstreamRefusals.Upstream($"Nobody answered at {address}.");
        }

        return !answer.IsOk ? UpstreamRefusals.Upstream($"The token endpoint answered {answer.Status}.")
            : (Parse(answer.Body) ?? (provider.HasIdToken ? null : ParseForm(answer.Body))) is { } json ? new UpstreamTokenResponse(json)
            : UpstreamRefusals.Upstream("The token endpoint answered something that is no token response.");
    }

    /// <summary>Adds to the form what proves the client; what goes into the header instead is returned.</summary>
    public async ValueTask<string?> ProveAsync(Realm realm, IdentityProvider provider, string clientId, string address, List<KeyValuePair<string, string>> form, CancellationToken ct)
    {
        var secret = provider.Setting("clientSecret") is { } setting ? await vault.ResolveAsync(realm.Name, setting, ct) : "";
        switch (provider.Setting("clientAuthMethod") ?? (provider.Service is { Basic: true } ? "client_secret_basic" : "client_secret_post"))
        {
            case "client_secret_basic":
                // RFC 6749 §2.3.1: both halves are encoded as in a form first.
                return Basic(Uri.EscapeDataString(clientId), Uri.EscapeDataString(secret));
            case "client_secret_basic_unencoded":
                return Basic(clientId, secret);
            case "client_secret_jwt":
                var algorithm = SignatureAlgorithm.Find(provider.Setting("clientAssertionSigningAlg") ?? "HS256") is { IsSymmetric: true } named ? named : SignatureAlgorithm.HS256;
                Assert(form, clientId, Assertion(provider, clientId, address, new SigningKey(new OctKey(Encoding.UTF8.GetBytes(secret)), algorithm, null)));
                return null;
            case "private_key_jwt":
                var key = await keys.SigningAsync(realm, provider.Setting("clientAssertionSigningAlg") ?? "RS256", ct) ?? await keys.SigningAsync(realm, "RS256", ct)
                    ?? throw new InvalidOperationException("The realm has no key that signs.");
                if (provider.Flag("jwtX509HeadersEnabled") && KeyRing.Of(realm).All.FirstOrDefault(k => k.Kid == key.Kid) is { Certificate: { } certificate, Key: RsaKey })
                {
                    // Some providers know keys by their certificates alone (RFC 7515 §4.1.7).
                    key = new SigningKey(key.Key, key.Algorithm, key.Kid, StrictBase64Url.Encode(certificate.GetCertHash()));
                }

                Assert(form, clientId, Assertion(provider, clientId, address, key));
                return null;
            default:
                form.Add(new("client_id", clientId));
                if (secret.Length > 0)
                {
                    form.Add(new("client_secret", secret));
                }

                return null;
        }
    }

    /// <summary>The assertion of RFC 7523 §2.2: about the client, by the client, for the provider.</summary>
    private string Assertion(IdentityProvider provider, string clientId, string address, SigningKey key)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        using var jwt = JwtBuffer.Rent();
        jwt.Json.WriteStartObject();
        jwt.Json.WriteString("jti", Ids.New());
        jwt.Json.WriteString("iss", clientId);
        jwt.Json.WriteString("sub", clientId);
        jwt.Json.WriteString("aud", provider.Setting("clientAssertionAudience") ?? address);
        jwt.Json.WriteNumber("iat", now);
        jwt.Json.WriteNumber("exp", now + AssertionSeconds);
        jwt.Json.WriteEndObject();
        return jwt.Sign(key);
    }

    private static void Assert(List<KeyValuePair<string, string>> form, string clientId, string assertion)
    {
        form.Add(new("client_id", clientId));
        form.Add(new("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
        form.Add(new("client_assertion", assertion));
    }

    private static string Basic(string name, string secret) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{secret}"));

    /// <summary>Some services are older than RFC 6749 and answer a form.</summary>
    private static JsonElement? ParseForm(byte[] body)
    {
        if (Form.Parse(body) is not { } form || form.Value("access_token") is null)
        {
            return null;
        }

        var answer = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["access_token", "refresh_token", "expires_in", "token_type", "scope"])
        {
            if (form.Value(name) is { } value)
            {
                answer[name] = value;
            }
        }

        return Parse(Encoding.UTF8.GetBytes(answer.ToJsonString()));
    }

    /// <summary>A JSON object; a copy that lives as long as it is wanted.</summary>
    internal static JsonElement? Parse(ReadOnlyMemory<byte> body)
    {
        using var claims = JwtClaims.TryParse(body);
        return claims?.Root.Clone();
    }
}

/// <summary>Refusals of brokering. The person sees one page for all of them; the log says which.</summary>
public static class UpstreamRefusals
{
    public const string EssentialClaim = "essential_claim";

    internal static ProtocolError Upstream(string detail) => new("identity_provider_error", Status: 502, Detail: detail);
}
