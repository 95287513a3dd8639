using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Export;

public sealed partial class RealmExport
{
    private async Task<List<OrganizationRepresentation>?> OrganizationsAsync(Realm realm, Dictionary<string, string> clientIds, CancellationToken ct)
    {
        var exported = new List<OrganizationRepresentation>();
        foreach (var o in await organizations.ListAsync(realm.Id, new(), 0, -1, ct))
        {
            var groups = await organizations.GroupsAsync(realm.Id, o.Id!, ct);
            var members = new List<OrganizationMemberRepresentation>();
            foreach (var m in await organizations.MembersAsync(realm.Id, o.Id!, new(), 0, -1, ct))
            {
                var paths = groups.All.Count == 0 ? [] : await organizations.GroupsOfMemberAsync(realm.Id, o.Id!, m.User.Id, ct);
                members.Add(new()
                {
                    Username = m.User.Username, MembershipType = m.Managed ? "MANAGED" : "UNMANAGED",
                    Groups = paths.Count == 0 ? null : [.. paths.Select(groups.Find).OfType<Groups.Group>().Select(groups.Path).Order(StringComparer.Ordinal)],
                });
            }

            exported.Add(new()
            {
                Id = o.Id, Name = o.Name, Alias = o.Alias, Enabled = o.Enabled, Description = o.Description, RedirectUrl = o.RedirectUrl, Attributes = o.Attributes,
                Domains = o.Domains, Members = members,
                Groups = groups.All.Count == 0 ? null : [.. groups.Children(o.Id).Select(g => GroupOf(realm, groups, g, clientIds))],
                IdentityProviders =
                [
                    .. realm.Data.IdentityProviders.Where(p => p.OrganizationId == o.Id).Select(p => new IdentityProviderRepresentation { Alias = p.Alias, Enabled = p.Enabled, Config = [] }),
                ],
            });
        }

        return exported.Count == 0 ? null : exported;
    }
}
