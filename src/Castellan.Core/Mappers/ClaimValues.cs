using System.Globalization;
using System.Text.Json;

namespace Castellan.Core.Mappers;

/// <summary>From stored texts to claims, as a mapper's <c>jsonType.label</c>, <c>multivalued</c> and <c>claim.name</c> say.</summary>
internal static class ClaimValues
{
    /// <summary>Claims that the server alone writes; a mapper's value for them is dropped.</summary>
    private static readonly HashSet<string> s_reserved = new(StringComparer.Ordinal) { "iss", "typ", "scope", "jti", "exp", "iat", "nonce", "session_state" };

    /// <summary>Claims that have one value of their own kind: nothing can stand below them.</summary>
    private static readonly HashSet<string> s_plain = new(StringComparer.Ordinal) { "aud", "sub", "azp", "acr", "auth_time" };

    /// <summary>The same of the token response (RFC 6749 §5.1), where the names of claims mean nothing.</summary>
    private static readonly HashSet<string> s_reservedInResponses = new(StringComparer.Ordinal)
    {
        "access_token", "token_type", "session_state", "expires_in", "id_token", "refresh_token", "refresh_expires_in", "not-before-policy", "scope",
    };

    private enum Join
    {
        /// <summary>The value takes the place of what another mapper wrote.</summary>
        None,

        /// <summary>It is put to it, as far as it is not there yet.</summary>
        Distinct,

        /// <summary>It is put to it.</summary>
        All,
    }

    /// <summary>Writes one value, which stays one whether the mapper is multivalued or not.</summary>
    public static void Set(MapperContext context, MapperModel mapper, string? value)
    {
        if (value is not null && Convert(mapper, value) is { } converted)
        {
            Write(context, mapper.ClaimPath, converted, mapper.Multivalued ? Join.Distinct : Join.None);
        }
    }

    /// <summary>Writes values: a list where the mapper is multivalued, the first one otherwise; nothing for none.</summary>
    public static void Set(MapperContext context, MapperModel mapper, IReadOnlyList<string> values) => Set(context, mapper, mapper.ClaimPath, values, Join.Distinct);

    /// <summary>Writes a list without looking at what the mapper says of values.</summary>
    public static void SetList(MapperContext context, MapperModel mapper, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            Write(context, mapper.ClaimPath, values, Join.Distinct);
        }
    }

    /// <summary>Writes names of roles. The lists of several mappers become one; where a token keeps its roles each stands once.</summary>
    public static void SetRoles(MapperContext context, MapperModel mapper, string[] path, IReadOnlyList<string> roles) =>
        Set(context, mapper, path, roles, context.Target != MapperTarget.Id && path is ["realm_access", "roles"] or ["resource_access", _, "roles"] ? Join.Distinct : Join.All);

    public static void Set(MapperContext context, string[] path, object value) => Write(context, path, value, Join.None);

    private static void Set(MapperContext context, MapperModel mapper, string[] path, IReadOnlyList<string> values, Join join)
    {
        if (values.Count == 0)
        {
            return;
        }

        if (mapper.Multivalued)
        {
            // What does not convert leaves a null, as in Keycloak: the places of the others stay what they are.
            Write(context, path, IsText(mapper) ? values : values.Select(v => Convert(mapper, v)).ToList(), join);
        }
        else if (Convert(mapper, values[0]) is { } first)
        {
            Write(context, path, first, Join.None);
        }
    }

    private static void Write(MapperContext context, string[] path, object value, Join join)
    {
        if (path.Length == 0 || (context.Target == MapperTarget.Response ? s_reservedInResponses : s_reserved).Contains(path[0]))
        {
            return;
        }

        if (context.Target == MapperTarget.Response || !s_plain.Contains(path[0]))
        {
            Place(context, path, value, join);
        }
        else if (path.Length == 1)
        {
            SetPlain(context, path[0], value);
        }
    }

    private static void SetPlain(MapperContext context, string name, object value)
    {
        switch (name)
        {
            case "aud":
                context.Audience.Clear();
                foreach (var audience in value is IReadOnlyList<object> list ? list : [value])
                {
                    context.AddAudience(audience.ToString()!);
                }

                break;
            case "auth_time":
                if (long.TryParse(value.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var time))
                {
                    context.Claims.Set(name, time);
                }

                break;
            default:
                context.Claims.Set(name, (value is IReadOnlyList<object> { Count: > 0 } several ? several[0] : value).ToString());
                break;
        }
    }

    private static void Place(MapperContext context, string[] path, object value, Join join)
    {
        if (join != Join.None && context.Claims.Find(path) is { } there)
        {
            if (there is IReadOnlyList<object?> before)
            {
                value = Joined(before, value, join);
            }
            else if (join == Join.Distinct)
            {
                value = Joined([there], value, join);
            }
        }

        context.Claims.Set(path, value);
    }

    /// <summary>A list of its own: the one that is there may be somebody else's.</summary>
    private static List<object?> Joined(IReadOnlyList<object?> before, object value, Join join)
    {
        List<object?> all = [.. before];
        foreach (var one in value is IReadOnlyList<object?> several ? several : [value])
        {
            if (join == Join.All || !all.Exists(known => IsSame(known, one)))
            {
                all.Add(one);
            }
        }

        return all;
    }

    private static bool IsSame(object? one, object? other) =>
        one is JsonElement a && other is JsonElement b ? JsonElement.DeepEquals(a, b) : Equals(one, other);

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
