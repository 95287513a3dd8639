using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Export;

public sealed partial class RealmExport
{
    private async Task<List<OrganizationRepresentation>?> OrganizationsAsync(Realm realm, CancellationToken ct)
    {
        var exported = new List<OrganizationRepresentation>();
        foreach (var o in await organizations.ListAsync(realm.Id, new(), 0, -1, ct))
        {
            var members = await organizations.MembersAsync(realm.Id, o.Id!, new(), 0, -1, ct);
            exported.Add(new()
            {
                Id = o.Id, Name = o.Name, Alias = o.Alias, Enabled = o.Enabled, Description = o.Description, RedirectUrl = o.RedirectUrl, Attributes = o.Attributes,
                Domains = o.Domains, Groups = o.Groups,
                Members = [.. members.Select(m => new OrganizationMemberRepresentation { Username = m.User.Username, MembershipType = m.Managed ? "MANAGED" : "UNMANAGED" })],
                IdentityProviders =
                [
                    .. realm.Data.IdentityProviders.Where(p => p.OrganizationId == o.Id).Select(p => new IdentityProviderRepresentation { Alias = p.Alias, Enabled = p.Enabled, Config = [] }),
                ],
            });
        }

        return exported.Count == 0 ? null : exported;
    }
}
