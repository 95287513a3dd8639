using Castellan.Core.Groups;
using Castellan.Core.Representations;
using Castellan.Core.Tokens;

namespace Castellan.Core.Mappers;

/// <summary>Attributes of a user, with those of the groups where the user has none.</summary>
internal static class UserAttributes
{
    private static readonly List<string> s_none = [];

    public static IReadOnlyList<string> Values(Grant grant, string name, bool aggregate)
    {
        var own = Own(grant, name);
        if (own.Count > 0 && !aggregate)
        {
            return own;
        }

        List<string>? all = null;
        foreach (var id in grant.User.GroupIds)
        {
            if (grant.Realm.Groups.Find(id) is not { } group)
            {
                continue;
            }

            foreach (var above in grant.Realm.Groups.Lineage(group))
            {
                if (above.Representation.Attributes?.GetValueOrDefault(name) is { Count: > 0 } values)
                {
                    if (!aggregate)
                    {
                        return values;
                    }

                    all ??= [.. own];
                    all.AddRange(values.Except(all));
                }
            }
        }

        return all ?? own;
    }

    /// <summary>What the user's record holds beside the attributes under their names; null when it is none of these, or empty.</summary>
    public static string? Property(UserRepresentation user, string name)
    {
        var value = name switch
        {
            "username" => user.Username,
            "email" => user.Email,
            "firstName" => user.FirstName,
            "lastName" => user.LastName,
            _ => null,
        };
        return value is { Length: > 0 } ? value : null;
    }

    /// <summary>The user's own, whatever the groups have.</summary>
    public static IReadOnlyList<string> Own(Grant grant, string name)
    {
        var user = grant.User.Representation;
        return Property(user, name) is { } one ? [one] : user.Attributes?.GetValueOrDefault(name) ?? s_none;
    }
}
