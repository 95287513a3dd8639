using Castellan.Core.Mappers;
using Castellan.Core.Organizations;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>The aliases of the organizations that the person belongs to.</summary>
internal sealed class OrganizationMembershipMapper : ISamlMapper
{
    public const string Type = "saml-organization-membership-mapper";

    public string Id => Type;

    public void Map(SamlMapperContext context, MapperModel mapper)
    {
        if (context.Organizations.Count > 0)
        {
            context.Attributes.Add(new(OrganizationScope.Name, SamlNames.AttributeBasic, OrganizationScope.Name, [.. context.Organizations.Select(o => o.Alias)]));
        }
    }
}
