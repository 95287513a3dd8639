using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Login.Actions;

/// <summary>A form of profile attributes, as registration and the profile actions show it.</summary>
/// <param name="Metadata">Which attributes, how they are named, checked and grouped.</param>
/// <param name="Values">What stands in the fields.</param>
public sealed record ProfileFields(UserProfileMetadata Metadata, IReadOnlyDictionary<string, List<string>> Values);

public sealed record UpdateProfilePage(ProfileFields Fields) : LoginPage("login-update-profile");

public sealed record RegisterPage(ProfileFields Fields, bool Password, bool Terms) : LoginPage("register")
{
    /// <summary>The name of the organization that the person was invited to.</summary>
    public string? Organization { get; init; }
}

/// <summary>Between forms and the realm's user profile.</summary>
public static class ProfileForm
{
    /// <summary>The fields to show, with what was typed or, before that, what is stored.</summary>
    /// <param name="known">What is known of somebody who has no account yet.</param>
    public static ProfileFields Fields(LoginContext context, ProfileContext where, User? user, LoginForm? form, IReadOnlyDictionary<string, List<string>>? known = null)
    {
        var metadata = UserProfile.Of(context.Realm).Metadata(where, user, ScopesOf(context));
        metadata.Attributes.RemoveAll(a => IsHidden(context, where, a));
        var stored = known ?? (user is null ? new Dictionary<string, List<string>>() : ProfileDraft.Current(user));
        var values = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var attribute in metadata.Attributes)
        {
            values[attribute.Name!] = form is not null && form.Has(attribute.Name!) && !attribute.ReadOnly ? [.. form.All(attribute.Name!)]
                : stored.GetValueOrDefault(attribute.Name!) ?? (attribute.DefaultValue is { } value ? [value] : []);
        }

        return new ProfileFields(metadata, values);
    }

    /// <summary>What a form leaves out though it may be seen: at registration what cannot be filled in, later the fixed name and the language.</summary>
    private static bool IsHidden(LoginContext context, ProfileContext where, UserProfileAttributeMetadata attribute) => where == ProfileContext.Registration
        ? attribute.ReadOnly
        : (attribute.Name == UserProfile.Username && attribute.ReadOnly) || (attribute.Name == UserProfile.Locale && UserProfile.Of(context.Realm).Find(UserProfile.Locale) is { IsDeclared: false });

    /// <summary>What a form says of the profile: only fields that the page shows. Empty values are none.</summary>
    public static Dictionary<string, List<string>> Read(LoginContext context, ProfileContext where, User? user, LoginForm form)
    {
        var values = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var profile = UserProfile.Of(context.Realm);
        foreach (var attribute in profile.Metadata(where, user, ScopesOf(context)).Attributes)
        {
            if (form.Has(attribute.Name!))
            {
                values[attribute.Name!] = [.. form.All(attribute.Name!).Where(v => v.Length > 0)];
            }
            else if (user is not null && (attribute.ReadOnly || UserProfile.Members.Contains(attribute.Name!)) && ProfileDraft.Current(user).GetValueOrDefault(attribute.Name!) is { } kept)
            {
                values[attribute.Name!] = kept;
            }
        }

        if (user is not null && !values.ContainsKey(UserProfile.Username))
        {
            values[UserProfile.Username] = [user.Username];
        }

        return values;
    }

    /// <summary>What is wrong, beside the fields; required things before the rest, as people read.</summary>
    public static IEnumerable<LoginMessage> Messages(IEnumerable<ProfileError> errors) =>
        errors.Select(e => LoginMessage.At(e.Attribute, e.Message, [e.DisplayName ?? e.Attribute, .. e.Parameters]));

    public static IReadOnlyCollection<string> ScopesOf(LoginContext context)
    {
        var asked = context.Tab.ClientNote("scope")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return [.. context.Client.DefaultScopes.Select(s => s.Name), .. asked];
    }
}
