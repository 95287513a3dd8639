using System.Text;
using System.Text.Json.Nodes;

namespace Castellan.Protocol.Yaml;

/// <summary>
/// Reads the part of YAML 1.2 that people write by hand: mappings, sequences, plain, quoted and block scalars, flow collections on one line, comments.
/// Every scalar is a text but for null. Anchors, tags and several documents are no part of it.
/// </summary>
public sealed class YamlReader
{
    private const int MaxDepth = 32;
    private const int MaxLines = 20_000;
    private const int MaxContinued = 200;

    private readonly List<(int Indent, string Text)> _lines = [];
    private int _at;

    private YamlReader(string text)
    {
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.TrimEnd('\r');
            var content = line.TrimStart(' ');
            if (_lines.Count == MaxLines || content.StartsWith('\t'))
            {
                throw new FormatException("Too long, or a tab where blanks belong.");
            }

            _lines.Add((line.Length - content.Length, content));
        }
    }

    /// <summary>What a document says; null when it cannot be read.</summary>
    public static JsonNode? Read(string text)
    {
        try
        {
            var reader = new YamlReader(text);
            reader.Skip();
            if (reader.Current is { Indent: 0, Text: "---" })
            {
                reader._at++;
            }
            else if (reader.Current is { Indent: 0 } line && line.Text.StartsWith("--- ", StringComparison.Ordinal))
            {
                reader._lines[reader._at] = (0, line.Text[4..].TrimStart(' '));
                reader.Skip();
            }

            var node = reader.Node(0, 0);
            reader.Skip();
            return reader.Current is null or { Text: "..." } ? node : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private (int Indent, string Text)? Current => _at < _lines.Count ? _lines[_at] : null;

    /// <summary>Passes over what says nothing.</summary>
    private void Skip()
    {
        while (Current is { } line && (line.Text.Length == 0 || line.Text.StartsWith('#')))
        {
            _at++;
        }
    }

    private JsonNode? Node(int least, int depth)
    {
        Skip();
        if (depth > MaxDepth)
        {
            throw new FormatException("Too deep.");
        }

        if (Current is not { } line || line.Indent < least)
        {
            return null;
        }

        if (IsItem(line.Text))
        {
            return Sequence(line.Indent, depth);
        }

        return Key(line.Text, out _, out _) ? Mapping(line.Indent, depth) : Scalar(line.Text, line.Indent, next: true);
    }

    private static bool IsItem(string text) => text == "-" || text.StartsWith("- ", StringComparison.Ordinal);

    private JsonArray Sequence(int indent, int depth)
    {
        var items = new JsonArray();
        for (Skip(); Current is { } line && line.Indent == indent && IsItem(line.Text); Skip())
        {
            // What follows the dash is a line of its own, further in.
            var rest = line.Text[1..].TrimStart(' ');
            if (rest.Length == 0 || rest.StartsWith('#'))
            {
                _at++;
                items.Add(Node(indent + 1, depth + 1));
            }
            else
            {
                _lines[_at] = (indent + line.Text.Length - rest.Length, rest);
                items.Add(Node(indent + 1, depth + 1));
            }
        }

        return items;
    }

    private JsonObject Mapping(int indent, int depth)
    {
        var members = new JsonObject();
        for (Skip(); Current is { } line && line.Indent == indent && !IsItem(line.Text); Skip())
        {
            if (!Key(line.Text, out var key, out var rest) || members.ContainsKey(key))
            {
                throw new FormatException($"No key, or one twice: {line.Text}");
            }

            if (rest.Length > 0 && !rest.StartsWith('#'))
            {
                members[key] = Scalar(rest, indent, next: true);
                continue;
            }

            _at++;
            Skip();
            members[key] = Current is { } below && below.Indent == indent && IsItem(below.Text) ? Sequence(indent, depth + 1) : Node(indent + 1, depth + 1);
        }

        if (Current is { } left && left.Indent > indent)
        {
            throw new FormatException($"Too far in: {left.Text}");
        }

        return members;
    }

    /// <summary>Splits a line at the colon behind a key.</summary>
    private static bool Key(string text, out string key, out string rest)
    {
        (key, rest) = ("", "");
        if (text[0] is '"' or '\'')
        {
            var at = 0;
            key = YamlFlow.Quoted(text, ref at);
            rest = text[at..].TrimStart(' ');
            var found = rest.StartsWith(':') && (rest.Length == 1 || rest[1] == ' ');
            rest = found ? rest[1..].Trim(' ') : "";
            return found;
        }

        if (text[0] is '[' or '{' or '&' or '*' or '!' or '%' or '@' or '`' or '|' or '>')
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '#' && i > 0 && text[i - 1] == ' ')
            {
                return false;
            }

            if (text[i] == ':' && (i + 1 == text.Length || text[i + 1] == ' '))
            {
                (key, rest) = (text[..i].TrimEnd(' '), text[(i + 1)..].Trim(' '));
                return key.Length > 0;
            }
        }

        return false;
    }

    /// <param name="indent">The indent of the line that it stands in; what continues it is further in.</param>
    /// <param name="next">Moves on to the line behind it.</param>
    private JsonNode? Scalar(string text, int indent, bool next)
    {
        switch (text[0])
        {
            case '|' or '>':
                return Block(text, indent);
            case '"' or '\'' or '[' or '{':
                // It may go on over several lines.
                for (var more = 0; !YamlFlow.IsClosed(text); more++)
                {
                    _at++;
                    text += " " + (more < MaxContinued && Current is { } line ? line.Text : throw new FormatException("Never closed, or after too many lines."));
                }

                var at = 0;
                var value = YamlFlow.Read(text, ref at);
                _at += next ? 1 : 0;
                return text[at..].TrimStart(' ') is "" or ['#', ..] ? value : throw new FormatException("Something behind a value.");
            case '&' or '*' or '!' or '%' or '@' or '`':
                throw new FormatException("Anchors and tags are not read.");
            default:
                var plain = new StringBuilder(WithoutComment(text));
                for (_at++; Current is { Text.Length: > 0 } further && further.Indent > indent && !further.Text.StartsWith('#'); _at++)
                {
                    if (Key(further.Text, out _, out _))
                    {
                        throw new FormatException($"A key where a text goes on: {further.Text}");
                    }

                    plain.Append(' ').Append(WithoutComment(further.Text));
                }

                return YamlFlow.Plain(plain.ToString());
        }
    }

    private static string WithoutComment(string text)
    {
        var at = text.IndexOf(" #", StringComparison.Ordinal);
        return (at < 0 ? text : text[..at]).TrimEnd(' ');
    }

    private JsonNode Block(string head, int indent)
    {
        var (folded, header) = (head[0] == '>', WithoutComment(head)[1..]);
        if (header is not ("" or "-" or "+"))
        {
            throw new FormatException("This form of block is not read.");
        }

        var lines = new List<string>();
        var own = -1;
        for (_at++; Current is { } line && (line.Text.Length == 0 || line.Indent > indent); _at++)
        {
            own = own < 0 && line.Text.Length > 0 ? line.Indent : own;
            lines.Add(line.Text.Length == 0 ? "" : new string(' ', Math.Max(0, line.Indent - own)) + line.Text);
        }

        var text = folded ? Fold(lines) : string.Join('\n', lines);
        text = header == "+" ? text + "\n" : text.TrimEnd('\n') + (header == "-" || text.Trim('\n').Length == 0 ? "" : "\n");
        return JsonValue.Create(text);
    }

    private static string Fold(List<string> lines)
    {
        var text = new StringBuilder();
        for (var i = 0; i < lines.Count; i++)
        {
            var breaks = lines[i].Length == 0 || lines[i].StartsWith(' ');
            text.Append(i == 0 ? "" : breaks || lines[i - 1].StartsWith(' ') ? "\n" : lines[i - 1].Length == 0 ? "" : " ").Append(lines[i]);
        }

        return text.ToString();
    }
}
