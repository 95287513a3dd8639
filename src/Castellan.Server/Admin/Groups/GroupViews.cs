using Castellan.Core.Groups;
using Castellan.Core.Representations;
using Castellan.Core.Roles;

namespace Castellan.Server.Admin.Groups;

/// <summary>A number of things.</summary>
internal sealed class CountRepresentation
{
    public long Count { get; set; }
}

/// <summary>How groups are shown.</summary>
internal static class GroupViews
{
    /// <param name="brief">Without attributes and roles.</param>
    /// <param name="access">With what the caller may do with it.</param>
    /// <param name="count">With the number of groups below.</param>
    public static GroupRepresentation ShowGroup(this AdminContext context, Group group, bool brief, bool access = true, bool count = true)
    {
        var realm = context.Realm;
        var shown = new GroupRepresentation
        {
            Id = group.Id,
            Name = group.Name,
            Description = group.Representation.Description,
            Path = realm.Groups.Path(group),
            ParentId = group.ParentId,
            SubGroupCount = count ? realm.Groups.Children(group.Id).Count(context.Rights.Shows) : null,
            SubGroups = [],
            Access = access ? Access(context, group) : null,
        };
        if (!brief)
        {
            var roles = group.RoleIds.Select(realm.Roles.Find).OfType<Role>().ToList();
            shown.Attributes = group.Representation.Attributes ?? [];
            shown.RealmRoles = [.. roles.Where(r => r.ClientId is null).Select(r => r.Name)];
            shown.ClientRoles = roles.Where(r => r.ClientId is not null).GroupBy(r => r.ClientName!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(r => r.Name).ToList(), StringComparer.Ordinal);
        }

        return shown;
    }

    /// <summary>Whether an id that no group of the realm has is that of a group of an organization.</summary>
    public static async ValueTask<bool> IsOfOrganizationAsync(this AdminContext context, string id) =>
        await context.Service<Core.Organizations.IOrganizationStore>().OwnerOfGroupAsync(context.Realm.Id, id, context.Aborted) is not null;

    private static Dictionary<string, bool> Access(AdminContext context, Group group)
    {
        var rights = context.Rights;
        return new(StringComparer.Ordinal)
        {
            ["view"] = rights.On(group, "view"), ["viewMembers"] = rights.On(group, "view-members"), ["manageMembers"] = rights.On(group, "manage-members"),
            ["manage"] = rights.On(group, "manage"), ["manageMembership"] = rights.On(group, "manage-membership"),
        };
    }
}
