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
            var (members, providers) = (organization.Members ?? [], organization.IdentityProviders ?? []);
            Changes.Add(new PutOrganization(new()
            {
                Id = organization.Id, Name = organization.Name, Alias = string.IsNullOrEmpty(organization.Alias) ? organization.Name : organization.Alias,
                Enabled = organization.Enabled ?? true, Description = organization.Description, RedirectUrl = organization.RedirectUrl,
                Attributes = organization.Attributes, Domains = organization.Domains ?? [],
            }));
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
            }
        }
    }
}
