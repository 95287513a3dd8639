using System.Globalization;
using System.Text.Json;
using Castellan.Core.Tokens;

namespace Castellan.Core.Mappers;

/// <summary>From stored texts to claims, as a mapper's <c>jsonType.label</c>, <c>multivalued</c> and <c>claim.name</c> say.</summary>
internal static class ClaimValues
{
    /// <summary>Claims that the server alone writes; a mapper's value for them is dropped.</summary>
    private static readonly HashSet<string> s_reserved = new(StringComparer.Ordinal) { "iss", "typ", "scope", "jti", "exp", "iat", "nonce", "session_state" };

    /// <summary>Claims that have one value of their own kind: nothing can stand below them.</summary>
    private static readonly HashSet<string> s_plain = new(StringComparer.Ordinal) { "aud", "sub", "azp", "acr", "auth_time" };

    /// <summary>Claims that access tokens have a place of their own for. What another mapper writes under their names is seen in the place of them.</summary>
    private static readonly HashSet<string> s_ofAccessTokens = new(StringComparer.Ordinal) { "realm_access", "resource_access", "allowed-origins" };

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
    public static void Set(MapperContext context, MapperModel mapper, string? value) => Set(context, mapper, mapper.ClaimPath, value);

    /// <summary>The same under a name that the mapper need not have.</summary>
    public static void Set(MapperContext context, MapperModel mapper, string[] path, string? value)
    {
        if (value is not null && Convert(mapper, value) is { } converted)
        {
            Write(context, path, converted, mapper.Multivalued ? Join.Distinct : Join.None);
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
    public static void SetRoles(MapperContext context, MapperModel mapper, string[] path, IReadOnlyList<string> roles)
    {
        if (!mapper.Multivalued || context.Target == MapperTarget.Id || path is not (["realm_access", "roles"] or ["resource_access", _, "roles"]))
        {
            Set(context, mapper, path, roles, Join.All);
        }
        else if (roles.Count > 0)
        {
            Place(context.Claims, path, IsText(mapper) ? roles : Converted(mapper, roles), Join.Distinct);
        }
    }

    public static void Set(MapperContext context, string[] path, object value) => Write(context, path, value, Join.None);

    private static void Set(MapperContext context, MapperModel mapper, string[] path, IReadOnlyList<string> values, Join join)
    {
        if (values.Count == 0)
        {
            return;
        }

        if (mapper.Multivalued)
        {
            Write(context, path, IsText(mapper) ? values : Converted(mapper, values), join);
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
            var isInstead = context.Target is not (MapperTarget.Id or MapperTarget.Response) && s_ofAccessTokens.Contains(path[0]);
            Place(isInstead ? context.Instead ??= new Claims() : context.Claims, path, value, join);
        }
        else if (path.Length == 1)
        {
            SetPlain(context, path[0], value);
        }
    }

    private static void SetPlain(MapperContext context, string name, object value)
    {
        // Nothing stands in the place of what did not convert, and where nothing did the claim stays as it is.
        List<object> values = [.. (value is IReadOnlyList<object?> list ? list : [value]).OfType<object>()];
        if (values.Count == 0)
        {
            return;
        }

        switch (name)
        {
            case "aud":
                context.Audience.Clear();
                foreach (var audience in values)
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
                context.Claims.Set(name, values[0].ToString());
                break;
        }
    }

    private static void Place(Claims claims, string[] path, object value, Join join)
    {
        if (join != Join.None && claims.Find(path) is { } there)
        {
            // The list that is there may be somebody else's, unless it was joined here before: an administrator's roles come in many small lists.
            var all = there switch
            {
                JoinedList ours => ours,
                IReadOnlyList<object?> others => new JoinedList(others),
                _ => join == Join.Distinct ? new JoinedList([there]) : null,
            };
            if (all is not null)
            {
                all.Put(value is IReadOnlyList<object?> several ? several : [value], join);
                value = all;
            }
        }

        claims.Set(path, value);
    }

    /// <summary>The list of one claim of one token, to which more can be put.</summary>
    private sealed class JoinedList(IReadOnlyList<object?> first) : List<object?>(first)
    {
        private HashSet<object?>? _known;

        public void Put(IReadOnlyList<object?> values, Join join)
        {
            if (join == Join.All)
            {
                _known = null;
                AddRange(values);
                return;
            }

            _known ??= new(this, SameValue.Comparer);
            foreach (var one in values)
            {
                if (_known.Add(one))
                {
                    Add(one);
                }
            }
        }
    }

    /// <summary>Parsed JSON is the same where it says the same.</summary>
    private sealed class SameValue : IEqualityComparer<object?>
    {
        public static readonly SameValue Comparer = new();

        public new bool Equals(object? one, object? other) =>
            one is JsonElement a && other is JsonElement b ? JsonElement.DeepEquals(a, b) : object.Equals(one, other);

        public int GetHashCode(object? value) => value is null or JsonElement ? 0 : value.GetHashCode();
    }

    /// <summary>Whether the mapper writes values as they are.</summary>
    private static bool IsText(MapperModel mapper) => mapper.JsonType is not ("boolean" or "int" or "long" or "JSON");

    /// <summary>Values in the type that the mapper wants. What does not convert leaves a null, as in Keycloak: the places of the others stay what they are.</summary>
    private static List<object?> Converted(MapperModel mapper, IReadOnlyList<string> values) => values.Select(v => Convert(mapper, v)).ToList();

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
