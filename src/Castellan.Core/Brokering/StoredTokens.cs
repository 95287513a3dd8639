using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.Core.Brokering;

/// <summary>The tokens of a provider as they are kept with a link.</summary>
public static class StoredTokens
{
    private const string RefreshToken = "refresh_token", RefreshLife = "refresh_expires_in";

    /// <summary>The new answer in the place of the old one. Some services give a refresh token at the first sign-in only: it stays until there is another.</summary>
    public static string Renewed(string before, string now)
    {
        if (Read(before) is not { } old || Read(now) is not { } renewed || old[RefreshToken] is not { } refresh || renewed[RefreshToken] is not null)
        {
            return now;
        }

        renewed[RefreshToken] = refresh.DeepClone();
        if (old[RefreshLife] is { } life)
        {
            renewed[RefreshLife] = life.DeepClone();
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
