using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    private void BuildOrganizations()
    {
        if (file.OrganizationsEnabled is not true)
        {
            return;
        }

        foreach (var organization in file.Organizations ?? [])
        {
            var place = $"organizations[{organization.Name}]";
            if (string.IsNullOrWhiteSpace(organization.Name))
            {
                Refuse(place, "Name can not be null");
                return;
            }

            organization.Id = string.IsNullOrEmpty(organization.Id) ? Ids.New() : organization.Id;
            TakeId("organization", organization.Id, place);
            var (members, providers) = (organization.Members ?? [], organization.IdentityProviders ?? []);
            Changes.Add(new PutOrganization(new()
            {
                Id = organization.Id, Name = organization.Name, Alias = string.IsNullOrEmpty(organization.Alias) ? organization.Name : organization.Alias,
                Enabled = organization.Enabled ?? true, Description = organization.Description, RedirectUrl = organization.RedirectUrl,
                Attributes = organization.Attributes, Domains = organization.Domains ?? [],
            }));
            var groups = new Dictionary<string, string>(StringComparer.Ordinal);
            AddOrganizationGroups(organization.Id, organization.Groups ?? [], organization.Id, "", groups);
            foreach (var link in providers)
            {
                if ((file.IdentityProviders ?? []).Find(p => p.Alias == link.Alias) is not { } provider || link.Alias is null)
                {
                    Refuse(place + ".identityProviders", "Identity provider cannot be null");
                    return;
                }

                provider.OrganizationId = organization.Id;
            }

            foreach (var member in members)
            {
                if (member.Username is null || !_userIds.TryGetValue(member.Username.ToLowerInvariant(), out var userId))
                {
                    RefuseFault(place + ".members", $"There is no user '{member.Username}' in the file");
                    return;
                }

                Changes.Add(new PutOrganizationMember(organization.Id, userId, member.MembershipType == "MANAGED"));
                foreach (var path in member.Groups ?? [])
                {
                    if (!groups.TryGetValue(path.StartsWith('/') ? path : "/" + path, out var groupId))
                    {
                        Refuse(place + ".members", $"There is no group '{path}' in the organization");
                        return;
                    }

                    Changes.Add(new JoinOrganizationGroup(groupId, userId));
                }
            }
        }
    }

    /// <summary>The groups of an organization, below one another; <paramref name="ids"/> gets their ids by path.</summary>
    private void AddOrganizationGroups(string organizationId, List<GroupRepresentation> groups, string parentId, string above, Dictionary<string, string> ids)
    {
        foreach (var group in groups)
        {
            var path = $"{above}/{group.Name}";
            var place = $"organizations.groups[{path}]";
            if (string.IsNullOrEmpty(group.Name))
            {
                Refuse(place, "A group needs a name");
                return;
            }

            CheckLength(place + ".name", group.Name, 255);
            var id = string.IsNullOrEmpty(group.Id) ? Ids.New() : group.Id;
            TakeId("organization group", id, place);
            if (!ids.TryAdd(path, id))
            {
                RefuseDuplicate(place);
            }

            Changes.Add(new PutOrganizationGroup(organizationId, new() { Id = id, Name = group.Name, Description = group.Description, ParentId = parentId, Attributes = group.Attributes }));
            foreach (var role in group.RealmRoles ?? [])
            {
                Map(RoleOwner.OrganizationGroup, id, RealmRole(role));
            }

            MapClientRoles(place, RoleOwner.OrganizationGroup, id, group.ClientRoles);
            AddOrganizationGroups(organizationId, group.SubGroups ?? [], id, path, ids);
        }
    }
}
