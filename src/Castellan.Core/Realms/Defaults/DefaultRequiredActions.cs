using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Defaults;

/// <summary>The required actions of a new realm.</summary>
public static class DefaultRequiredActions
{
    public const string DeleteAccount = "delete_account";

    private static readonly (string Alias, string Name, int Priority, bool Enabled)[] s_actions =
    [
        ("TERMS_AND_CONDITIONS", "Terms and Conditions", 20, false),
        ("UPDATE_PROFILE", "Update Profile", 40, true),
        ("VERIFY_EMAIL", "Verify Email", 50, true),
        ("CONFIGURE_TOTP", "Configure OTP", 54, true),
        ("UPDATE_PASSWORD", "Update Password", 57, true),
        (DeleteAccount, "Delete Account", 60, false),
        ("UPDATE_EMAIL", "Update Email", 70, false),
        ("webauthn-register", "Webauthn Register", 80, true),
        ("webauthn-register-passwordless", "Webauthn Register Passwordless", 90, true),
        ("VERIFY_PROFILE", "Verify Profile", 100, true),
        ("delete_credential", "Delete Credential", 110, true),
        ("idp_link", "Linking Identity Provider", 120, true),
        ("CONFIGURE_RECOVERY_AUTHN_CODES", "Recovery Authentication Codes", 130, true),
        ("update_user_locale", "Update User Locale", 1000, true),
    ];

    /// <summary>Today's spelling of an action's name: older releases wrote some in lower case.</summary>
    public static string? Canonical(string? alias)
    {
        var at = Array.FindIndex(s_actions, a => a.Alias.Equals(alias, StringComparison.OrdinalIgnoreCase));
        return at < 0 ? alias : s_actions[at].Alias;
    }

    /// <summary>All of them anew.</summary>
    public static List<RequiredActionProviderRepresentation> Make() => [.. s_actions.Select(a => new RequiredActionProviderRepresentation
    {
        Alias = a.Alias, Name = a.Name, ProviderId = a.Alias, Enabled = a.Enabled, DefaultAction = false, Priority = a.Priority, Config = [],
    })];
}
