using Castellan.Core.Representations;
using Castellan.Core.Realms;

namespace Castellan.Core.Users.Profile;

/// <summary>What somebody wants a profile to be.</summary>
/// <param name="Context">Where it is said, and thereby by whom.</param>
/// <param name="User">Whose profile; null for a new user.</param>
/// <param name="Values">Attributes and members by name. Those of the members that are absent are missing, not unchanged.</param>
/// <param name="RemoveMissing">Whether attributes that are not given are removed; otherwise they stay. One that is given without a value is removed in any case.</param>
/// <param name="Scopes">The scopes asked for at sign-in; null outside of one.</param>
/// <param name="Locale">The person's language, for dates.</param>
public sealed record ProfileRequest(
    ProfileContext Context, User? User, IReadOnlyDictionary<string, List<string>> Values, bool RemoveMissing = true,
    IReadOnlyCollection<string>? Scopes = null, string? Locale = null);

/// <summary>The profile after the change, or why it is refused.</summary>
/// <param name="Changed">A copy of the user with its new profile; for a new user without id, credentials and settings.</param>
/// <param name="EmailChanged">Whether the e-mail is another; if the person did that, it is no longer verified.</param>
public sealed record ProfileOutcome(UserRepresentation Changed, IReadOnlyList<ProfileError> Errors, bool EmailChanged)
{
    public bool Ok => Errors.Count == 0;
}

/// <summary>Holds profiles against the realm's configuration and brings them into the form that is stored. Writes nothing.</summary>
/// <param name="organizations">Null where there are none.</param>
public sealed class UserProfiles(IUserStore users, Brokering.ProviderOrganizations? organizations = null)
{
    /// <summary>What a person would have to mend at sign-in: the reason for VERIFY_PROFILE.</summary>
    public static IReadOnlyList<ProfileError> Problems(Realm realm, User user, IReadOnlyCollection<string>? scopes = null) =>
        new ProfileDraft(realm, new ProfileRequest(ProfileContext.UpdateProfile, user, ProfileDraft.Current(user), Scopes: scopes)).Check();

    /// <summary>Checks a change, uniqueness included, and says what comes of it.</summary>
    public async ValueTask<ProfileOutcome> ApplyAsync(Realm realm, ProfileRequest request, CancellationToken ct = default)
    {
        var draft = new ProfileDraft(realm, request);
        var errors = await TakenAsync(realm, request, draft, ct);
        errors.AddRange(draft.Check());
        var changed = draft.Apply(out var emailChanged);
        return new ProfileOutcome(changed, errors, emailChanged);
    }

    private async ValueTask<List<ProfileError>> TakenAsync(Realm realm, ProfileRequest request, ProfileDraft draft, CancellationToken ct)
    {
        var errors = new List<ProfileError>();
        if (request.Context == ProfileContext.IdentityProviderReview)
        {
            // Whoever has the name or address already is asked about the link, not told that it is taken.
            return errors;
        }

        var settings = realm.Settings;
        var email = draft.First(UserProfile.Email);
        if (email is not null && email != request.User?.Email && settings.DuplicateEmailsAllowed != true)
        {
            if (IsOther(await users.FindByEmailAsync(realm.Id, email, ct)))
            {
                errors.Add(draft.Error(UserProfile.Email, ProfileError.EmailExists));
                if (settings.RegistrationEmailAsUsername == true && request.User is not null)
                {
                    errors.Add(draft.Error(UserProfile.Email, ProfileError.UsernameExists));
                }
            }
            else if (settings.LoginWithEmailAllowed != false && IsOther(await users.FindByUsernameAsync(realm.Id, email, ct)))
            {
                // At sign-in nobody could tell the one's name from the other's address.
                errors.Add(draft.Error(UserProfile.Email, ProfileError.EmailExists));
            }
        }

        if (organizations is not null && email is not null && request.User is { } person && await organizations.IsForeignAsync(realm, person, email, ct))
        {
            errors.Add(draft.Error(UserProfile.Email, ProfileError.ForeignEmail));
        }

        var name = draft.First(UserProfile.Username);
        if (name is not null && name != request.User?.Username)
        {
            // A name that is another's address would be taken for it at sign-in; where addresses are the names, the address was looked at above.
            var isAddress = settings.LoginWithEmailAllowed != false && settings.RegistrationEmailAsUsername != true && name.IndexOf('@', StringComparison.Ordinal) > 0;
            if (IsOther(await users.FindByUsernameAsync(realm.Id, name, ct)) || (isAddress && IsOther(await users.FindByEmailAsync(realm.Id, name, ct))))
            {
                errors.Add(draft.Error(UserProfile.Username, ProfileError.UsernameExists));
            }
        }

        return errors;

        bool IsOther(User? found) => found is not null && found.Id != request.User?.Id;
    }
}
