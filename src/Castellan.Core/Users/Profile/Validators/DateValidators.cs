using System.Globalization;

namespace Castellan.Core.Users.Profile.Validators;

/// <summary><c>iso-date</c>: <c>yyyy-MM-dd</c> and a day that exists.</summary>
public sealed class IsoDateValidator() : AttributeValidator("iso-date")
{
    protected override Finding? Check(string value, ValidatorSettings settings, string? locale) =>
        DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? null : new Finding("error-invalid-date", value);
}

/// <summary><c>local-date</c>: the short form of the person's language. Years may have two digits or four.</summary>
public sealed class LocalDateValidator() : AttributeValidator("local-date")
{
    /// <summary>Order and separator of day, month, year by language; others are written as in English.</summary>
    private static readonly Dictionary<string, string> s_forms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["en"] = "M/d/y", ["en-GB"] = "d/M/y", ["de"] = "d.M.y", ["fr"] = "d/M/y", ["es"] = "d/M/y", ["it"] = "d/M/y", ["pt"] = "d/M/y", ["pt-BR"] = "d/M/y",
        ["nl"] = "d-M-y", ["da"] = "d.M.y", ["fi"] = "d.M.y", ["no"] = "d.M.y", ["nb"] = "d.M.y", ["pl"] = "d.M.y", ["cs"] = "d.M.y", ["sk"] = "d. M. y",
        ["ru"] = "d.M.y", ["uk"] = "d.M.y", ["tr"] = "d.M.y", ["el"] = "d/M/y", ["th"] = "d/M/y", ["vi"] = "d/M/y", ["ca"] = "d/M/y", ["ro"] = "d.M.y",
        ["sv"] = "y-M-d", ["lt"] = "y-M-d", ["hu"] = "y. M. d.", ["ja"] = "y/M/d", ["zh"] = "y/M/d", ["zh-CN"] = "y/M/d", ["zh-TW"] = "y/M/d", ["ko"] = "y. M. d.",
        ["fa"] = "y/M/d", ["ka"] = "d.M.y", ["lv"] = "d.M.y", ["ar"] = "d/M/y",
    };

    protected override Finding? Check(string value, ValidatorSettings settings, string? locale)
    {
        var form = locale is null ? null : s_forms.GetValueOrDefault(locale) ?? s_forms.GetValueOrDefault(locale.Split('-', '_')[0]);
        form ??= s_forms["en"];
        string[] forms = [form.Replace("y", "yy", StringComparison.Ordinal), form.Replace("y", "yyyy", StringComparison.Ordinal)];
        return DateOnly.TryParseExact(value, forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? null : new Finding("error-invalid-date");
    }
}
