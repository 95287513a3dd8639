using Castellan.Core.Mappers;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>A further audience: a client, or anything.</summary>
internal sealed class AudienceMapper : ISamlMapper
{
    public string Id => "saml-audience-mapper";

    public void Map(SamlMapperContext context, MapperModel mapper)
    {
        if ((mapper["included.client.audience"] ?? mapper["included.custom.audience"]) is { } audience)
        {
            context.Audiences.Add(audience);
        }
    }
}
