using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Core.Federation;

/// <summary>A change of somebody of whom more was shown than is kept.</summary>
internal static class UserMerge
{
    /// <summary>What is to be kept: where nothing was changed of what was shown, what was kept; where something was, that.</summary>
    public static UserRepresentation Of(UserRepresentation kept, UserRepresentation shown, UserRepresentation changed)
    {
        var merged = UserRepresentations.Copy(changed);
        merged.Username = changed.Username == shown.Username ? kept.Username : changed.Username;
        merged.Email = changed.Email == shown.Email ? kept.Email : changed.Email;
        merged.FirstName = changed.FirstName == shown.FirstName ? kept.FirstName : changed.FirstName;
        merged.LastName = changed.LastName == shown.LastName ? kept.LastName : changed.LastName;
        merged.Enabled = changed.Enabled == shown.Enabled ? kept.Enabled : changed.Enabled;
        merged.EmailVerified = changed.EmailVerified == shown.EmailVerified ? kept.EmailVerified : changed.EmailVerified;
        merged.RequiredActions = (changed.RequiredActions ?? []).SequenceEqual(shown.RequiredActions ?? []) ? kept.RequiredActions : changed.RequiredActions;
        var attributes = merged.Attributes ??= new(StringComparer.Ordinal);
        foreach (var (name, values) in shown.Attributes ?? [])
        {
            if (attributes.TryGetValue(name, out var now) && now.SequenceEqual(values))
            {
                attributes.Remove(name);
                if (kept.Attributes?.GetValueOrDefault(name) is { } before)
                {
                    attributes[name] = before;
                }
            }
        }

        return merged;
    }
}
