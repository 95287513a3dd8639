namespace Castellan.Core.Federation;

/// <summary>A change that a directory, or the settings of its federation, do not allow. Nothing of the set that it belonged to is written here.</summary>
public sealed class FederationRefusal(string error, string? description = null, bool isMessage = false) : Exception(description ?? error)
{
    public static FederationRefusal RoleStays => new("invalid_request", "Could not remove user role mappings!");

    public static FederationRefusal RoleNotGiven => new("invalid_request", "Could not add user role mappings!");

    /// <summary>The groups of a directory, which are to come as a tree, are none.</summary>
    public static FederationRefusal NoTree => Plain("GroupsMultipleParents");

    /// <summary>The directory has rules of its own for passwords.</summary>
    public static FederationRefusal Password => new("invalidPasswordGenericMessage", "Invalid password: new password does not match password policies.");

    public string Error => error;

    public string? Description => description;

    /// <summary>Whether the admin API says it as a message.</summary>
    public bool IsMessage => isMessage;

    public static FederationRefusal Group(string text) => new(text, text);

    public static FederationRefusal Plain(string text) => new(text, isMessage: true);

    public static FederationRefusal Unavailable(string federation) =>
        Plain($"The user is read-only. The user storage provider '{federation}' is currently unavailable. Check the server logs for more details.");
}
