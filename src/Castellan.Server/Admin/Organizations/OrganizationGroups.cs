using Castellan.Core.Groups;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;

namespace Castellan.Server.Admin.Organizations;

/// <summary>The groups of one organization, and how they are shown.</summary>
internal sealed class OrganizationGroups(Realm realm, OrganizationRepresentation organization, GroupTree tree)
{
    public GroupTree Tree => tree;

    public OrganizationRepresentation Organization => organization;

    /// <summary>The parent of groups at the top.</summary>
    public string Root => organization.Id!;

    public static async ValueTask<OrganizationGroups> LoadAsync(AdminContext context, OrganizationRepresentation organization) =>
        new(context.Realm, organization, await context.Service<IOrganizationStore>().GroupsAsync(context.Realm.Id, organization.Id!, context.Aborted));

    /// <summary>The same organization with another tree.</summary>
    public OrganizationGroups With(GroupTree changed) => new(realm, organization, changed);

    public bool IsTaken(string parentId, string name, string? except = null) => tree.Children(parentId).Any(g => g.Name == name && g.Id != except);

    /// <summary>The groups at the top; those of any level that <c>search</c> or <c>q</c> asks for.</summary>
    public IEnumerable<Group> Matching(AdminContext context)
    {
        if (context.Query("q") is { Length: > 0 } q)
        {
            var wanted = AttributeQuery.Parse(q);
            return Sorted(tree.All.Where(g => wanted.All(w => g.Representation.Attributes?.GetValueOrDefault(w.Key)?.Contains(w.Value, StringComparer.Ordinal) ?? false)));
        }

        return context.Query("search")?.Trim() is { Length: > 0 } ? Sorted(tree.All.Where(g => MatchesName(context, g))) : tree.Children(Root);
    }

    public IEnumerable<Group> Children(AdminContext context, Group group) => tree.Children(group.Id).Where(g => MatchesName(context, g));

    public Group? FindByPath(string path) => Groups.GroupRoutes.FindByPath(tree, path, Root);

    /// <param name="brief">Without attributes and roles.</param>
    /// <param name="count">With the number of groups below.</param>
    public GroupRepresentation Show(Group group, bool brief, bool count = false)
    {
        var shown = new GroupRepresentation
        {
            Id = group.Id, Name = group.Name, Description = group.Representation.Description, Path = tree.Path(group), ParentId = group.ParentId,
            SubGroupCount = count ? tree.Children(group.Id).Count() : null, SubGroups = [],
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

    private static bool MatchesName(AdminContext context, Group group) => context.Query("search")?.Trim() is not { Length: > 0 } search
        || (context.Flag("exact") ? group.Name == search : group.Name.Contains(search, StringComparison.OrdinalIgnoreCase));

    private static IOrderedEnumerable<Group> Sorted(IEnumerable<Group> groups) => groups.OrderBy(g => g.Name, StringComparer.Ordinal);
}
