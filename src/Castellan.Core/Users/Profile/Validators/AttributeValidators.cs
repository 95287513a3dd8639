namespace Castellan.Core.Users.Profile.Validators;

/// <summary>Every validator that a user profile may name.</summary>
public static class AttributeValidators
{
    private static readonly Dictionary<string, AttributeValidator> s_all = new AttributeValidator[]
    {
        new LengthValidator(),
        new PatternValidator(),
        new EmailValidator(),
        new IntegerValidator(),
        new DoubleValidator(),
        new OptionsValidator(),
        new UriValidator(),
        new PersonNameValidator(),
        new UsernameCharactersValidator(),
        new HomographValidator(),
        new LocalDateValidator(),
        new IsoDateValidator(),
        new MultivaluedValidator(),
        new NotBlankValidator(),
        new NotEmptyValidator(),
    }.ToDictionary(v => v.Id, StringComparer.Ordinal);

    /// <summary>Keycloak lists these as well and lets a configuration name them. What they check is checked always.</summary>
    private static readonly HashSet<string> s_builtIn =
    [
        "up-duplicate-did", "organization-member-validator", "up-readonly-attribute-unchanged", "up-brokering-federated-username-has-value",
        "up-attribute-required-by-metadata-value", "up-registration-email-as-username-email-value", "up-blank-attribute-value",
        "up-email-exists-as-username", "up-username-has-value", "up-registration-email-as-username-username-value", "up-duplicate-username",
        "up-immutable-attribute", "up-registration-username-exists", "up-duplicate-email", "up-username-mutation",
    ];

    public static AttributeValidator? Find(string id) => s_all.GetValueOrDefault(id);

    public static bool Exists(string id) => s_all.ContainsKey(id) || s_builtIn.Contains(id);
}
