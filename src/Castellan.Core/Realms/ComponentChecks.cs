using System.Globalization;
using Castellan.Core.Keys;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms;

/// <summary>What settings of components must be. Each answers what is wrong, in Keycloak's words, or null.</summary>
public static class ComponentChecks
{
    /// <summary>A setting that must be there.</summary>
    /// <param name="label">What people call it.</param>
    public static string? Required(ComponentRepresentation component, string name, string label) =>
        component.Config?.GetValueOrDefault(name) is not { Count: > 0 } ? $"'{label}' is required" : null;

    /// <summary>A number, if it is there.</summary>
    public static string? Number<T>(ComponentRepresentation component, string name, string label)
        where T : IParsable<T> =>
        Single(component, name, label) ?? (KeyProviders.Text(component, name) is { } value && !T.TryParse(value, CultureInfo.InvariantCulture, out _) ? $"'{label}' should be a number" : null);

    /// <summary>A switch, if it is there.</summary>
    public static string? Flag(ComponentRepresentation component, string name, string label) =>
        Single(component, name, label) ?? (KeyProviders.Text(component, name) is not (null or "true" or "false") ? $"'{label}' should be 'true' or 'false'" : null);

    /// <summary>One of some values, if it is there.</summary>
    public static string? OneOf(ComponentRepresentation component, string name, string label, IReadOnlyList<string> allowed)
    {
        if (Single(component, name, label) is { } several)
        {
            return several;
        }

        if (KeyProviders.Text(component, name) is not { } value || allowed.Contains(value))
        {
            return null;
        }

        var list = allowed.Count == 1 ? allowed[0] : $"{string.Join(", ", allowed.SkipLast(1))} or {allowed[^1]}";
        return $"'{label}' should be {list}";
    }

    private static string? Single(ComponentRepresentation component, string name, string label) =>
        component.Config?.GetValueOrDefault(name) is { Count: > 1 } ? $"'{label}' should be a single entry" : null;
}
