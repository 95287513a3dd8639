using Castellan.Core.Organizations;
using Castellan.Core.Representations;
using Castellan.Core.Tokens;

namespace Castellan.Core.Mappers;

/// <summary>
/// The groups that the user is in, below each organization that the scope asks for; with the roles of those groups, if wanted. It completes what
/// <see cref="OrganizationMembershipMapper"/> wrote, and makes an object of it where that is a list of aliases.
/// </summary>
internal sealed class OrganizationGroupMembershipMapper : IProtocolMapper
{
    public const string Type = "oidc-organization-group-membership-mapper";

    public string Id => Type;

    /// <summary>Behind the mapper whose claim it completes.</summary>
    public int Priority => 10;

    public void Map(MapperContext context, MapperModel mapper)
    {
        var all = AsObject(context.Claims[OrganizationScope.Name]);
        foreach (var organization in context.Grant.Organizations)
        {
            if (all[organization.Alias!] is not Claims one)
            {
                all.Set(organization.Alias!, one = new Claims());
            }

            Describe(context.Grant.OrganizationGroups.GetValueOrDefault(organization.Id!) ?? [], one, mapper.FlagInAnyCase("addGroupRoleMappings"));
        }

        context.Claims.Set(OrganizationScope.Name, all);
    }

    private static void Describe(IReadOnlyList<MemberGroup> groups, Claims one, bool withRoles)
    {
        one.Set("groups", groups.Select(object (g) => g.Path).ToList());
        if (!withRoles)
        {
            return;
        }

        foreach (var ofOne in groups.SelectMany(g => g.Roles).DistinctBy(r => r.Id).GroupBy(r => r.ClientName))
        {
            var names = ofOne.Select(object (r) => r.Name).ToList();
            one.Set(ofOne.Key is { } client ? ["resource_access", client, "roles"] : ["realm_access", "roles"], names);
        }
    }

    private static Claims AsObject(object? written)
    {
        if (written is Claims already)
        {
            return already;
        }

        var all = new Claims();
        foreach (var alias in written is IReadOnlyList<object> aliases ? aliases.OfType<string>() : written is string only ? [only] : [])
        {
            all.Set(alias, new Claims());
        }

        return all;
    }
}
