namespace Castellan.Core.Organizations;

/// <summary>
/// The client scope <c>organization</c> and its forms with a parameter: <c>organization:*</c> for all that somebody belongs to,
/// <c>organization:alias</c> for one. Without a parameter it means the only one there is, or the one that was chosen at the sign-in.
/// </summary>
public static class OrganizationScope
{
    public const string Name = "organization";

    /// <summary>The note of a session that holds the id of the organization that was chosen.</summary>
    public const string ChoiceNote = "kc.org";

    private const string Prefix = Name + ":";
    private const string Every = Prefix + "*";

    /// <summary>Whether a name in a scope parameter is a form with a parameter, if only an empty one.</summary>
    public static bool IsForm(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Whether a form asks for anything.</summary>
    public static bool Asks(string name) => IsForm(name) && name.Length > Prefix.Length;

    public static bool IsEvery(string form) => form == Every;

    /// <summary>The alias in a form; null when it names none.</summary>
    public static string? Alias(string form) => Asks(form) && !IsEvery(form) ? form[Prefix.Length..] : null;

    public static string Of(string alias) => Prefix + alias;
}
