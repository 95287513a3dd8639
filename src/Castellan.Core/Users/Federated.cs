namespace Castellan.Core.Users;

/// <summary>Where the password of a user is changed.</summary>
public enum PasswordPlace
{
    Here,
    Directory,
    Nowhere,
}

/// <summary>Where a user comes from, when that is a directory.</summary>
/// <param name="Id">The federation.</param>
/// <param name="Name">Its name, for messages.</param>
/// <param name="IsEnabled">Whether the federation is on.</param>
/// <param name="IsAvailable">Whether the directory could be asked. If not, what is known here is shown, and the user can do nothing.</param>
/// <param name="IsReadOnly">Whether the profile cannot be changed.</param>
/// <param name="IsKept">Whether the user has a row here.</param>
/// <param name="Attributes">The attributes that the directory knows.</param>
/// <param name="ChecksPasswordPolicy">Whether passwords that go to the directory are held against the realm's policy.</param>
public sealed record Federated(
    string Id, string Name, bool IsEnabled, bool IsAvailable, bool IsReadOnly, bool IsKept, IReadOnlySet<string> Attributes, PasswordPlace Passwords, bool ChecksPasswordPolicy);
