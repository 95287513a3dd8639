using Castellan.Core.Mappers;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>The name of the person is in an attribute, for one kind of name.</summary>
internal sealed class NameIdMapper : ISamlMapper
{
    public string Id => "saml-user-attribute-nameid-mapper";

    public void Map(SamlMapperContext context, MapperModel mapper)
    {
        if (mapper["mapper.nameid.format"] == context.NameIdFormat)
        {
            context.Name(mapper["user.attribute"] is { } attribute && UserAttributes.Own(context.User, attribute) is [var first, ..] ? first : null);
        }
    }
}
