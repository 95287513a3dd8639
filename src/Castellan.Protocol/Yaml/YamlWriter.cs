using System.Text;
using System.Text.Json.Nodes;

namespace Castellan.Protocol.Yaml;

/// <summary>Writes JSON as YAML, with every text in quotes.</summary>
public static class YamlWriter
{
    public static string Write(JsonNode node)
    {
        var text = new StringBuilder(node is JsonObject { Count: > 0 } or JsonArray { Count: > 0 } ? "---\n" : "--- ");
        Write(text, node, 0, inline: false);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? node, int indent, bool inline)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } members:
                var first = inline;
                foreach (var (name, value) in members)
                {
                    text.Append(' ', first ? 0 : indent).Append(IsPlain(name) ? name : JsonValue.Create(name).ToJsonString()).Append(':');
                    first = false;
                    Below(text, value, value is JsonArray ? indent : indent + 2);
                }

                break;
            case JsonArray { Count: > 0 } items:
                foreach (var item in items)
                {
                    text.Append(' ', indent).Append("- ");
                    Write(text, item, indent + 2, inline: true);
                }

                break;
            default:
                text.Append(node?.ToJsonString() ?? "null").Append('\n');
                break;
        }
    }

    private static void Below(StringBuilder text, JsonNode? value, int indent)
    {
        text.Append(value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 } ? '\n' : ' ');
        Write(text, value, indent, inline: false);
    }

    private static bool IsPlain(string name) => name.Length > 0 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
