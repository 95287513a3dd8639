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
    /// <summary>What themes of older days put before the name of an attribute.</summary>
    private const string Prefix = "user.attributes.";

    /// <summary>What stands on the pages beside the profile, and is no attribute of anybody. A captcha's answer comes from its provider's own script.</summary>
    private static readonly HashSet<string> s_controls = new(
        ["password", "password-confirm", "termsAccepted", "cancel-aia", "g-recaptcha-response"], StringComparer.Ordinal);

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

    /// <summary>
    /// What a form says of the profile. A field that it leaves out says nothing; one that is empty takes the value away. What the page did not ask for is
    /// taken as well: whether the person may write it is the profile's business.
    /// </summary>
    public static Dictionary<string, List<string>> Read(LoginContext context, ProfileContext where, LoginForm form)
    {
        var (profile, scopes) = (UserProfile.Of(context.Realm), ScopesOf(context));
        var values = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var field in form.Names)
        {
            var name = field.StartsWith(Prefix, StringComparison.Ordinal) ? field[Prefix.Length..] : field;
            if (profile.Find(name) is { } attribute
                ? attribute.IsIn(where, scopes)
                : ReservedAttributes.IsReserved(name) || (profile.TakesUnmanaged(where) && !s_controls.Contains(field)))
            {
                values[name] = [.. form.All(field)];
            }
        }

        return values;
    }

    /// <summary>What is wrong, beside the fields; required things before the rest, as people read.</summary>
    public static IEnumerable<LoginMessage> Messages(IEnumerable<ProfileError> errors) =>
        errors.Select(e => LoginMessage.At(e.Attribute, e.Message, [e.DisplayName ?? e.Attribute, .. e.Parameters]));

    /// <summary>Why a profile that was right was not written.</summary>
    /// <param name="key">The attribute by which somebody else is known meanwhile, where that is the reason.</param>
    public static LoginMessage Message(Written written, string key) => written == Written.Taken
        ? LoginMessage.At(key, key == UserProfile.Email ? ProfileError.EmailExists : ProfileError.UsernameExists)
        : LoginMessage.Error("internalServerError");

    public static IReadOnlyCollection<string> ScopesOf(LoginContext context)
    {
        var asked = context.Tab.ClientNote("scope")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return [.. context.Client.DefaultScopes.Select(s => s.Name), .. asked];
    }
}
