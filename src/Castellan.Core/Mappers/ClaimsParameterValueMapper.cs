using System.Text.Json;

namespace Castellan.Core.Mappers;

/// <summary>One claim with the value that the request gives it (OpenID Connect Core §5.5.1, <c>value</c>), in the ID token.</summary>
internal sealed class ClaimsParameterValueMapper : IProtocolMapper
{
    public string Id => "oidc-claims-param-value-idtoken-mapper";

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target == MapperTarget.Id && mapper.Includes(target);

    public void Map(MapperContext context, MapperModel mapper)
    {
        foreach (var claim in RequestedClaims.Of(context))
        {
            if (claim.Name == mapper["claim.name"] && claim.Value.ValueKind == JsonValueKind.Object && claim.Value.TryGetProperty("value", out var value)
                && Plain(value) is { } plain)
            {
                ClaimValues.Set(context, mapper.ClaimPath, plain);
            }
        }
    }

    private static object? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when value.TryGetInt64(out var number) => number,
        _ => null,
    };
}
