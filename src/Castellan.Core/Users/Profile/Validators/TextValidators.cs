using System.Text.RegularExpressions;

namespace Castellan.Core.Users.Profile.Validators;

/// <summary><c>length</c>: between <c>min</c> and <c>max</c> UTF-16 units, of the trimmed value unless <c>trim-disabled</c>.</summary>
public sealed class LengthValidator() : AttributeValidator("length")
{
    public override IEnumerable<ValidatorFault> Faults(ValidatorSettings settings)
    {
        if (!settings.Has("min") && !settings.Has("max"))
        {
            return [new("min", ValidatorFault.Missing), new("max", ValidatorFault.Missing)];
        }

        var faults = Bounds(settings, static (s, name) => s.Whole(name));
        return settings.Text("trim-disabled") is { } trim && !bool.TryParse(trim, out _) ? faults.Prepend(new("trim-disabled", ValidatorFault.InvalidFlag, trim)) : faults;
    }

    protected override Finding? Check(string value, ValidatorSettings settings, string? locale)
    {
        var length = settings.Flag("trim-disabled") ? value.Length : value.AsSpan().Trim(Blanks).Length;
        var (min, max) = (settings.Whole("min"), settings.Whole("max"));
        if (length >= (min ?? 0) && length <= (max ?? long.MaxValue))
        {
            return null;
        }

        return new Finding((min, max) switch
        {
            (null, _) => "error-invalid-length-too-long",
            (_, null) => "error-invalid-length-too-short",
            _ => "error-invalid-length",
        }, min, max);
    }

    /// <summary>What is trimmed: a blank and all before it. A blank that does not break is a character like others.</summary>
    private static readonly string Blanks = string.Concat(Enumerable.Range(0, ' ' + 1).Select(c => (char)c));

    /// <param name="apart">Whether the bounds must be different.</param>
    internal static IEnumerable<ValidatorFault> Bounds(ValidatorSettings settings, Func<ValidatorSettings, string, double?> read, bool apart = false)
    {
        var sound = true;
        foreach (var name in new[] { "min", "max" })
        {
            if (settings.Has(name) && read(settings, name) is null)
            {
                sound = false;
                yield return new ValidatorFault(name, ValidatorFault.InvalidNumber, settings.Text(name)!);
            }
        }

        if (sound && read(settings, "min") is { } min && read(settings, "max") is { } max && (min > max || (apart && min >= max)))
        {
            yield return new ValidatorFault("max", ValidatorFault.Invalid);
        }
    }
}

/// <summary><c>pattern</c>: the whole value matches a regular expression.</summary>
public sealed class PatternValidator() : AttributeValidator("pattern")
{
    /// <summary>An administrator's expression must not be able to hold up the server.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);

    public override IEnumerable<ValidatorFault> Faults(ValidatorSettings settings)
    {
        if (settings.Text("pattern") is not { } pattern)
        {
            return [new("pattern", ValidatorFault.Missing)];
        }

        return Fault(pattern) is { } fault ? [new("pattern", ValidatorFault.Invalid, pattern, fault)] : [];
    }

    protected override Finding? Check(string value, ValidatorSettings settings, string? locale)
    {
        var pattern = settings.Text("pattern");
        return pattern is null || Matches(pattern, value) ? null : new Finding(settings.Text("error-message") ?? "error-pattern-no-match", pattern);
    }

    private static bool Matches(string pattern, string value)
    {
        try
        {
            return Regex.IsMatch(value, @"\A(?:" + pattern + @")\z", RegexOptions.CultureInvariant, s_patience);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
        catch (ArgumentException)
        {
            // Imported with a file; nobody can satisfy it until it is mended.
            return false;
        }
    }

    /// <summary>What is wrong with an expression, in the form in which Java says it.</summary>
    private static string? Fault(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant, s_patience);
            return null;
        }
        catch (RegexParseException e)
        {
            var (words, at) = e.Error switch
            {
                RegexParseError.UnterminatedBracket => ("Unclosed character class", pattern.Length - 1),
                RegexParseError.InsufficientClosingParentheses => ("Unclosed group", pattern.Length),
                RegexParseError.QuantifierAfterNothing => ($"Dangling meta character '{pattern[Math.Max(0, e.Offset - 1)]}'", Math.Max(0, e.Offset - 1)),
                _ => (e.Message, e.Offset),
            };
            return $"{words} near index {at}\n{pattern}" + (at < pattern.Length ? "\n" + new string(' ', at) + "^" : "");
        }
    }
}

/// <summary><c>options</c>: one of a list.</summary>
public sealed class OptionsValidator() : AttributeValidator("options")
{
    public override IEnumerable<ValidatorFault> Faults(ValidatorSettings settings) =>
        !settings.Has("options") ? [new ValidatorFault("options", ValidatorFault.Missing)]
        : settings.IsList("options") ? [] : [new ValidatorFault("options", ValidatorFault.Invalid, "must be list of values")];

    protected override Finding? Check(string value, ValidatorSettings settings, string? locale) =>
        settings.List("options").Contains(value) ? null : new Finding("error-invalid-value");
}

/// <summary><c>not-blank</c>.</summary>
public sealed class NotBlankValidator() : AttributeValidator("not-blank")
{
    public override IEnumerable<Finding> Check(IReadOnlyList<string> values, ValidatorSettings settings, string? locale) =>
        values.Any(v => v.Length > 0 && string.IsNullOrWhiteSpace(v)) ? [new Finding("error-invalid-blank")] : [];
}

/// <summary><c>not-empty</c>: no more than <c>required</c> asks; in profiles empty values are always passed over.</summary>
public sealed class NotEmptyValidator() : AttributeValidator("not-empty");

/// <summary><c>multivalued</c>: how many values there may be.</summary>
public sealed class MultivaluedValidator() : AttributeValidator("multivalued")
{
    public override IEnumerable<ValidatorFault> Faults(ValidatorSettings settings) =>
        !settings.Has("max") ? [new ValidatorFault("max", ValidatorFault.Missing)]
        : LengthValidator.Bounds(settings, static (s, name) => s.Whole(name)).Select(f => f.Message == ValidatorFault.InvalidNumber ? new ValidatorFault(f.Setting, f.Message) : f);

    /// <param name="required">Whether there must be values at all. That there is none is then said elsewhere.</param>
    public IEnumerable<Finding> Check(IReadOnlyList<string> values, ValidatorSettings settings, bool required)
    {
        var count = values.Count(v => !string.IsNullOrWhiteSpace(v));
        var (min, max) = (settings.Whole("min") ?? (required ? 1 : 0), settings.Whole("max") ?? long.MaxValue);
        return (count < min || count > max) && !(count == 0 && required) ? [new Finding("error-invalid-multivalued-size", min, max)] : [];
    }
}
