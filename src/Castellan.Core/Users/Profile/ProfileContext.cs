namespace Castellan.Core.Users.Profile;

/// <summary>Where a profile is shown or changed: who asks, and what may be done there.</summary>
public enum ProfileContext
{
    /// <summary>The admin API.</summary>
    Admin,

    /// <summary>The account API.</summary>
    Account,

    /// <summary>The required actions that update and verify the profile.</summary>
    UpdateProfile,

    Registration,

    /// <summary>The review of what an identity provider told.</summary>
    IdentityProviderReview,

    /// <summary>The required action that updates the e-mail.</summary>
    UpdateEmail,
}

/// <summary>Why a profile is refused.</summary>
/// <param name="Attribute">The attribute's name.</param>
/// <param name="Message">A message key.</param>
/// <param name="Parameters">What the message names besides the attribute, which is always its first parameter: texts, numbers, null.</param>
public sealed record ProfileError(string Attribute, string Message, IReadOnlyList<object?> Parameters)
{
    public const string UsernameExists = "usernameExistsMessage";
    public const string EmailExists = "emailExistsMessage";
    public const string MissingUsername = "missingUsernameMessage";
    public const string MissingEmail = "missingEmailMessage";

    /// <summary>Not a key: these are the words on the wire.</summary>
    public const string ForeignEmail = "Email domain does not match any domain from the organization";

    /// <summary>The attribute's display name, which the account API and pages put in the place of its name.</summary>
    public string? DisplayName { get; init; }
}
