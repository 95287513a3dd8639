using System.Text.Json;

namespace Castellan.Core.Mappers;

/// <summary>The <c>claims</c> parameter of the authorization request (OpenID Connect Core §5.5).</summary>
internal static class RequestedClaims
{
    /// <summary>The members that the request asks for in this target; none outside of ID tokens and userinfo, or when nobody can read it.</summary>
    public static IEnumerable<JsonProperty> Of(MapperContext context)
    {
        var part = context.Target switch { MapperTarget.Id => "id_token", MapperTarget.UserInfo => "userinfo", _ => null };
        if (part is null || context.Grant.ClientSession.Notes.GetValueOrDefault("claims") is not { } text)
        {
            return [];
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(part, out var claims) && claims.ValueKind == JsonValueKind.Object
                ? claims.Clone().EnumerateObject()
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
