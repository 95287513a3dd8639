using Castellan.Core.Realms;
using Castellan.Core.Users.Profile.Validators;

namespace Castellan.Core.Users.Profile;

/// <summary>An attribute of a compiled profile.</summary>
public sealed class ProfileAttribute
{
    private readonly Realm _realm;
    private readonly List<(AttributeValidator Validator, ValidatorSettings Settings)> _validators = [];

    internal ProfileAttribute(Realm realm, UPAttribute config, bool declared = true)
    {
        (_realm, Config, IsDeclared) = (realm, config, declared);
        foreach (var (id, settings) in config.Validations ?? [])
        {
            if (AttributeValidators.Find(id) is { } validator)
            {
                _validators.Add((validator, new ValidatorSettings(settings)));
            }
        }

        if (declared && !config.Multivalued && _validators.TrueForAll(v => v.Validator is not MultivaluedValidator))
        {
            _validators.Add((new MultivaluedValidator(), new ValidatorSettings(new Dictionary<string, System.Text.Json.JsonElement>
            {
                ["max"] = System.Text.Json.JsonDocument.Parse("1").RootElement,
            })));
        }
    }

    public UPAttribute Config { get; }

    public string Name => Config.Name!;

    public string DisplayName => Config.DisplayName is { Length: > 0 } name ? name : Name;

    /// <summary>Whether the configuration names it; <c>locale</c> is there without being named.</summary>
    public bool IsDeclared { get; }

    /// <summary>What an internationalized realm keeps of the language that a person chose.</summary>
    internal static ProfileAttribute ForLocale(Realm realm) =>
        new(realm, new UPAttribute { Name = UserProfile.Locale, Permissions = new() { View = ["admin", "user"], Edit = ["admin", "user"] } }, declared: false);

    /// <summary>Whether the realm changes e-mails by an action of its own, so that profile forms must not.</summary>
    public static bool EmailIsChangedByAction(Realm realm) => realm.Data.RequiredActions.Any(a => a.Alias == "UPDATE_EMAIL" && a.Enabled == true);

    /// <param name="user">Whose; null for a new user.</param>
    public bool IsWritable(ProfileContext context, User? user)
    {
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
                ProfileContext.Account or ProfileContext.UpdateProfile =>
                    !(nameIsEmail && !namesChange) && !(EmailIsChangedByAction(_realm) && user?.Email is { Length: > 0 }),
                _ => true,
            },
            _ => true,
        };
        return ruled && (Config.Permissions is null ? IsMember : Config.Permissions.Edit?.Contains(Role(context)) ?? false);
    }

    public bool IsVisible(ProfileContext context, User? user, IReadOnlyCollection<string>? scopes)
    {
        if (Name == UserProfile.Username && context == ProfileContext.Registration && _realm.Settings.RegistrationEmailAsUsername == true)
        {
            return false;
        }

        if (!IsMember && context != ProfileContext.Admin && Config.Selector?.Scopes is { Count: > 0 } selector && !Asked(selector, scopes))
        {
            return false;
        }

        return Config.Permissions is { } permissions
            ? (permissions.Edit?.Contains(Role(context)) ?? false) || (permissions.View?.Contains(Role(context)) ?? false)
            : IsMember;
    }

    public bool IsRequired(ProfileContext context, IReadOnlyCollection<string>? scopes)
    {
        if (Name == UserProfile.Username && _realm.Settings.RegistrationEmailAsUsername != true)
        {
            return true;
        }

        if (Config.Required is not { } required)
        {
            return false;
        }

        var (roles, asked) = (required.Roles ?? [], required.Scopes ?? []);
        return (roles.Count == 0 && asked.Count == 0)
            || roles.Contains(Role(context))
            || (asked.Count > 0 && context is not (ProfileContext.Admin or ProfileContext.Account) && Asked(asked, scopes));
    }

    /// <summary>What the configured validators find.</summary>
    internal IEnumerable<Finding> Check(IReadOnlyList<string> values, string? locale) =>
        _validators.SelectMany(v => v.Validator.Check(values, v.Settings, locale)).DistinctBy(f => f.Message);

    private bool IsMember => Name is UserProfile.Username or UserProfile.Email;

    private static bool Asked(List<string> wanted, IReadOnlyCollection<string>? scopes) => scopes is not null && wanted.Exists(scopes.Contains);

    private static string Role(ProfileContext context) => context == ProfileContext.Admin ? "admin" : "user";
}
