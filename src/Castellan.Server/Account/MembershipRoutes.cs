using Castellan.Core.Groups;
using Castellan.Core.Representations;
using Castellan.Server.Admin;

namespace Castellan.Server.Account;

/// <summary>What a person belongs to: groups and organizations.</summary>
internal static class MembershipRoutes
{
    public static IReadOnlyList<AccountRoute> All { get; } =
    [
        new("GET", "/groups", ["view-groups", AccountRoute.ManageAccount], GroupsAsync),
        AccountRoute.View("/organizations", OrganizationsAsync) with { NoCache = false },
    ];

    private static ValueTask<AdminAnswer> GroupsAsync(AccountContext context)
    {
        var brief = context.Query("briefRepresentation") != "false";
        var groups = context.User.GroupIds.Select(context.Realm.Groups.Find).OfType<Group>().OrderBy(g => g.Name, StringComparer.Ordinal).Select(g =>
        {
            var shown = new GroupRepresentation
            {
                Id = g.Id, Name = g.Name, Description = g.Representation.Description, Path = context.Realm.Groups.Path(g), ParentId = g.ParentId, SubGroups = [],
            };
            if (!brief)
            {
                var roles = g.RoleIds.Select(context.Realm.Roles.Find).OfType<Core.Roles.Role>().ToList();
                shown.Attributes = g.Representation.Attributes ?? [];
                shown.RealmRoles = [.. roles.Where(r => r.ClientId is null).Select(r => r.Name)];
                shown.ClientRoles = roles.Where(r => r.ClientName is not null).GroupBy(r => r.ClientName!).ToDictionary(r => r.Key, r => r.Select(x => x.Name).ToList());
            }

            return shown;
        });
        return new(AdminAnswer.Json([.. groups], AccountJson.Default.ListGroupRepresentation));
    }

    private static async ValueTask<AdminAnswer> OrganizationsAsync(AccountContext context)
    {
        if (context.Realm.Settings.OrganizationsEnabled != true)
        {
            return AdminAnswer.NotFoundHere;
        }

        var organizations = await context.Service<Core.Organizations.IOrganizationStore>().OfMemberAsync(context.Realm.Id, context.User.Id, context.Aborted);
        return AdminAnswer.Json(
            [.. organizations.Select(o => new AccountOrganization(o.Id!, o.Name!, o.Alias ?? o.Name!, o.Description, o.Enabled ?? true, [.. (o.Domains ?? []).Select(d => d.Name!)]))],
            AccountJson.Default.ListAccountOrganization);
    }
}
