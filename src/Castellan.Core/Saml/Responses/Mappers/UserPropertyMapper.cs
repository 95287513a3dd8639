using Castellan.Core.Mappers;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>A built-in property of the person.</summary>
internal sealed class UserPropertyMapper : ISamlMapper
{
    public string Id => "saml-user-property-mapper";

    public void Map(SamlMapperContext context, MapperModel mapper)
    {
        if (UserProperties.Find(context.User.Representation, mapper["user.attribute"]) is { Length: > 0 } value)
        {
            context.Add(mapper, value);
        }
    }
}
