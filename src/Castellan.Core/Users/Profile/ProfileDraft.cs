using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Users.Profile;

/// <summary>A profile on its way: what was given, completed by what the giver may not write.</summary>
internal sealed class ProfileDraft
{
    /// <summary>The longest value of an attribute outside the profile.</summary>
    private const int MaxUnmanagedLength = 2048;

    private readonly UserProfile _profile;
    private readonly ProfileRequest _request;
    private readonly Dictionary<string, List<string>> _current;
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    public ProfileDraft(Realm realm, ProfileRequest request)
    {
        _profile = UserProfile.Of(realm);
        _request = request;
        _current = request.User is { } user ? Current(user) : [];
        foreach (var (name, values) in request.Values)
        {
            if (_profile.Find(name) is not null || ReservedAttributes.IsReserved(name) || _profile.TakesUnmanaged(request.Context))
            {
                _values[name] = Normal(name, values);
            }
        }

        foreach (var attribute in _profile.Attributes)
        {
            if (!_values.ContainsKey(attribute.Name))
            {
                // What the giver may not write stays as it is, and so does what she does not see.
                _values[attribute.Name] = IsFixed(attribute) ? _current.GetValueOrDefault(attribute.Name) ?? [] : [];
            }
            else if (request.User is null && IsFixed(attribute) && attribute.Name != UserProfile.Username)
            {
                _values[attribute.Name] = [];
            }

            if (request.User is null && _values[attribute.Name].Count == 0 && attribute.Config.DefaultValue is { Length: > 0 } value)
            {
                _values[attribute.Name] = [value];
            }
        }

        FollowEmail(realm);
    }

    /// <summary>The attributes and members of a user by name; absent members are absent.</summary>
    public static Dictionary<string, List<string>> Current(User user)
    {
        var current = new Dictionary<string, List<string>>(user.Representation.Attributes ?? [], StringComparer.Ordinal);
        foreach (var member in UserProfile.Members)
        {
            current.Remove(member);
            if (Member(user.Representation, member) is { } value)
            {
                current[member] = [value];
            }
        }

        return current;
    }

    public string? First(string name) => _values.GetValueOrDefault(name) is [{ Length: > 0 } first, ..] ? first : null;

    public ProfileError Error(string name, string message, params object?[] parameters) =>
        new(name, message, parameters) { DisplayName = _profile.Find(name)?.DisplayName ?? name };

    /// <summary>Everything that is wrong, uniqueness aside.</summary>
    public IReadOnlyList<ProfileError> Check()
    {
        var errors = new List<ProfileError>();
        foreach (var (name, values) in _values)
        {
            if (_profile.Find(name) is { } attribute)
            {
                Check(attribute, values, errors);
            }
            else if (ReservedAttributes.IsReservedFor(_request.Context, name))
            {
                if (!Same(values, _current.GetValueOrDefault(name)))
                {
                    errors.Add(Error(name, "updateReadOnlyAttributesRejectedMessage"));
                }
            }
            else if (values.Exists(v => v.Length > MaxUnmanagedLength) && !Same(values, _current.GetValueOrDefault(name)))
            {
                errors.Add(Error(name, "error-invalid-length", 0, MaxUnmanagedLength));
            }
        }

        return errors;
    }

    /// <summary>The user with its new profile.</summary>
    public UserRepresentation Apply(out bool emailChanged)
    {
        var changed = _request.User is { } user ? UserRepresentations.Copy(user.Representation) : new UserRepresentation();
        var attributes = new Dictionary<string, List<string>>(changed.Attributes ?? [], StringComparer.Ordinal);
        foreach (var (name, given) in _values)
        {
            var values = given.FindAll(v => !string.IsNullOrWhiteSpace(v));
            if (!Writes(name) || (values.Count == 0 && !_request.RemoveMissing))
            {
                continue;
            }

            if (UserProfile.Members.Contains(name))
            {
                SetMember(changed, name, values is [var first, ..] ? first : null);
            }
            else if (values.Count == 0)
            {
                attributes.Remove(name);
            }
            else
            {
                attributes[name] = values;
            }
        }

        if (_request.RemoveMissing && _profile.TakesUnmanaged(_request.Context))
        {
            foreach (var name in attributes.Keys.Where(n => !_values.ContainsKey(n) && !ReservedAttributes.IsReserved(n)).ToList())
            {
                attributes.Remove(name);
            }
        }

        changed.Attributes = attributes.Count == 0 ? null : attributes;
        emailChanged = changed.Email != _request.User?.Email;
        if (emailChanged && _request.User is not null && _request.Context is ProfileContext.Account or ProfileContext.UpdateProfile)
        {
            changed.EmailVerified = false;
        }

        return changed;
    }

