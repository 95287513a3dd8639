namespace Castellan.Core.Mappers;

/// <summary>A built-in property of the user.</summary>
internal sealed class UserPropertyMapper : IProtocolMapper
{
    public string Id => "oidc-usermodel-property-mapper";

    public void Map(MapperContext context, MapperModel mapper) =>
        ClaimValues.Set(context, mapper, UserProperties.Find(context.Grant.User.Representation, mapper["user.attribute"]));
}
