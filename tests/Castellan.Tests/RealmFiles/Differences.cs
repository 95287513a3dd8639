using System.Text.Json.Nodes;

namespace Castellan.Tests.RealmFiles;

/// <summary>Compares realm files: lists as sets by name, ids and secrets of new things as the same, JSON texts opened.</summary>
internal static class Differences
{
    private static readonly HashSet<string> s_fresh =
    [
        "id", "containerId", "parentId", "internalId", "_id", "secret", "privateKey", "certificate", "kid", "createdDate", "lastUpdatedDate", "client.secret.creation.time",
    ];

    private static readonly string[] s_names = ["username", "clientId", "alias", "name", "clientScope", "client", "executor", "type"];

    /// <summary>The first differences, a line each; with <paramref name="bothWays"/> what is only in the second counts too.</summary>
    public static string Find(JsonNode? expected, JsonNode? actual, bool bothWays)
    {
        var found = new List<string>();
        Walk(expected, actual, "", bothWays, found);
        return string.Join("\n", found.Take(20));
    }

    private static void Walk(JsonNode? expected, JsonNode? actual, string path, bool bothWays, List<string> found)
    {
        (expected, actual) = (Open(expected), Open(actual));
        switch (expected, actual)
        {
            case (JsonObject a, JsonObject b):
                foreach (var (name, value) in a)
                {
                    if (!s_fresh.Contains(name))
                    {
                        Walk(value, b[name], $"{path}.{name}", bothWays, found);
                    }
                }

                found.AddRange(b.Where(p => bothWays && !a.ContainsKey(p.Key) && !s_fresh.Contains(p.Key)).Select(p => $"{path}.{p.Key}: not expected"));
                break;
            case (JsonArray a, JsonArray b):
                var (left, right) = (Keyed(a), Keyed(b));
                foreach (var (name, value) in left)
                {
                    Walk(value, right.GetValueOrDefault(name), $"{path}[{name}]", bothWays, found);
                }

                found.AddRange(right.Keys.Where(k => bothWays && !left.ContainsKey(k)).Select(k => $"{path}[{k}]: not expected"));
                break;
            default:
                if (!JsonNode.DeepEquals(expected, actual))
                {
                    found.Add($"{path}: expected {Short(expected)}, got {Short(actual)}");
                }

                break;
        }
    }

    private static JsonNode? Open(JsonNode? node)
    {
        if (node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 1 && text[0] is '{' or '[')
        {
            try
            {
                return JsonNode.Parse(text);
            }
            catch (System.Text.Json.JsonException)
            {
                return node;
            }
        }

        return node;
    }

    private static Dictionary<string, JsonNode?> Keyed(JsonArray list)
    {
        var keyed = new Dictionary<string, JsonNode?>();
        foreach (var item in list)
        {
            var name = item is JsonObject o
                ? string.Join("/", s_names.Select(n => o[n]?.ToString()).OfType<string>().Append(o["subType"]?.ToString() ?? "").Append(o["priority"]?.ToString() ?? ""))
                : item?.ToJsonString() ?? "null";
            while (!keyed.TryAdd(name, item))
            {
                name += "'";
            }
        }

        return keyed;
    }

    private static string Short(JsonNode? node) => node?.ToJsonString() is { } text ? text[..Math.Min(text.Length, 120)] : "nothing";
}
