using System.Text.Json;

namespace Castellan.Core.Mappers;

/// <summary>The parameter <c>claims</c> of the authorization request (OIDC Core §5.5), as far as mappers look at it: what it demands as essential.</summary>
internal static class RequestedClaims
{
    /// <summary>The claims that the request demands for <c>id_token</c> or <c>userinfo</c>, with the value that it wants, if it says one.</summary>
    public static List<(string Name, string? Value)> Essential(MapperContext context, string member)
    {
        List<(string Name, string? Value)> essential = [];
        if (context.Grant.ClientSession.Notes.GetValueOrDefault("claims") is not { Length: > 0 } json)
        {
            return essential;
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty(member, out var claims) || claims.ValueKind != JsonValueKind.Object)
            {
                return essential;
            }

            foreach (var claim in claims.EnumerateObject())
            {
                if (claim.Value.ValueKind == JsonValueKind.Object && claim.Value.TryGetProperty("essential", out var demanded) && demanded.ValueKind == JsonValueKind.True)
                {
                    essential.Add((claim.Name, claim.Value.TryGetProperty("value", out var value) ? Text(value) : null));
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A parameter that nobody can read demands nothing.
            essential.Clear();
        }

        return essential;
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };
}
