using Castellan.Core.Clients;

namespace Castellan.Core.Mappers;

/// <summary>The client's web origins, as <c>allowed-origins</c>: APIs answer cross-origin requests by it.</summary>
internal sealed class AllowedOriginsMapper : IProtocolMapper
{
    public string Id => "oidc-allowed-origins-mapper";

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target is MapperTarget.Access or MapperTarget.Lightweight or MapperTarget.Introspection
        && (mapper.Includes(target) || (target != MapperTarget.Lightweight && mapper.Lacks("access.token.claim")));

    public void Map(MapperContext context, MapperModel mapper)
    {
        if (context.Grant.Client.WebOrigins().All is { Count: > 0 } origins)
        {
            context.Claims.Set("allowed-origins", origins);
        }
    }
}
