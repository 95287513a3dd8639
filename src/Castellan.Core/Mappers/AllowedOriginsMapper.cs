using Castellan.Core.Clients;

namespace Castellan.Core.Mappers;

/// <summary>The client's web origins, as <c>allowed-origins</c>: APIs answer cross-origin requests by it.</summary>
internal sealed class AllowedOriginsMapper : IProtocolMapper
{
    public string Id => "oidc-allowed-origins-mapper";

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target is MapperTarget.Access or MapperTarget.Lightweight or MapperTarget.Introspection
        && mapper.IncludesOrIsSilent(target);

    public void Map(MapperContext context, MapperModel mapper)
    {
        // A client that allows the origins of its redirect URIs and has none allows nobody, and its tokens say so.
        if (context.Grant.Client.Representation.WebOrigins is { Count: > 0 })
        {
            context.Claims.Set("allowed-origins", context.Grant.Client.WebOrigins().All);
        }
    }
}
