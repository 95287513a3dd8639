using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Protocol.Jose;

namespace Castellan.Server.Registration;

/// <summary>The tokens that let somebody register clients, or change the one that they registered. They are for the realm's eyes only, so its secret signs them.</summary>
public sealed class RegistrationTokens(Keys keys, TimeProvider time)
{
    public const string InitialAccess = "InitialAccessToken";
    public const string RegistrationAccess = "RegistrationAccessToken";

    /// <param name="expires">Seconds since 1970; 0 for never.</param>
    /// <param name="registration">How the client came to be registered: <c>anonymous</c> or <c>authenticated</c>.</param>
    /// <param name="origins">The origins that a script may bring the token from; null leaves the claim out.</param>
    public async ValueTask<string> SignAsync(
        Realm realm, string issuer, string id, string type, long expires = 0, string? registration = null, IReadOnlyList<string>? origins = null, CancellationToken ct = default)
    {
        var key = await keys.SigningAsync(realm, "HS512", ct) ?? throw new InvalidOperationException("The realm has no key for HS512.");
        using var buffer = JwtBuffer.Rent();
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteNumber("exp", expires);
        json.WriteNumber("iat", time.GetUtcNow().ToUnixTimeSeconds());
        json.WriteString("jti", id);
        json.WriteString("iss", issuer);
        json.WriteString("aud", issuer);
        json.WriteString("typ", type);
        if (registration is not null)
        {
            json.WriteString("registration_auth", registration);
        }

        if (origins is not null)
        {
            json.WriteStartArray("allowed-origins");
            foreach (var origin in origins)
            {
                json.WriteStringValue(origin);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.Sign(key);
    }
}
