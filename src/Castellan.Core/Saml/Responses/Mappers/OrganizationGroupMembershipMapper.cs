using Castellan.Core.Mappers;
using Castellan.Core.Organizations;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>The groups that the person is in, for each organization an attribute; with the roles of those groups, if wanted.</summary>
internal sealed class OrganizationGroupMembershipMapper : ISamlMapper
{
    public const string Type = "saml-organization-group-membership-mapper";

    public string Id => Type;

    public int Priority => 10;

    public void Map(SamlMapperContext context, MapperModel mapper)
    {
        foreach (var organization in context.Organizations)
        {
            var groups = context.OrganizationGroups.GetValueOrDefault(organization.Id!) ?? [];
            var name = $"{OrganizationScope.Name}.{organization.Alias}.";
            Add(context, name + "groups", [.. groups.Select(g => g.Path)]);
            if (mapper.FlagInAnyCase("addGroupRoleMappings"))
            {
                Add(context, name + "roles", [.. groups.SelectMany(g => g.Roles).DistinctBy(r => r.Id).Select(r => r.Name)]);
            }
        }
    }

    private static void Add(SamlMapperContext context, string name, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            context.Attributes.Add(new(name, SamlNames.AttributeBasic, name, values));
        }
    }
}
