using System.Text.Json;
using Castellan.Core.Login;
using Castellan.Core.Users.Profile;

namespace Castellan.Server.Pages.Forms;

/// <summary>The field of one attribute, as its annotations describe it.</summary>
internal static class ProfileInput
{
    /// <summary>How many fields an attribute with several values has at least: people without scripts cannot ask for more.</summary>
    private const int FieldsOfMany = 3;

    // Annotations and the members of HTML's elements that they become. Keycloak's documentation and its pages write some of them differently; letter case does not matter.
    private static readonly (string Annotation, string Member)[] s_text =
    [
        ("inputTypePlaceholder", "placeholder"), ("inputTypePattern", "pattern"), ("inputTypeSize", "size"), ("inputTypeMaxLength", "maxlength"),
        ("inputTypeMinLength", "minlength"), ("inputTypeMax", "max"), ("inputTypeMin", "min"), ("inputTypeStep", "step"),
    ];

    private static readonly (string Annotation, string Member)[] s_area =
    [
        ("inputTypePlaceholder", "placeholder"), ("inputTypeCols", "cols"), ("inputTypeMaxLength", "maxlength"), ("inputTypeMinLength", "minlength"),
    ];

    private static readonly (string Annotation, string Member)[] s_select = [("inputTypeSize", "size")];

    public static void Write(HtmlWriter html, Page page, LoginPage content, UserProfileAttributeMetadata attribute, string label, string type, List<string> values)
    {
        var name = attribute.Name!;
        var state = attribute.ReadOnly ? new Html(" disabled") : default;
        var invalid = new Html($"{page.Invalid(content, name)}{(attribute.Required ? " aria-required=\"true\"" : "")}");
        var options = Options(attribute);
        switch (type)
        {
            case "select" or "multiselect":
                html.Add($"""<select id="{name}" name="{name}"{Members(page, attribute, s_select)}{state}{invalid}{(type == "multiselect" ? new Html(" multiple") : default)}>{(type == "select" ? new Html("<option value=\"\"></option>") : default)}""");
                foreach (var option in options)
                {
                    html.Add($"""<option value="{option}"{Selected(values.Contains(option))}>{OptionLabel(page, attribute, option)}</option>""");
                }

                html.Add($"</select>");
                break;
            case "select-radiobuttons" or "multiselect-checkboxes":
                foreach (var option in options)
                {
                    var box = type == "multiselect-checkboxes" ? "checkbox" : "radio";
                    html.Add($"""<label class="tile" for="{name}-{option}"><input type="{box}" id="{name}-{option}" name="{name}" value="{option}"{SignInForms.Checked(values.Contains(option))}{state}>{OptionLabel(page, attribute, option)}</label>""");
                }

                break;
            case "textarea":
                html.Add($"""<textarea id="{name}" name="{name}" rows="{Annotation(attribute, "inputTypeRows") ?? "4"}"{Members(page, attribute, s_area)}{state}{invalid}>{values.FirstOrDefault()}</textarea>""");
                break;
            default:
                var html5 = type.StartsWith("html5-", StringComparison.Ordinal) ? type["html5-".Length..] : name == UserProfile.Email ? "email" : "text";
                foreach (var (index, value) in Shown(attribute, values).Index())
                {
                    var which = index == 0 ? default : Html.Of($" aria-label=\"{label} {index + 1}\"");
                    html.Add($"""<input type="{html5}" id="{(index == 0 ? name : $"{name}-{index}")}" name="{name}" value="{value}"{which} autocomplete="{Autocomplete(name)}"{Members(page, attribute, s_text)}{Data(attribute)}{state}{invalid}>""");
                }

                break;
        }
    }

    /// <summary>What stands in the fields of an attribute: of several values all, and room for one more.</summary>
    private static IEnumerable<string> Shown(UserProfileAttributeMetadata attribute, List<string> values)
    {
        if (!attribute.Multivalued)
        {
            return [values.FirstOrDefault() ?? ""];
        }

        var fields = attribute.ReadOnly ? Math.Max(values.Count, 1) : Math.Max(values.Count + 1, FieldsOfMany);
        return values.Concat(Enumerable.Repeat("", fields - values.Count));
    }

    private static Html Members(Page page, UserProfileAttributeMetadata attribute, (string Annotation, string Member)[] members)
    {
        var html = new HtmlWriter();
        foreach (var (annotation, member) in members)
        {
            if (Annotation(attribute, annotation) is { } value)
            {
                html.Add($" {new Html(member)}=\"{page.Messages.Expand(value)}\"");
            }
        }

        return html.ToHtml();
    }

    /// <summary>What the realm tells the page's scripts: annotations whose names begin with <c>kc</c>. Ours read <c>kcNumberFormat</c> and <c>kcNumberUnFormat</c>, a theme's may read others.</summary>
    private static Html Data(UserProfileAttributeMetadata attribute)
    {
        var html = new HtmlWriter();
        foreach (var (key, value) in attribute.Annotations ?? [])
        {
            if (key.StartsWith("kc", StringComparison.Ordinal) && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            {
                html.Add($" data-{new Html(key)}=\"{value.ToString()}\"");
            }
        }

        return html.ToHtml();
    }

    /// <summary>The values that may be chosen.</summary>
    public static List<string> Options(UserProfileAttributeMetadata attribute)
    {
        var from = Annotation(attribute, "inputOptionsFromValidation") ?? "options";
        return attribute.Validators.GetValueOrDefault(from)?.GetValueOrDefault("options") is { ValueKind: JsonValueKind.Array } options
            ? [.. options.EnumerateArray().Select(o => o.ToString())] : [];
    }

    /// <summary>An annotation's words or number; null when it is absent or empty.</summary>
    public static string? Annotation(UserProfileAttributeMetadata attribute, string name)
    {
        foreach (var (key, value) in attribute.Annotations ?? [])
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number && value.ToString() is { Length: > 0 } text)
            {
                return text;
            }
        }

        return null;
    }

    private static string OptionLabel(Page page, UserProfileAttributeMetadata attribute, string option)
    {
        if (attribute.Annotations?.GetValueOrDefault("inputOptionLabels") is { ValueKind: JsonValueKind.Object } labels && labels.TryGetProperty(option, out var label) && label.ValueKind == JsonValueKind.String)
        {
            return page.Messages.Expand(label.GetString()!);
        }

        return Annotation(attribute, "inputOptionLabelsI18nPrefix") is { } prefix ? page.Text($"{prefix}.{option}") : option;
    }

    private static Html Selected(bool yes) => yes ? new Html(" selected") : default;

    private static string Autocomplete(string name) => name switch
    {
        UserProfile.Username => "username",
        UserProfile.Email => "email",
        UserProfile.FirstName => "given-name",
        UserProfile.LastName => "family-name",
        _ => "off",
    };
}
