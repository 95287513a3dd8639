using Castellan.Core.Representations;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Federation.Mappers;

/// <summary>Members and attributes of users by the names that mappers use; those of members without case.</summary>
internal static class UserMembers
{
    private static readonly Dictionary<string, (Func<UserRepresentation, string?> Get, Action<UserRepresentation, string?> Set)> s_members = new(StringComparer.OrdinalIgnoreCase)
    {
        [UserProfile.Username] = (u => u.Username, (u, v) => u.Username = v is { Length: > 0 } ? v.ToLowerInvariant() : u.Username),
        [UserProfile.Email] = (u => u.Email, (u, v) => u.Email = v is { Length: > 0 } ? v.ToLowerInvariant() : null),
        [UserProfile.FirstName] = (u => u.FirstName, (u, v) => u.FirstName = v),
        [UserProfile.LastName] = (u => u.LastName, (u, v) => u.LastName = v),
        ["enabled"] = (u => Word(u.Enabled), (u, v) => u.Enabled = IsTrue(v)),
        ["emailVerified"] = (u => Word(u.EmailVerified), (u, v) => u.EmailVerified = IsTrue(v)),
    };

    public static bool Has(string name) => s_members.ContainsKey(name);

    public static List<string> Get(UserRepresentation user, string name) => s_members.TryGetValue(name, out var member)
        ? member.Get(user) is { Length: > 0 } value ? [value] : []
        : user.Attributes?.GetValueOrDefault(name) ?? [];

    public static void Set(UserRepresentation user, string name, List<string> values)
    {
        if (s_members.TryGetValue(name, out var member))
        {
            member.Set(user, values is [var first, ..] ? first : null);
        }
        else if (values.Count == 0)
        {
            user.Attributes?.Remove(name);
        }
        else
        {
            (user.Attributes ??= new(StringComparer.Ordinal))[name] = values;
        }
    }

    private static string Word(bool? value) => value == true ? "true" : "false";

    private static bool IsTrue(string? value) => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);
}
