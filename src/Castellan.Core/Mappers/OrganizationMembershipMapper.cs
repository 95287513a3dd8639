using Castellan.Core.Representations;
using Castellan.Core.Tokens;

namespace Castellan.Core.Mappers;

/// <summary>The organizations of the user that the scope asks for: their aliases, or an object with what the mapper adds of each.</summary>
internal sealed class OrganizationMembershipMapper : IProtocolMapper
{
    private static readonly string[] s_additions = ["addOrganizationId", "addOrganizationAttributes", "addOrganizationDomain"];

    public string Id => "oidc-organization-membership-mapper";

    public void Map(MapperContext context, MapperModel mapper)
    {
        var organizations = context.Grant.Organizations;
        if (organizations.Count == 0)
        {
            return;
        }

        // What is added of an organization makes an object of it, whatever type the claim is said to be; of a single value there is nothing to add.
        var adds = mapper.Multivalued && s_additions.Any(mapper.Flag);
        var path = mapper.ClaimPath.Length == 0 ? [Organizations.OrganizationScope.Name] : mapper.ClaimPath;
        ClaimValues.Set(
            context, path,
            !mapper.Multivalued && mapper["multivalued"] is not null ? organizations[0].Alias!
            : adds || mapper.JsonType == "JSON" ? Describe(context, mapper, organizations, adds)
            : organizations.Select(object (o) => o.Alias!).ToList());
    }

    private static Claims Describe(MapperContext context, MapperModel mapper, IReadOnlyList<OrganizationRepresentation> organizations, bool adds)
    {
        var all = new Claims();
        foreach (var organization in organizations)
        {
            var one = new Claims();
            if (adds && mapper.Flag("addOrganizationDomain") && DomainOf(organization, context.Grant.User.Email) is { } domain)
            {
                one.Set("domain", domain);
            }

            foreach (var (name, values) in adds && mapper.Flag("addOrganizationAttributes") ? organization.Attributes ?? [] : [])
            {
                one.Set(name, values.ConvertAll(object (v) => v));
            }

            // An attribute of that name does not stand for it.
            if (adds && mapper.Flag("addOrganizationId"))
            {
                one.Set("id", organization.Id);
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
