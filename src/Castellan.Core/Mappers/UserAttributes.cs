using Castellan.Core.Groups;
using Castellan.Core.Tokens;

namespace Castellan.Core.Mappers;

/// <summary>Attributes of a user, with those of the groups where the user has none.</summary>
internal static class UserAttributes
{
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

    private static IReadOnlyList<string> Own(Grant grant, string name)
    {
        var user = grant.User.Representation;
        var one = name switch
        {
            "username" => user.Username,
            "email" => user.Email,
            "firstName" => user.FirstName,
            "lastName" => user.LastName,
            _ => null,
        };
        return one is { Length: > 0 } ? [one] : user.Attributes?.GetValueOrDefault(name) is { Count: > 0 } values ? values : [];
    }
}
