using System.Globalization;
using System.Text.Json;
using Castellan.Core.Tokens;

namespace Castellan.Core.Mappers;

/// <summary>From stored texts to claims, as a mapper's <c>jsonType.label</c>, <c>multivalued</c> and <c>claim.name</c> say.</summary>
internal static class ClaimValues
{
    /// <summary>Names that the server alone writes; a mapper's value for them is dropped.</summary>
    private static readonly HashSet<string> s_reserved = new(StringComparer.Ordinal) { "iss", "typ", "scope", "jti", "exp", "iat", "nonce" };

    /// <summary>Writes one value.</summary>
    public static void Set(MapperContext context, MapperModel mapper, string? value)
    {
        if (value is null || Convert(mapper, value) is not { } converted)
        {
            return;
        }

        Set(context, mapper.ClaimPath, mapper.Multivalued ? new List<object> { converted } : converted);
    }

    /// <summary>Writes values: a list where the mapper is multivalued, the first one otherwise; nothing for none.</summary>
    public static void Set(MapperContext context, MapperModel mapper, IReadOnlyList<string> values) => Set(context, mapper, mapper.ClaimPath, values);

    public static void Set(MapperContext context, MapperModel mapper, string[] path, IReadOnlyList<string> values)
    {
        if (!mapper.Multivalued)
        {
            if (values.Count > 0 && Convert(mapper, values[0]) is { } first)
            {
                Set(context, path, first);
            }

            return;
        }

        if (values.Count > 0 && IsText(mapper))
        {
            Set(context, path, values);
            return;
        }

        var list = new List<object>(values.Count);
        foreach (var value in values)
        {
            if (Convert(mapper, value) is { } converted)
            {
                list.Add(converted);
            }
        }

        if (list.Count > 0)
        {
            Set(context, path, list);
        }
    }

    public static void Set(MapperContext context, string[] path, object value)
    {
        if (path.Length == 0)
        {
            return;
        }

        if (path.Length > 1)
        {
            context.Claims.Set(path, value);
            return;
        }

        switch (path[0])
        {
            case "aud":
                context.Audience.Clear();
                foreach (var audience in value is IReadOnlyList<object> list ? list : [value])
                {
                    context.AddAudience(audience.ToString()!);
                }

                break;
            case "auth_time":
                if (value is long)
                {
                    context.Claims.Set("auth_time", value);
                }

                break;
            case "sub" or "azp" or "sid" or "acr":
                context.Claims.Set(path[0], (value is IReadOnlyList<object> { Count: > 0 } several ? several[0] : value).ToString());
                break;
            case "nbf":
                if (value is long)
                {
                    context.Claims.Set("nbf", value);
                }

                break;
            case var name when !s_reserved.Contains(name):
                context.Claims.Set(name, value);
                break;
        }
    }

    /// <summary>Whether the mapper writes values as they are.</summary>
    private static bool IsText(MapperModel mapper) => mapper.JsonType is not ("boolean" or "int" or "long" or "JSON");

    /// <summary>One value in the type that the mapper wants; null when it does not convert.</summary>
    private static object? Convert(MapperModel mapper, string value) => mapper.JsonType switch
    {
        "boolean" => value.Equals("true", StringComparison.OrdinalIgnoreCase),
        "int" => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? (long)number : null,
        "long" => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
        "JSON" => Parse(value),
        _ => value,
    };

    private static object? Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