    private void Check(ProfileAttribute attribute, List<string> values, List<ProfileError> errors)
    {
        var name = attribute.Name;
        var current = _current.GetValueOrDefault(name);
        var writable = !IsFixed(attribute);
        var same = Same(values, current);
        if (_request.User is not null && !writable && same)
        {
            // It may have been wrong before; who cannot mend it shall not be held up by it.
            return;
        }

        var blank = values.TrueForAll(string.IsNullOrWhiteSpace);
        if (blank && name == UserProfile.Username)
        {
            errors.Add(Error(name, ProfileError.MissingUsername));
        }

        errors.AddRange(attribute.Check(values, _request.Locale).Select(f => Error(name, f.Message, f.Parameters)));
        if (writable && name != UserProfile.Username && attribute.IsRequired(_request.Context, _request.Scopes) && (blank || values.Exists(string.IsNullOrWhiteSpace))
            && attribute.IsVisible(_request.Context, _request.User, _request.Scopes))
        {
            if (name == UserProfile.Email && _request.Context is ProfileContext.IdentityProviderReview)
            {
                errors.Add(Error(name, ProfileError.MissingEmail));
            }

            errors.Add(Error(name, "error-user-attribute-required"));
            if (name == UserProfile.Email && _request.Context is ProfileContext.Account)
            {
                errors.Add(Error(name, ProfileError.MissingEmail));
            }
        }

        if (_request.User is not null && !writable && !(name == UserProfile.Email && FollowsNames()))
        {
            errors.Add(Error(name, "error-user-attribute-read-only"));
            if (name == UserProfile.Username && _request.Context is ProfileContext.Account or ProfileContext.UpdateProfile)
            {
                errors.Add(Error(name, "readOnlyUsernameMessage"));
            }
        }
    }

    /// <summary>Where e-mails are names, the name follows the e-mail, and an e-mail that may not change is left as it is without a word.</summary>
    private void FollowEmail(Realm realm)
    {
        if (realm.Settings.RegistrationEmailAsUsername != true)
        {
            if (_request.User is { } user && First(UserProfile.Username) is null)
            {
                _values[UserProfile.Username] = [user.Username];
            }

            return;
        }

        if (_request.User is { } person && FollowsNames() && _profile.Find(UserProfile.Email) is { } email && IsFixed(email))
        {
            _values[UserProfile.Email] = person.Email is null ? [] : [person.Email];
        }

        _values[UserProfile.Username] = First(UserProfile.Email) is { } address ? [address] : _current.GetValueOrDefault(UserProfile.Username) ?? [];
    }

    private bool FollowsNames() => _profile.Realm.Settings is { RegistrationEmailAsUsername: true } settings && settings.EditUsernameAllowed != true;

    private bool IsFixed(ProfileAttribute attribute) =>
        // The name that follows the e-mail is written through it.
        !(attribute.Name == UserProfile.Username && _profile.Realm.Settings.RegistrationEmailAsUsername == true) && !attribute.IsWritable(_request.Context, _request.User);

    private bool Writes(string name) =>
        _profile.Find(name) is { } attribute ? !IsFixed(attribute)
        : !ReservedAttributes.IsReservedFor(_request.Context, name) && (_profile.TakesUnmanaged(_request.Context) || ReservedAttributes.IsReserved(name));

    private static bool Same(List<string> values, List<string>? current) =>
        values.Where(v => v.Length > 0).Order(StringComparer.Ordinal).SequenceEqual((current ?? []).Where(v => v.Length > 0).Order(StringComparer.Ordinal));

    private static List<string> Normal(string name, List<string> values) =>
        name is UserProfile.Username or UserProfile.Email ? values.ConvertAll(v => v.ToLowerInvariant()) : values;

    private static string? Member(UserRepresentation user, string name) => name switch
    {
        UserProfile.Username => user.Username,
        UserProfile.Email => user.Email,
        UserProfile.FirstName => user.FirstName,
        _ => user.LastName,
    };

    private static void SetMember(UserRepresentation user, string name, string? value)
    {
        switch (name)
        {
            case UserProfile.Username:
                user.Username = value ?? user.Username;
                break;
            case UserProfile.Email:
                user.Email = value;
                break;
            case UserProfile.FirstName:
                user.FirstName = value;
                break;
            default:
                user.LastName = value;
                break;
        }
    }
}
