using Castellan.Core.Groups;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Groups;

/// <summary>Which groups a list is asked for, and the tree in which they are shown.</summary>
internal static class GroupSearch
{
    public static List<GroupRepresentation> Find(AdminContext context)
    {
        var groups = context.Realm.Groups;
        var brief = context.Brief(otherwise: true);
        var count = context.Flag("subGroupsCount", otherwise: true);
        if (context.Query("search") is null && context.Query("q") is null)
        {
            return [.. context.Page(groups.Children(null).Where(context.Rights.Shows)).Select(g => context.ShowGroup(g, brief, count: count))];
        }

        var found = context.Page(Matching(context).OrderBy(g => g.Name, StringComparer.Ordinal)).ToList();
        return context.Flag("populateHierarchy", otherwise: true)
            ? Tree(context, found, brief, count)
            : [.. found.Select(g => context.ShowGroup(g, brief, count: count))];
    }

    /// <summary>The groups that carry the text in their name, or the attributes that <c>q</c> names.</summary>
    public static IEnumerable<Group> Matching(AdminContext context)
    {
        var groups = context.Realm.Groups.All.Where(context.Rights.Shows);
        if (context.Query("q") is { Length: > 0 } q)
        {
            var wanted = AttributeQuery.Parse(q);
            return groups.Where(g => wanted.All(w => g.Representation.Attributes?.GetValueOrDefault(w.Key)?.Contains(w.Value, StringComparer.Ordinal) ?? false));
        }

        var search = context.Query("search")?.Trim() ?? "";
        var exact = context.Flag("exact");
        return groups.Where(g => exact ? g.Name == search : g.Name.Contains(search, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Each group that was found below those above it.</summary>
    private static List<GroupRepresentation> Tree(AdminContext context, List<Group> found, bool brief, bool count)
    {
        var top = new List<GroupRepresentation>();
        var shown = new Dictionary<string, GroupRepresentation>(StringComparer.Ordinal);
        foreach (var group in found)
        {
            GroupRepresentation? below = null;
            foreach (var at in context.Realm.Groups.Lineage(group))
            {
                var known = shown.TryGetValue(at.Id, out var here);
                here ??= shown[at.Id] = context.ShowGroup(at, brief, count: count);
                if (below is not null)
                {
                    here.SubGroups!.Add(below);
                }

                if (known)
                {
                    below = null;
                    break;
                }

                below = here;
            }

            if (below is not null)
            {
                top.Add(below);
            }
        }

        return top;
    }
}
