using System.Buffers;
using System.Globalization;
using System.Text;

namespace Castellan.Core.Users.Profile.Validators;

/// <summary><c>person-name-prohibited-characters</c>: nothing that could be markup or a formula.</summary>
public sealed class PersonNameValidator() : AttributeValidator("person-name-prohibited-characters")
{
    private static readonly SearchValues<char> s_prohibited = SearchValues.Create("!\"#$%&()*/;<=>?[\\]^{|}~\u00A7");

    protected override Finding? Check(string value, ValidatorSettings settings, string? locale) =>
        value.AsSpan().ContainsAny(s_prohibited) || value.Any(IsControl) ? Refused(settings, "error-person-name-invalid-character") : null;

    internal static bool IsControl(char c) => char.IsControl(c) || c is '\u2028' or '\u2029';

    internal static Finding Refused(ValidatorSettings settings, string message) => new(settings.Text("error-message") ?? message);
}

/// <summary><c>username-prohibited-characters</c>: as for names, and no blanks, quotes and separators.</summary>
public sealed class UsernameCharactersValidator() : AttributeValidator("username-prohibited-characters")
{
    private static readonly SearchValues<char> s_prohibited = SearchValues.Create(" !\"#$%&'()*,/:;<=>?[\\]^`{|}~\u00A7");

    protected override Finding? Check(string value, ValidatorSettings settings, string? locale) =>
        value.AsSpan().ContainsAny(s_prohibited) || value.Any(c => PersonNameValidator.IsControl(c) || char.IsWhiteSpace(c))
            ? PersonNameValidator.Refused(settings, "error-username-invalid-character")
            : null;
}

/// <summary><c>up-username-not-idn-homograph</c>: only Latin letters, and what belongs to no script, so that no name looks like another.</summary>
public sealed class HomographValidator() : AttributeValidator("up-username-not-idn-homograph")
{
    /// <summary>Where letters of the Latin script lie (Unicode 16, Scripts.txt), in pairs of first and last.</summary>
    private static readonly int[] s_latin =
    [
        0x41, 0x5A, 0x61, 0x7A, 0xAA, 0xAA, 0xBA, 0xBA, 0xC0, 0xD6, 0xD8, 0xF6, 0xF8, 0x2B8, 0x2E0, 0x2E4, 0x1D00, 0x1D25, 0x1D2C, 0x1D5C, 0x1D62, 0x1D65,
        0x1D6B, 0x1D77, 0x1D79, 0x1DBE, 0x1E00, 0x1EFF, 0x2071, 0x2071, 0x207F, 0x207F, 0x2090, 0x209C, 0x212A, 0x212B, 0x2132, 0x2132, 0x214E, 0x214E,
        0x2160, 0x2188, 0x2C60, 0x2C7F, 0xA722, 0xA787, 0xA78B, 0xA7DC, 0xA7F2, 0xA7FF, 0xAB30, 0xAB5A, 0xAB5C, 0xAB64, 0xAB66, 0xAB69, 0xFB00, 0xFB06,
        0xFF21, 0xFF3A, 0xFF41, 0xFF5A,
    ];

    protected override Finding? Check(string value, ValidatorSettings settings, string? locale) =>
        value.EnumerateRunes().All(IsAllowed) ? null : PersonNameValidator.Refused(settings, "error-username-invalid-character");

    private static bool IsAllowed(Rune rune)
    {
        for (var i = 0; i < s_latin.Length; i += 2)
        {
            if (rune.Value >= s_latin[i] && rune.Value <= s_latin[i + 1])
            {
                return true;
            }
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.DecimalDigitNumber => rune.Value is (>= '0' and <= '9') or (>= 0x660 and <= 0x669) or (>= 0xFF10 and <= 0xFF19),
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.OtherLetter
                or UnicodeCategory.LetterNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
                or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate => rune.Value == 0xB5,
            _ => true,
        };
    }
}
