namespace Castellan.Core.Mappers;

/// <summary>Adds a client, or any text, to the audience.</summary>
internal sealed class AudienceMapper : IProtocolMapper
{
    public string Id => "oidc-audience-mapper";

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target is not (MapperTarget.UserInfo or MapperTarget.Response) && mapper.Includes(target);

    public void Map(MapperContext context, MapperModel mapper)
    {
        if ((mapper["included.client.audience"] ?? mapper["included.custom.audience"]) is { } audience)
        {
            context.AddAudience(audience);
        }
    }
}
