using System.Globalization;
using System.Text.RegularExpressions;

namespace Castellan.Core.Credentials;

/// <summary>What a password is held against.</summary>
internal sealed record PasswordSubject(string Password, string? Username, string? Email, PasswordBlacklists Blacklists);

/// <summary>A policy that Keycloak ships: what may stand in its brackets, and what it refuses.</summary>
/// <param name="Default">The number that counts when no brackets are written.</param>
/// <param name="Problem">Why a value cannot stand in the brackets.</param>
/// <param name="Check">What it refuses; null for the policies that say how passwords are kept.</param>
internal sealed record PasswordRule(string Id, int Default, Func<string?, PasswordBlacklists?, string?> Problem, Func<PasswordSubject, string?, PasswordRefusal?>? Check = null);

/// <summary>All policies, one entry each.</summary>
internal static class PasswordRules
{
    /// <summary>An administrator's expression must not be able to hold up the server.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);

    private static readonly Dictionary<string, PasswordRule> s_all = new PasswordRule[]
    {
        Counting("length", 8, static p => p.Length, "invalidPasswordMinLengthMessage", "Invalid password: minimum length {0}."),
        new("maxLength", 64, NumberProblem, static (s, value) => s.Password.Length > Number(value, 64)
            ? PasswordRefusal.Of("invalidPasswordMaxLengthMessage", "Invalid password: maximum length {0}.", Text(value, 64)) : null),
        Counting("digits", 1, static p => p.Count(char.IsDigit), "invalidPasswordMinDigitsMessage", "Invalid password: must contain at least {0} numerical digits."),
        Counting("lowerCase", 1, static p => p.Count(char.IsLower), "invalidPasswordMinLowerCaseCharsMessage", "Invalid password: must contain at least {0} lower case characters."),
        Counting("upperCase", 1, static p => p.Count(char.IsUpper), "invalidPasswordMinUpperCaseCharsMessage", "Invalid password: must contain at least {0} upper case characters."),
        Counting("specialChars", 1, static p => p.Count(static c => !char.IsLetterOrDigit(c)), "invalidPasswordMinSpecialCharsMessage", "Invalid password: must contain at least {0} special characters."),
        new("notUsername", 0, Anything, static (s, _) => string.Equals(s.Password, s.Username, StringComparison.OrdinalIgnoreCase)
            ? PasswordRefusal.Of("invalidPasswordNotUsernameMessage", "Invalid password: must not be equal to the username.") : null),
        new("notContainsUsername", 0, Anything, static (s, _) => s.Username is { Length: > 0 } name && s.Password.Contains(name, StringComparison.OrdinalIgnoreCase)
            ? PasswordRefusal.Of("invalidPasswordNotContainsUsernameMessage", "Invalid password: Can not contain the username.") : null),
        new("notEmail", 0, Anything, static (s, _) => string.Equals(s.Password, s.Email, StringComparison.OrdinalIgnoreCase)
            ? PasswordRefusal.Of("invalidPasswordNotEmailMessage", "Invalid password: must not be equal to the email.") : null),
        new("regexPattern", 0, ExpressionProblem, static (s, value) => Matches(value, s.Password)
            ? null : PasswordRefusal.Of("invalidPasswordRegexPatternMessage", "Invalid password: fails to match regex pattern(s).", value ?? "")),
        new("passwordBlacklist", 0, static (value, lists) => lists?.Problem(value), static (s, value) => s.Blacklists.Contains(value, s.Password)
            ? PasswordRefusal.Of("invalidPasswordBlacklistedMessage", "Invalid password: password is blacklisted.") : null),
        new("passwordHistory", 3, NumberProblem),
        new("passwordAge", 30, NumberProblem),
        new("forceExpiredPasswordChange", 365, NumberProblem),
        new("hashAlgorithm", 0, static (value, _) => string.IsNullOrEmpty(value) || PasswordHashes.Find(value) is not null ? null : "Password hashing provider not found"),
        new("hashIterations", -1, NumberProblem),
        new("maxAuthAge", 300, NumberProblem),
        new("recoveryCodesWarningThreshold", 4, NumberProblem),
    }.ToDictionary(r => r.Id, StringComparer.Ordinal);

    public static PasswordRule? Find(string id) => s_all.GetValueOrDefault(id);

    public static int Number(string? text, int otherwise) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private static PasswordRule Counting(string id, int least, Func<string, int> count, string key, string format) =>
        new(id, least, NumberProblem, (s, value) => count(s.Password) < Number(value, least) ? PasswordRefusal.Of(key, format, Text(value, least)) : null);

    private static string Text(string? value, int otherwise) => Number(value, otherwise).ToString(CultureInfo.InvariantCulture);

    private static string? Anything(string? value, PasswordBlacklists? lists) => null;

    private static string? NumberProblem(string? value, PasswordBlacklists? lists) =>
        value is null || int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? null : "Not a valid number";

    private static string? ExpressionProblem(string? value, PasswordBlacklists? lists) =>
        value is null ? "Config required" : string.IsNullOrWhiteSpace(value) ? "White space not acepted" : Expression(value) is null ? "Not a valid regular expression" : null;

    private static bool Matches(string? pattern, string password)
    {
        try
        {
            return pattern is null || Expression(pattern) is not { } expression || expression.IsMatch(password);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>The whole password must match, as with Java's <c>matches()</c>.</summary>
    private static Regex? Expression(string pattern)
    {
        try
        {
            return new Regex(@"\A(?:" + pattern + @")\z", RegexOptions.CultureInvariant, s_patience);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
