using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.Core.Authorization;

/// <summary>
/// The lists of those that a policy is about: <c>["id"]</c> for users and clients, <c>[{"id": …, "required": …}]</c> for roles and client scopes,
/// <c>[{"id": …, "extendChildren": …}]</c> for groups, whose names are paths in a member <c>path</c>. In a configuration they are texts.
/// </summary>
public static class PolicyReferences
{
    /// <summary>A reference: whom it names, and whether its mark is set.</summary>
    public readonly record struct Reference(string Id, bool Marked);

    /// <summary>The references of a stored list; none when it is no list.</summary>
    public static IReadOnlyList<Reference> Read(string? json) => Array(json) is { } list ? [.. list.Select(Read).OfType<Reference>()] : [];

    /// <summary>The list with ids in place of names.</summary>
    /// <param name="unknown">Hears of a name that nobody has; such a reference is left out.</param>
    public static async ValueTask<JsonArray> WithIdsAsync(PolicyMember member, JsonArray given, IPrincipals principals, Action<string> unknown, CancellationToken ct)
    {
        var stored = new JsonArray();
        foreach (var item in given)
        {
            if (Name(item) is not { } name)
            {
                continue;
            }

            if (await principals.IdAsync(member.Principal, name, ct) is { } id)
            {
                stored.Add(Write(member, id, Marked(member, item), "id"));
            }
            else
            {
                unknown(name);
            }
        }

        return stored;
    }

    /// <summary>Adds the references of those names as they were given.</summary>
    public static void Keep(PolicyMember member, JsonArray stored, JsonArray given, IReadOnlyCollection<string> names)
    {
        foreach (var item in given)
        {
            if (Name(item) is { } name && names.Contains(name))
            {
                stored.Add(Write(member, name, Marked(member, item), "id"));
            }
        }
    }

    /// <summary>A stored list with names in place of ids, as files have it. What is not known keeps its id.</summary>
    public static async ValueTask<string> WithNamesAsync(PolicyMember member, string json, IPrincipals principals, CancellationToken ct)
    {
        if (Array(json) is not { } stored)
        {
            return json;
        }

        var named = new JsonArray();
        foreach (var item in stored)
        {
            if (Name(item) is { } id)
            {
                named.Add(Write(member, await principals.NameAsync(member.Principal, id, ct) ?? id, Marked(member, item), member.Principal == PrincipalKind.Group ? "path" : "id"));
            }
        }

        return named.ToJsonString();
    }

    /// <summary>The list without those; null when none of them is in it.</summary>
    public static JsonArray? Without(string json, IReadOnlyCollection<string> gone)
    {
        var list = Array(json);
        return list?.RemoveAll(item => Name(item) is { } name && gone.Contains(name)) > 0 ? list : null;
    }

    /// <summary>A text that is a JSON list, or null.</summary>
    public static JsonArray? Array(string? json)
    {
        try
        {
            return string.IsNullOrEmpty(json) ? null : JsonNode.Parse(json) as JsonArray;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The texts of a list.</summary>
    public static List<string> Texts(string? json) => Array(json) is { } list ? [.. list.Select(Name).OfType<string>()] : [];

    private static Reference? Read(JsonNode? item) => Name(item) is { } id
        ? new(id, item is JsonObject o && o.Any(m => m.Key is "required" or "extendChildren" && IsTrue(m.Value)))
        : null;

    private static string? Name(JsonNode? item) => item switch
    {
        JsonValue value => value.ToString(),
        JsonObject o => (o["id"] ?? o["path"])?.ToString(),
        _ => null,
    };

    private static bool Marked(PolicyMember member, JsonNode? item) => member.Mark is { } mark && item is JsonObject o && IsTrue(o[mark]);

    private static bool IsTrue(JsonNode? value) => value is JsonValue v && string.Equals(v.ToString(), "true", StringComparison.OrdinalIgnoreCase);

    private static JsonNode Write(PolicyMember member, string name, bool marked, string key) =>
        member.Mark is { } mark ? new JsonObject { [key] = name, [mark] = marked } : JsonValue.Create(name);
}
