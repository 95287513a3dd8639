namespace Castellan.Core.Mappers;

/// <summary>An attribute of the user, or of the user's groups.</summary>
internal sealed class UserAttributeMapper : IProtocolMapper
{
    public string Id => "oidc-usermodel-attribute-mapper";

    public void Map(MapperContext context, MapperModel mapper)
    {
        if (mapper["user.attribute"] is not { } attribute)
        {
            return;
        }

        var isAggregate = mapper.FlagInAnyCase("aggregate.attrs");
        if (!isAggregate && !mapper.Multivalued && UserAttributes.Property(context.Grant.User.Representation, attribute) is { } one)
        {
            ClaimValues.Set(context, mapper, one);
        }
        else
        {
            ClaimValues.Set(context, mapper, UserAttributes.Values(context.Grant.Realm, context.Grant.User, attribute, isAggregate));
        }
    }
}
