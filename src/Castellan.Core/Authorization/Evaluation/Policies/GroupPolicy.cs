namespace Castellan.Core.Authorization.Evaluation.Policies;

/// <summary>A member of one of the groups, or of a group below one that is extended. A claim may stand in place of the membership.</summary>
internal sealed class GroupPolicy : IPolicyRule
{
    public string Type => "group";

    public ValueTask<bool?> HoldsAsync(Policy policy, PolicyContext context, Func<string, ValueTask<bool?>> decide, CancellationToken ct)
    {
        var groups = context.Realm.Groups;
        IReadOnlyList<string> claimed = policy.Config("groupsClaim") is { Length: > 0 } claim ? context.ClaimValues(claim) : [];
        if (claimed.Count == 0)
        {
            claimed = [.. context.User.GroupIds.Select(groups.Find).OfType<Groups.Group>().Select(groups.Path)];
        }

        return new(PolicyReferences.Read(policy.Config("groups")).Any(reference => groups.Find(reference.Id) is { } group && claimed.Any(c => Is(c, group, reference.Marked))));

        bool Is(string name, Groups.Group group, bool extended)
        {
            // A claim may hold bare names.
            var path = groups.Path(group);
            return name.Contains('/', StringComparison.Ordinal)
                ? name == path || (extended && name.StartsWith(path + "/", StringComparison.Ordinal))
                : name == group.Name;
        }
    }
}
