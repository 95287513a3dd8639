using Castellan.Core.Users;

namespace Castellan.Core.Login;

/// <summary>Mails that a sign-in sends.</summary>
public interface ILoginMail
{
    /// <summary>A link to set the password anew. False when it could not be sent.</summary>
    ValueTask<bool> SendResetAsync(LoginContext context, User user);

    /// <summary>A link that proves the person's address. Null when it is sent, else why not.</summary>
    ValueTask<string?> SendVerificationAsync(LoginContext context, User user);

    /// <summary>A link, to the new address, that puts it in the place of the old one. Null when it is sent, else why not.</summary>
    ValueTask<string?> SendUpdateAsync(LoginContext context, User user, string newEmail, bool logoutSessions);

    /// <summary>Whether the realm can send mails at all.</summary>
    bool CanSend(Realms.Realm realm);

    /// <summary>A link that confirms that an account of an identity provider is the person's. Null when it is sent, else why not.</summary>
    ValueTask<string?> SendLinkAsync(LoginContext context, User user, Brokering.IdentityProvider provider, Brokering.BrokeredIdentity identity);
}

/// <summary>A server without mail: nothing can be sent, and the pages say so.</summary>
public sealed class NoMail : ILoginMail
{
    public ValueTask<bool> SendResetAsync(LoginContext context, User user) => new(false);

    public ValueTask<string?> SendVerificationAsync(LoginContext context, User user) => new("This server sends no mail.");

    public ValueTask<string?> SendUpdateAsync(LoginContext context, User user, string newEmail, bool logoutSessions) => new("This server sends no mail.");

    public bool CanSend(Realms.Realm realm) => false;

    public ValueTask<string?> SendLinkAsync(LoginContext context, User user, Brokering.IdentityProvider provider, Brokering.BrokeredIdentity identity) => new("This server sends no mail.");
}
