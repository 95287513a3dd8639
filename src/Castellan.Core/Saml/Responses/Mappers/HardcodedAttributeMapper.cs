using Castellan.Core.Mappers;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>A value that is the same for everybody.</summary>
internal sealed class HardcodedAttributeMapper : ISamlMapper
{
    public string Id => "saml-hardcode-attribute-mapper";

    public void Map(SamlMapperContext context, MapperModel mapper) => context.Add(mapper, mapper["attribute.value"]);
}
