using Castellan.Core.Mappers;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>An attribute of the person, or of the person's groups.</summary>
internal sealed class UserAttributeMapper : ISamlMapper
{
    public string Id => "saml-user-attribute-mapper";

    public void Map(SamlMapperContext context, MapperModel mapper)
    {
        if (mapper["user.attribute"] is not { } name)
        {
            return;
        }

        var values = UserAttributes.Values(context.Realm, context.User, name, mapper.FlagInAnyCase("aggregate.attrs")).Distinct(StringComparer.Ordinal).ToList<string?>();
        if (values.Count == 0 && UserAttributes.IsProperty(name))
        {
            // Part of every person's record, with or without a value.
            values.Add(null);
        }

        if (values.Count > 0)
        {
            context.Add(mapper, values);
        }
    }
}
