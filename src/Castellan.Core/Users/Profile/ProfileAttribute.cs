using System.Text.Json;
using Castellan.Core.Login;
using Castellan.Core.Login.Actions;
using Castellan.Core.Realms;
using Castellan.Core.Users.Profile.Validators;

namespace Castellan.Core.Users.Profile;

/// <summary>An attribute of a compiled profile.</summary>
public sealed class ProfileAttribute
{
    /// <summary>The longest value of an attribute for which no length is configured.</summary>
    internal const int MaxLength = 2048;

    private static readonly (AttributeValidator Validator, ValidatorSettings Settings) s_single = (new MultivaluedValidator(), Settings("""{"max":1}"""));
    private static readonly (AttributeValidator Validator, ValidatorSettings Settings) s_length = (new LengthValidator(), Settings($$"""{"min":0,"max":{{MaxLength}}}"""));

    private readonly Realm _realm;
    private readonly BuiltIn? _builtIn;
    private readonly List<(AttributeValidator Validator, ValidatorSettings Settings)> _validators = [];

    internal ProfileAttribute(Realm realm, UPAttribute config, BuiltIn? builtIn = null)
    {
        (_realm, Config, _builtIn) = (realm, config, builtIn);
        foreach (var (id, settings) in config.Validations ?? [])
        {
            if (AttributeValidators.Find(id) is { } validator)
            {
                _validators.Add((validator, new ValidatorSettings(settings)));
            }
        }

        if (builtIn is null && !config.Multivalued && !Has<MultivaluedValidator>())
        {
            _validators.Add(s_single);
        }

        if (!Has<LengthValidator>())
        {
            _validators.Add(s_length);
        }
    }

    public UPAttribute Config { get; }

    public string Name => Config.Name!;

    public string DisplayName => Config.DisplayName is { Length: > 0 } name ? name : Name;

    /// <summary>Whether the configuration names it; some are there without being named.</summary>
    public bool IsDeclared => _builtIn is null;

    /// <summary>The attributes that Keycloak has in every profile, whatever is configured.</summary>
    internal static IEnumerable<ProfileAttribute> BuiltIns(Realm realm) =>
    [
        new(realm, new UPAttribute { Name = UserProfile.Locale }, new(
            static c => c is ProfileContext.Admin or ProfileContext.Account or ProfileContext.Registration,
            IsVisible: (_, r) => r.Settings.InternationalizationEnabled == true, IsWritable: true)),
        new(realm, new UPAttribute { Name = UserProfile.PendingEmail, DisplayName = "${emailPendingVerification}" }, new(
            static c => c == ProfileContext.Admin,
            IsVisible: (user, r) => EmailIsChangedByAction(r) && user?.Attribute(UserProfile.PendingEmail) is not null, IsWritable: true)),
        new(realm, new UPAttribute { Name = UserProfile.Terms, DisplayName = "${termsAndConditionsUserAttribute}" }, new(
            static c => c == ProfileContext.Admin, IsVisible: (_, r) => RequiredActions.IsEnabled(r, TermsAndConditions.Id), IsWritable: false)),
    ];

    /// <summary>Whether the realm changes e-mails by an action of its own, so that profile forms must not.</summary>
    public static bool EmailIsChangedByAction(Realm realm) => RequiredActions.IsEnabled(realm, UpdateEmail.Id);

    /// <summary>Whether the profile has the attribute here; where it has not, it is neither seen nor touched.</summary>
    public bool IsIn(ProfileContext context, IReadOnlyCollection<string>? scopes) => _builtIn is { } builtIn
        ? builtIn.IsIn(context)
        : IsMember || context == ProfileContext.Admin || Config.Selector?.Scopes is not { Count: > 0 } selector || Asked(selector, scopes);

    /// <param name="user">Whose; null for a new user.</param>
    public bool IsWritable(ProfileContext context, User? user)
    {
        if (_builtIn is { } builtIn)
        {
            return builtIn.IsWritable && builtIn.IsVisible(user, _realm);
        }

        // The language of somebody's pages is ours to keep, whatever the directory has.
        if (user?.Federated is { IsReadOnly: true } && Name != UserProfile.Locale)
        {
            return false;
        }

        if (NamesNewcomers(context))
        {
            return true;
        }

        var settings = _realm.Settings;
        var nameIsEmail = settings.RegistrationEmailAsUsername == true;
        var namesChange = settings.EditUsernameAllowed == true;
        var ruled = Name switch
        {
            UserProfile.Username => context switch
            {
                ProfileContext.Registration => !nameIsEmail,
                ProfileContext.Admin => !nameIsEmail && (user is null || namesChange),
                ProfileContext.IdentityProviderReview => !nameIsEmail,
                _ => namesChange && !nameIsEmail,
            },
            UserProfile.Email => context switch
            {
                // Whoever has no e-mail yet may give one with the rest of the profile.
                ProfileContext.UpdateProfile when EmailIsChangedByAction(_realm) => user?.Email is null or "",
                ProfileContext.Account when EmailIsChangedByAction(_realm) => false,
                ProfileContext.Account or ProfileContext.UpdateProfile => !(nameIsEmail && !namesChange),
                _ => true,
            },
            _ => true,
        };
        return ruled && (Permissions is { } permissions ? permissions.Edit?.Contains(Role(context)) ?? false : IsMember);
    }

