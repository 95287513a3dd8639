namespace Castellan.Core.Vaults;

/// <summary>
/// How a vault that has one room for all realms names a realm's secret. The names are Keycloak's: realm and key with an underscore between them, and the
/// underscores within doubled, so that no realm can name another's secret.
/// </summary>
public enum VaultKeyForm
{
    /// <summary><c>my__realm_smtp__password</c>.</summary>
    RealmUnderscoreKey,

    /// <summary><c>smtp_password</c>: one secret for all realms.</summary>
    KeyOnly,
}

/// <summary>Names of secrets.</summary>
public static class VaultKeys
{
    /// <summary>The name in this form.</summary>
    public static string Name(VaultKeyForm form, string realm, string key) => form switch
    {
        VaultKeyForm.KeyOnly => key,
        _ => $"{realm.Replace("_", "__", StringComparison.Ordinal)}_{key.Replace("_", "__", StringComparison.Ordinal)}",
    };
}
