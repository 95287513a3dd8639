using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.Protocol.Yaml;

/// <summary>The part of YAML that does not hang on lines: quotes, brackets and braces. What is wrong throws <see cref="FormatException"/>.</summary>
internal static class YamlFlow
{
    private const int MaxDepth = 32;

    /// <summary>Whether every quote and bracket that is opened is closed too.</summary>
    public static bool IsClosed(string text)
    {
        var (depth, quote) = (0, '\0');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quote != '\0')
            {
                if (c == '\\' && quote == '"')
                {
                    i++;
                }
                else if (c == quote)
                {
                    quote = '\0';
                }
            }
            else if (c is '"' or '\'')
            {
                quote = c;
            }
            else
            {
                depth += c is '[' or '{' ? 1 : c is ']' or '}' ? -1 : 0;
            }
        }

        return depth <= 0 && quote == '\0';
    }

    /// <summary>The value that begins here; what is behind it is left.</summary>
    public static JsonNode? Read(string text, ref int at) => Flow(text, ref at, 0);

    /// <summary>A text without quotes, or null.</summary>
    public static JsonNode? Plain(string text) => text is "" or "~" or "null" or "Null" or "NULL" ? null : JsonValue.Create(text);

    private static JsonNode? Flow(string text, ref int at, int depth)
    {
        Blank(text, ref at);
        if (depth > MaxDepth || at == text.Length)
        {
            throw new FormatException("Too deep, or nothing where a value belongs.");
        }

        switch (text[at])
        {
            case '"' or '\'':
                return JsonValue.Create(Quoted(text, ref at));
            case '[':
                var items = new JsonArray();
                for (at++; !Ends(']', text, ref at);)
                {
                    items.Add(Flow(text, ref at, depth + 1));
                    Comma(']', text, ref at);
                }

                return items;
            case '{':
                var members = new JsonObject();
                for (at++; !Ends('}', text, ref at);)
                {
                    var key = Flow(text, ref at, depth + 1)?.ToString() ?? throw new FormatException("No key.");
                    Blank(text, ref at);
                    if (at == text.Length || text[at] != ':' || members.ContainsKey(key))
                    {
                        throw new FormatException("No colon, or a key twice.");
                    }

                    at++;
                    members[key] = Flow(text, ref at, depth + 1);
                    Comma('}', text, ref at);
                }

                return members;
            default:
                var start = at;
                while (at < text.Length && text[at] is not (',' or ']' or '}' or '[' or '{') && !(text[at] == ':' && (at + 1 == text.Length || text[at + 1] is ' ' or ',')))
                {
                    at++;
                }

                return at == start ? throw new FormatException("Nothing where a value belongs.") : Plain(text[start..at].Trim(' '));
        }
    }

    private static void Blank(string text, ref int at)
    {
        while (at < text.Length && text[at] == ' ')
        {
            at++;
        }
    }

    private static bool Ends(char end, string text, ref int at)
    {
        Blank(text, ref at);
        if (at < text.Length && text[at] == end)
        {
            at++;
            return true;
        }

        return false;
    }

    private static void Comma(char end, string text, ref int at)
    {
        Blank(text, ref at);
        if (at < text.Length && text[at] == ',')
        {
            at++;
        }
        else if (at == text.Length || text[at] != end)
        {
            throw new FormatException("No comma between values.");
        }
    }

    /// <summary>The text in quotes that begins here.</summary>
    public static string Quoted(string text, ref int at)
    {
        var quote = text[at];
        var start = at++;
        while (at < text.Length)
        {
            if (text[at] == quote && quote == '\'' && at + 1 < text.Length && text[at + 1] == '\'')
            {
                at += 2;
            }
            else if (text[at] == '\\' && quote == '"')
            {
                at += 2;
            }
            else if (text[at++] == quote)
            {
                return quote == '\'' ? text[(start + 1)..(at - 1)].Replace("''", "'", StringComparison.Ordinal) : Unescaped(text[start..at]);
            }
        }

        throw new FormatException("A quote that is never closed.");
    }

    /// <summary>The escapes that people use are those of JSON.</summary>
    private static string Unescaped(string quoted)
    {
        try
        {
            using var document = JsonDocument.Parse(quoted);
            return document.RootElement.GetString()!;
        }
        catch (JsonException e)
        {
            throw new FormatException("An escape that is not read.", e);
        }
    }
}