    public bool IsVisible(ProfileContext context, User? user, IReadOnlyCollection<string>? scopes)
    {
        if (!IsIn(context, scopes))
        {
            return false;
        }

        if (_builtIn is { } builtIn)
        {
            return builtIn.IsVisible(user, _realm);
        }

        var nameIsEmail = _realm.Settings.RegistrationEmailAsUsername == true;
        var ruled = (Name, context) switch
        {
            (UserProfile.Username, ProfileContext.Registration) => !nameIsEmail,
            (UserProfile.Email, ProfileContext.UpdateProfile) => EmailIsChangedByAction(_realm) ? IsWritable(context, user) : !nameIsEmail || _realm.Settings.EditUsernameAllowed == true,
            _ => true,
        };
        return ruled && (NamesNewcomers(context) || (Permissions is { } permissions
            ? (permissions.Edit?.Contains(Role(context)) ?? false) || (permissions.View?.Contains(Role(context)) ?? false)
            : IsMember));
    }

    public bool IsRequired(ProfileContext context, IReadOnlyCollection<string>? scopes)
    {
        var nameIsEmail = _realm.Settings.RegistrationEmailAsUsername == true;
        return Name switch
        {
            UserProfile.Username => !nameIsEmail,
            UserProfile.Email => nameIsEmail || IsDemanded(context, scopes),
            _ => IsDemanded(context, scopes),
        };
    }

    /// <summary>What the configured validators find.</summary>
    internal IEnumerable<Finding> Check(IReadOnlyList<string> values, string? locale, bool required) =>
        _validators.SelectMany(v => Distinct(v.Validator is MultivaluedValidator many ? many.Check(values, v.Settings, required) : v.Validator.Check(values, v.Settings, locale)))
            .Concat(Distinct(Has<EmailValidator>() && MailIsAscii ? values.Where(IsForeignMail).Select(static _ => new Finding("error-non-ascii-local-part-email")) : []));

    /// <summary>A validator says of several values the same thing once.</summary>
    private static IEnumerable<Finding> Distinct(IEnumerable<Finding> findings) => findings.DistinctBy(static f => (f.Message, string.Join('\0', f.Parameters)));

    private bool IsMember => Name is UserProfile.Username or UserProfile.Email;

    /// <summary>Rights to none are no rights said: name and e-mail are then everybody's.</summary>
    private UPAttributePermissions? Permissions => IsMember && Config.Permissions is { View: null or [], Edit: null or [] } ? null : Config.Permissions;

    /// <summary>A mail server that was not said to take UTF-8 delivers nothing to an address with other letters before the at sign.</summary>
    private bool MailIsAscii => _realm.Settings.SmtpServer is { Count: > 0 } server && server.GetValueOrDefault("allowutf8") != "true";

    private bool Has<T>() => _validators.Exists(v => v.Validator is T);

    /// <summary>Nobody could register without what becomes the name, whatever the rights say.</summary>
    private bool NamesNewcomers(ProfileContext context) =>
        context == ProfileContext.Registration && Name == (_realm.Settings.RegistrationEmailAsUsername == true ? UserProfile.Email : UserProfile.Username);

    private bool IsDemanded(ProfileContext context, IReadOnlyCollection<string>? scopes)
    {
        if (Config.Required is not { } required)
        {
            return false;
        }

        var (roles, asked) = (required.Roles ?? [], required.Scopes ?? []);
        return asked.Count > 0 ? context != ProfileContext.Admin && Asked(asked, scopes) : roles.Count == 0 || roles.Contains(Role(context));
    }

    private static bool IsForeignMail(string value) =>
        EmailAddress.IsValid(value) && value.AsSpan(0, value.LastIndexOf('@')).ContainsAnyExceptInRange('\0', '\u007F');

    private static ValidatorSettings Settings(string json) => new(JsonSerializer.Deserialize(json, ProfileJson.Default.DictionaryStringJsonElement));

    private static bool Asked(List<string> wanted, IReadOnlyCollection<string>? scopes) => scopes is not null && wanted.Exists(scopes.Contains);

    private static string Role(ProfileContext context) => context == ProfileContext.Admin ? "admin" : "user";

    /// <summary>How an attribute is there that no configuration names.</summary>
    internal sealed record BuiltIn(Func<ProfileContext, bool> IsIn, Func<User?, Realm, bool> IsVisible, bool IsWritable);
}
