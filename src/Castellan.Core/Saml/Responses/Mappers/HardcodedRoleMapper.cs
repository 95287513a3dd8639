using Castellan.Core.Mappers;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>A name among the roles that nobody need have.</summary>
internal sealed class HardcodedRoleMapper : ISamlMapper
{
    public string Id => "saml-hardcode-role-mapper";

    public int Priority => 20;

    public void Map(SamlMapperContext context, MapperModel mapper)
    {
        if (mapper["role"] is { } role)
        {
            context.MoreRoles.Add(role);
        }
    }
}
