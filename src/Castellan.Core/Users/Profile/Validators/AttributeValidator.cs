using System.Globalization;
using System.Text.Json;

namespace Castellan.Core.Users.Profile.Validators;

/// <summary>A fault in the settings of a validator.</summary>
public sealed record ValidatorFault(string Setting, string Message, params string[] Parameters)
{
    public const string Missing = "error-validator-config-missing-value";
    public const string Invalid = "error-validator-config-invalid-value";
    public const string InvalidNumber = "error-validator-config-invalid-number-value";
    public const string InvalidFlag = "error-validator-config-invalid-boolean-value";

    internal string Describe(string validator) =>
        $"ValidationError{{validatorId='{validator}', inputHint='{Setting}', message='{Message}', messageParameters=[{string.Join(", ", Parameters)}]}}";
}

/// <summary>A message key with its parameters.</summary>
public sealed record Finding(string Message, params object?[] Parameters);

/// <summary>A validator of attribute values under the id that configurations use. One file each; <see cref="AttributeValidators"/> lists them.</summary>
public abstract class AttributeValidator(string id)
{
    public string Id => id;

    /// <summary>What is wrong with the settings.</summary>
    public virtual IEnumerable<ValidatorFault> Faults(ValidatorSettings settings) => [];

    /// <summary>What is wrong with the values of an attribute. By default each value is looked at, empty ones excepted.</summary>
    public virtual IEnumerable<Finding> Check(IReadOnlyList<string> values, ValidatorSettings settings, string? locale) =>
        values.Where(v => v.Length > 0).Select(v => Check(v, settings, locale)).OfType<Finding>();

    /// <summary>What is wrong with one value.</summary>
    protected virtual Finding? Check(string value, ValidatorSettings settings, string? locale) => null;
}

/// <summary>The settings of a validator. Numbers may be written as text.</summary>
public sealed class ValidatorSettings(IReadOnlyDictionary<string, JsonElement>? values)
{
    public bool Has(string name) => values is not null && values.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public string? Text(string name) => !Has(name) ? null : values![name] is { ValueKind: JsonValueKind.String } text ? text.GetString() : values[name].GetRawText();

    public long? Whole(string name) => long.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public double? Fraction(string name) => double.TryParse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    public bool Flag(string name) => string.Equals(Text(name), "true", StringComparison.OrdinalIgnoreCase);

    public bool IsList(string name) => Has(name) && values![name].ValueKind == JsonValueKind.Array;

    public IReadOnlyList<string> List(string name) =>
        IsList(name)
            ? [.. values![name].EnumerateArray().Select(e => e.ValueKind == JsonValueKind.String ? e.GetString()! : e.GetRawText())]
            : [];
}
