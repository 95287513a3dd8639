using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Users.Profile;

/// <summary>A profile on its way: what was given, completed by what the giver may not write.</summary>
internal sealed class ProfileDraft
{
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
            if (Find(name) is not null || TakesUnmanaged(name) || (ReservedAttributes.IsReservedFor(request.Context, name) && IsStored(name)) || IsOfDirectory(name))
            {
                _values[name] = Normal(name, values);
            }
        }

        foreach (var attribute in _profile.Attributes.Where(a => a.IsIn(request.Context, request.Scopes)))
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

            if (_values[attribute.Name].Count == 0 && (request.User is null || !IsFixed(attribute)) && attribute.Config.DefaultValue is { Length: > 0 } value)
            {
                _values[attribute.Name] = [value];
            }
        }

        FollowEmail();
    }

    /// <summary>The attributes and members of a user by name; absent members are absent.</summary>
    public static Dictionary<string, List<string>> Current(User user) => Current(user.Representation);

    public static Dictionary<string, List<string>> Current(UserRepresentation user)
    {
        var current = new Dictionary<string, List<string>>(user.Attributes ?? [], StringComparer.Ordinal);
        foreach (var member in UserProfile.Members)
        {
            current.Remove(member);
            if (Member(user, member) is { } value)
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
            if (Find(name) is { } attribute)
            {
                Check(attribute, values, errors);
            }
            else if (values.Exists(v => v.Trim().Length > ProfileAttribute.MaxLength) && !Same(values, _current.GetValueOrDefault(name)))
            {
                errors.Add(Error(name, "error-invalid-length", 0, ProfileAttribute.MaxLength));
            }

            if (IsOfDirectory(name) && !TakesUnmanaged(name) && !ReservedAttributes.IsReservedFor(_request.Context, name) && !Same(values, _current.GetValueOrDefault(name)))
            {
                errors.Add(Error(name, "error-user-attribute-read-only"));
            }

            if (ReservedAttributes.IsReservedFor(_request.Context, name) && !Same(values, _current.GetValueOrDefault(name)))
            {
                errors.Add(Error(name, "updateReadOnlyAttributesRejectedMessage"));
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
            if (!Writes(name) || IsUnchanged(name, given) || (given.Count == 0 && !_request.RemoveMissing && !UserProfile.Members.Contains(name)))
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

        if (_request.RemoveMissing)
        {
            foreach (var name in attributes.Keys.Where(n => !_values.ContainsKey(n) && TakesUnmanaged(n) && !ReservedAttributes.IsReservedFor(_request.Context, n)).ToList())
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
        if (_request.User is not null && !writable && (same || (current is null or [] && values is [var only] && only == attribute.Config.DefaultValue)))
        {
            // The default that a form showed may also come back from it, though it is not stored yet.
            // It may have been wrong before; who cannot mend it shall not be held up by it.
            return;
        }

        var blank = values.TrueForAll(string.IsNullOrWhiteSpace);
        if (blank && name == UserProfile.Username)
        {
            errors.Add(Error(name, ProfileError.MissingUsername));
        }

        var required = attribute.IsRequired(_request.Context, _request.Scopes);
        if (blank && required && name == UserProfile.Email && (_request.Context == ProfileContext.IdentityProviderReview || (_request.Context != ProfileContext.Admin && values.Count > 0)))
        {
            errors.Add(Error(name, ProfileError.MissingEmail));
        }

        errors.AddRange(attribute.Check(values, _request.Locale, required).Select(f => Error(name, f.Message, f.Parameters)));
        if (writable && required && attribute.Config.Required is not null && name != UserProfile.Username && (blank || values.Exists(string.IsNullOrWhiteSpace)))
        {
            errors.Add(Error(name, "error-user-attribute-required"));
        }

        if (attribute.IsDeclared && _request.User is not null && !writable && !(name == UserProfile.Email && NameIsEmail))
        {
            errors.Add(Error(name, "error-user-attribute-read-only"));
            if (name == UserProfile.Username && _request.Context is ProfileContext.Account or ProfileContext.UpdateProfile)
            {
                errors.Add(Error(name, "readOnlyUsernameMessage"));
            }
        }
    }

    /// <summary>Where e-mails are names, the name follows the e-mail, and an e-mail that may not change is left as it is without a word.</summary>
    private void FollowEmail()
    {
        var user = _request.User;
        if (!NameIsEmail)
        {
            if (user is not null && _values[UserProfile.Username].Count == 0 && IsFixed(_profile.Find(UserProfile.Username)!))
            {
                _values[UserProfile.Username] = [user.Username];
            }

            return;
        }

        if (user is not null && _profile.Find(UserProfile.Email) is { } email && IsFixed(email))
        {
            _values[UserProfile.Email] = user.Email is null ? [] : [user.Email];
        }

        if (_values[UserProfile.Email] is { Count: > 0 } address)
        {
            _values[UserProfile.Username] = address;
        }
        else if (_values[UserProfile.Username].Count == 0 && user is not null)
        {
            _values[UserProfile.Username] = [user.Username];
        }
    }

    private bool NameIsEmail => _profile.Realm.Settings.RegistrationEmailAsUsername == true;

    private bool IsFixed(ProfileAttribute attribute) =>
        // The name that follows the e-mail is written through it.
        !(attribute.Name == UserProfile.Username && NameIsEmail) && !attribute.IsWritable(_request.Context, _request.User);

    private bool Writes(string name) =>
        Find(name) is { } attribute ? !IsFixed(attribute) : !ReservedAttributes.IsReservedFor(_request.Context, name) && TakesUnmanaged(name);

    private bool TakesUnmanaged(string name) =>
        IsOfDirectory(name) ? _request.User!.Federated is { IsReadOnly: false } : _profile.TakesUnmanaged(_request.Context) && _profile.IsUnmanaged(name);

    /// <summary>Whether nothing but the directory of the user knows the attribute; then administrators see it, whatever the profile says.</summary>
    private bool IsOfDirectory(string name) => _profile.IsOfDirectory(_request.Context, _request.User, name);

    /// <summary>The attribute if the profile has it where the change is made.</summary>
    private ProfileAttribute? Find(string name) => _profile.Find(name, _request.Context, _request.Scopes);

    private bool IsStored(string name) => _current.GetValueOrDefault(name) is [{ Length: > 0 }, ..];

    /// <summary>What a realm file brought stays as it came, empty values too, for as long as nobody gives another.</summary>
    private bool IsUnchanged(string name, List<string> given) => !UserProfile.Members.Contains(name) && _current.GetValueOrDefault(name) is { } current
        && given.Order(StringComparer.Ordinal).SequenceEqual(current.Order(StringComparer.Ordinal));

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
