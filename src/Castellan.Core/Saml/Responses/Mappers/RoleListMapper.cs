using Castellan.Core.Mappers;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>The roles that the client may hear of, by their bare names.</summary>
internal sealed class RoleListMapper : ISamlMapper
{
    public string Id => "saml-role-list-mapper";

    public int Priority => 40;

    public void Map(SamlMapperContext context, MapperModel mapper)
    {
        var names = context.Roles.Select(r => context.RoleNames.GetValueOrDefault(r.ClientName is null ? r.Name : $"{r.ClientName}.{r.Name}") ?? r.Name);
        context.RoleAttributes = SamlMapperContext.List(mapper, [.. context.MoreRoles, .. names]);
    }
}
