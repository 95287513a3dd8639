namespace Castellan.Core.Mappers;

/// <summary>A built-in property of the user.</summary>
internal sealed class UserPropertyMapper : IProtocolMapper
{
    public string Id => "oidc-usermodel-property-mapper";

    public void Map(MapperContext context, MapperModel mapper)
    {
        var user = context.Grant.User.Representation;
        ClaimValues.Set(context, mapper, mapper["user.attribute"] is not { } name ? null : (char.ToLowerInvariant(name[0]) + name[1..]) switch
        {
            "id" => user.Id,
            "username" => user.Username,
            "email" => user.Email,
            "emailVerified" => user.EmailVerified == true ? "true" : "false",
            "firstName" => user.FirstName,
            "lastName" => user.LastName,
            "enabled" => user.Enabled == true ? "true" : "false",
            "createdTimestamp" => user.CreatedTimestamp?.ToString(),
            "federationLink" => user.FederationLink,
            "serviceAccountClientLink" => user.ServiceAccountClientId,
            _ => null,
        });
    }
}
