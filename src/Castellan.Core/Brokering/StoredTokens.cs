using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.Core.Brokering;

/// <summary>The tokens of a provider as they are kept with a link.</summary>
public static class StoredTokens
{
    private const string RefreshToken = "refresh_token", RefreshLife = "refresh_expires_in", IdToken = "id_token", End = "accessTokenExpiration";

    /// <summary>An answer of a token endpoint as it is kept: with the moment at which the access token ends.</summary>
    public static string Write(UpstreamTokenResponse answer, DateTimeOffset now)
    {
        var copy = JsonObject.Create(answer.Json)!;
        // RFC 6749 §5.1 wants a number; some services write a text.
        if (long.TryParse(ClaimReader.Text(answer.Json, "expires_in"), NumberStyles.None, CultureInfo.InvariantCulture, out var life) && life <= int.MaxValue)
        {
            copy[End] = now.ToUnixTimeSeconds() + life;
        }

        return copy.ToJsonString();
    }

    /// <summary>The refresh token, if the access token ends before that moment; null when it lasts, nobody says until when, or there is no other to be had.</summary>
    public static string? Renewal(string text, DateTimeOffset moment) =>
        Read(text) is { } kept && kept[End] is JsonValue at && at.TryGetValue<long>(out var end) && end != 0 && end < moment.ToUnixTimeSeconds()
            && kept[RefreshToken] is JsonValue token && token.TryGetValue<string>(out var refresh) ? refresh : null;

    /// <summary>The answer to a refresh in the place of the old one; what it does not say stays.</summary>
    public static string Refreshed(string before, string now) => Keep(IdToken, IdToken, before, Renewed(before, now));

    /// <summary>The new answer in the place of the old one. Some services give a refresh token at the first sign-in only: it stays until there is another.</summary>
    public static string Renewed(string before, string now) => Keep(RefreshToken, RefreshLife, before, now);

    /// <param name="token">The token that stays.</param>
    /// <param name="beside">What is said of it.</param>
    private static string Keep(string token, string beside, string before, string now)
    {
        if (Read(before) is not { } old || Read(now) is not { } renewed || old[token] is null || renewed[token] is not null)
        {
            return now;
        }

        foreach (var name in (ReadOnlySpan<string>)[token, beside])
        {
            if (old[name] is { } value)
            {
                renewed[name] = value.DeepClone();
            }
        }

        return renewed.ToJsonString();
    }

    /// <summary>Null for what is no JSON object, as the responses of SAML are none.</summary>
    private static JsonObject? Read(string text)
    {
        try
        {
            return text.StartsWith('{') ? JsonNode.Parse(text) as JsonObject : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
