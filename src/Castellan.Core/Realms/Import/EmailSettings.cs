using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

/// <summary>Settings of e-mail addresses that rule one another out: an address that several people have is nobody's name.</summary>
public static class EmailSettings
{
    /// <summary>Of what is said, the last counts: addresses that are names first, those of several people then.</summary>
    public static void Follow(RealmRepresentation settings, RealmRepresentation said)
    {
        if (said.DuplicateEmailsAllowed is true)
        {
            (settings.LoginWithEmailAllowed, settings.RegistrationEmailAsUsername) = (false, false);
        }
        else if (said.RegistrationEmailAsUsername is true || said.LoginWithEmailAllowed is true)
        {
            settings.DuplicateEmailsAllowed = false;
        }
    }
}
