using System.Text.Json;
using Castellan.Core.Realms.Defaults;

namespace Castellan.Core.Mappers;

/// <summary>The standard claims that the request asks for by name (OpenID Connect Core §5.5.1), from where the built-in scopes take them.</summary>
internal sealed class ClaimsParameterMapper : IProtocolMapper
{
    private static readonly Lazy<Dictionary<string, (IProtocolMapper Type, MapperModel Model)>> s_standard = new(Standard);

    public string Id => "oidc-claims-param-token-mapper";

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target is MapperTarget.Id or MapperTarget.UserInfo && mapper.Includes(target);

    public void Map(MapperContext context, MapperModel mapper)
    {
        foreach (var claim in RequestedClaims.Of(context))
        {
            // Who asks for a certain value does not ask for ours.
            var isOpen = claim.Value.ValueKind == JsonValueKind.Null
                || (claim.Value.ValueKind == JsonValueKind.Object && !claim.Value.TryGetProperty("value", out _) && !claim.Value.TryGetProperty("values", out _));
            if (isOpen && s_standard.Value.TryGetValue(claim.Name, out var known))
            {
                known.Type.Map(context, known.Model);
            }
        }
    }

    private static Dictionary<string, (IProtocolMapper, MapperModel)> Standard() => DefaultClientScopes.Make()
        .Where(s => s.Name is "profile" or "email" or "phone" or "address")
        .SelectMany(s => s.ProtocolMappers!)
        .ToDictionary(
            m => m.ProtocolMapper switch { "oidc-full-name-mapper" => "name", "oidc-address-mapper" => "address", _ => m.Config!["claim.name"]! },
            m => (ProtocolMappers.Find(m.ProtocolMapper)!, new MapperModel(m)),
            StringComparer.Ordinal);
}
