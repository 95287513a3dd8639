namespace Castellan.Core.Mail;

/// <summary>
/// What the link of a mail may do, for whom. It counts for one person at one address, until it expires, and is taken once.
/// </summary>
/// <param name="Type">One of <see cref="ActionTypes"/>; a token of one type does nothing that another may.</param>
/// <param name="UserId">Empty for somebody invited who has no account yet.</param>
/// <param name="Expires">Seconds since 1970.</param>
public sealed record ActionToken(string Type, string UserId, string? Email, long Expires)
{
    public string Nonce { get; init; } = Ids.New();

    /// <summary>The <c>client_id</c> that the person goes on to.</summary>
    public string? Client { get; init; }

    public string? RedirectUri { get; init; }

    /// <summary>Required actions to lead through.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>The sign-in that may go on with it: <c>{browser}.{tab}.{client}</c>.</summary>
    public string? SignIn { get; init; }

    /// <summary>The sign-in that asked for the mail, when another browser confirms it.</summary>
    public string? AskedBy { get; init; }

    /// <summary>When the password was set that the person forgot; null for none. A link to set it anew is good for no later one.</summary>
    public string? PasswordOf { get; init; }

    /// <summary>The address that shall replace <see cref="Email"/>.</summary>
    public string? NewEmail { get; init; }

    public bool LogoutSessions { get; init; }

    /// <summary>The id of the organization to join; <see cref="Nonce"/> is the invitation's id then.</summary>
    public string? Organization { get; init; }

    /// <summary>The provider whose account is linked, the account's name there, and the hash of its id: the mail confirms this account and no other.</summary>
    public string? IdentityProvider { get; init; }

    public string? IdentityProviderUser { get; init; }

    public string? IdentityProviderAccount { get; init; }
}

/// <summary>The types of action tokens, as the claim <c>typ</c> has them.</summary>
public static class ActionTypes
{
    public const string ExecuteActions = "execute-actions";
    public const string VerifyEmail = "verify-email";
    public const string ResetCredentials = "reset-credentials";
    public const string UpdateEmail = "update-email";
    public const string LinkIdentityProvider = "idp-verify-account-via-email";
    public const string Invitation = "ORGIVT";
}
