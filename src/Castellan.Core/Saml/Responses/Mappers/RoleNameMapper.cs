using Castellan.Core.Mappers;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>Another name for a role, whole as it is given.</summary>
internal sealed class RoleNameMapper : ISamlMapper
{
    public string Id => "saml-role-name-mapper";

    public int Priority => 10;

    public void Map(SamlMapperContext context, MapperModel mapper)
    {
        if (mapper["role"] is { } role && mapper["new.role.name"] is { } renamed)
        {
            context.RoleNames.TryAdd(role, renamed);
        }
    }
}
