using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Core.Mappers;

/// <summary>Attributes of a user, with those of the groups where the user has none.</summary>
internal static class UserAttributes
{
    private static readonly List<string> s_none = [];

    public static IReadOnlyList<string> Values(Realm realm, User user, string name, bool aggregate)
    {
        var own = Own(user, name);
        if (own.Count > 0 && !aggregate)
        {
            return own;
        }

        List<string>? all = null;
        foreach (var id in user.GroupIds)
        {
            if (realm.Groups.Find(id) is not { } group)
            {
                continue;
            }

            foreach (var above in realm.Groups.Lineage(group))
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

    /// <summary>Whether every user's record has a place for it, with or without a value.</summary>
    public static bool IsProperty(string name) => name is "username" or "email" or "firstName" or "lastName";

    /// <summary>The user's own, whatever the groups have.</summary>
    public static IReadOnlyList<string> Own(User user, string name) =>
        Property(user.Representation, name) is { } one ? [one] : user.Representation.Attributes?.GetValueOrDefault(name) ?? s_none;
}
