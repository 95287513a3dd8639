using Castellan.Core.Representations;
using Castellan.Core.Tokens;

namespace Castellan.Core.Mappers;

/// <summary>The organizations of the user that the scope asks for: their aliases, or an object with what the mapper adds of each.</summary>
internal sealed class OrganizationMembershipMapper : IProtocolMapper
{
    public string Id => "oidc-organization-membership-mapper";

    public void Map(MapperContext context, MapperModel mapper)
    {
        var organizations = context.Grant.Organizations;
        if (organizations.Count == 0)
        {
            return;
        }

        var path = mapper.ClaimPath.Length == 0 ? [Organizations.OrganizationScope.Name] : mapper.ClaimPath;
        ClaimValues.Set(
            context, path,
            mapper.JsonType == "JSON" ? Describe(context, mapper, organizations)
            : mapper.Multivalued ? organizations.Select(object (o) => o.Alias!).ToList()
            : organizations[0].Alias!);
    }

    private static Claims Describe(MapperContext context, MapperModel mapper, IReadOnlyList<OrganizationRepresentation> organizations)
    {
        var all = new Claims();
        foreach (var organization in organizations)
        {
            var one = new Claims();
            if (mapper.Flag("addOrganizationId"))
            {
                one.Set("id", organization.Id);
            }

            if (mapper.Flag("addOrganizationDomain") && DomainOf(organization, context.Grant.User.Email) is { } domain)
            {
                one.Set("domain", domain);
            }

            foreach (var (name, values) in mapper.Flag("addOrganizationAttributes") ? organization.Attributes ?? [] : [])
            {
                one.Set(name, values.ConvertAll(object (v) => v));
            }

            all.Set(organization.Alias!, one);
        }

        return all;
    }

    /// <summary>The domain of the organization that the person's address is in.</summary>
    private static string? DomainOf(OrganizationRepresentation organization, string? email) => email?[(email.LastIndexOf('@') + 1)..] is not { Length: > 0 } host
        ? null
        : organization.Domains?.Find(d => d.Name is { } name && (name.Equals(host, StringComparison.OrdinalIgnoreCase)
            || (name.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(name[1..], StringComparison.OrdinalIgnoreCase))))?.Name;
}
