namespace Castellan.Core.Mappers;

/// <summary>Claims about the person that the request demands by its parameter <c>claims</c> (OIDC Core §5.5), whatever the scopes give.</summary>
internal sealed class ClaimsParameterMapper : IProtocolMapper
{
    public string Id => "oidc-claims-param-token-mapper";

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target is MapperTarget.Id or MapperTarget.UserInfo && mapper.Includes(target);

    public void Map(MapperContext context, MapperModel mapper)
    {
        var user = context.Grant.User.Representation;
        foreach (var (name, _) in RequestedClaims.Essential(context, context.Target == MapperTarget.Id ? "id_token" : "userinfo"))
        {
            var value = name switch
            {
                "name" => FullNameMapper.Of(user),
                "given_name" => user.FirstName,
                "family_name" => user.LastName,
                "preferred_username" => user.Username,
                "email" => user.Email,
                _ => null,
            };
            if (value is { Length: > 0 })
            {
                context.Claims.Set(name, value);
            }
        }
    }
}
