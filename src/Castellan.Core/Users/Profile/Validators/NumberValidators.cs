using System.Globalization;

namespace Castellan.Core.Users.Profile.Validators;

/// <summary><c>integer</c>: a whole number of 64 bits within its bounds.</summary>
public sealed class IntegerValidator() : AttributeValidator("integer")
{
    public override IEnumerable<ValidatorFault> Faults(ValidatorSettings settings) => LengthValidator.Bounds(settings, static (s, name) => s.Whole(name), apart: true);

    protected override Finding? Check(string value, ValidatorSettings settings, string? locale)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return null;
        }

        if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return new Finding("error-invalid-number");
        }

        var (min, max) = (settings.Whole("min"), settings.Whole("max"));
        return number < min || number > max ? DoubleValidator.OutOfRange(min, max) : null;
    }
}

/// <summary><c>double</c>: a number within its bounds.</summary>
public sealed class DoubleValidator() : AttributeValidator("double")
{
    public override IEnumerable<ValidatorFault> Faults(ValidatorSettings settings) => LengthValidator.Bounds(settings, static (s, name) => s.Fraction(name), apart: true);

    protected override Finding? Check(string value, ValidatorSettings settings, string? locale)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return null;
        }

        if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
        {
            return new Finding("error-invalid-number");
        }

        var (min, max) = (settings.Fraction("min"), settings.Fraction("max"));
        return number < min || number > max ? OutOfRange(min, max) : null;
    }

    internal static Finding OutOfRange(object? min, object? max) => new(
        (min, max) switch
        {
            (null, _) => "error-number-out-of-range-too-big",
            (_, null) => "error-number-out-of-range-too-small",
            _ => "error-number-out-of-range",
        },
        min, max);
}
