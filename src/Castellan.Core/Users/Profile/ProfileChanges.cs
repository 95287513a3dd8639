using Castellan.Core.Events;
using Castellan.Core.Representations;

namespace Castellan.Core.Users.Profile;

/// <summary>What a person changed of their profile, for the event.</summary>
public static class ProfileChanges
{
    /// <summary>Adds each change as <c>previous_x</c> and <c>updated_x</c>; several values are joined by <c>::</c>.</summary>
    public static LoginEvent WithChanges(this LoginEvent happened, User before, UserRepresentation after)
    {
        var (old, now) = (ProfileDraft.Current(before), ProfileDraft.Current(after));
        foreach (var name in old.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
        {
            if ((Text(old, name), Text(now, name)) is var (previous, updated) && previous != updated)
            {
                var detail = name switch { UserProfile.FirstName => "first_name", UserProfile.LastName => "last_name", _ => name };
                happened.With("previous_" + detail, previous).With("updated_" + detail, updated);
            }
        }

        return happened;
    }

    private static string? Text(Dictionary<string, List<string>> values, string name) => values.GetValueOrDefault(name) is { Count: > 0 } some ? string.Join("::", some) : null;
}
