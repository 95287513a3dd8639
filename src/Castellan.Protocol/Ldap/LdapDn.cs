using System.Text;

namespace Castellan.Protocol.Ldap;

/// <summary>The name of an entry (RFC 4514), most specific part first. Case does not count, as for nearly every attribute that names are made of.</summary>
public sealed class LdapDn : IEquatable<LdapDn>
{
    private const int MaxLength = 8_192;

    private readonly string _key;

    private LdapDn(IReadOnlyList<IReadOnlyList<(string Attribute, string Value)>> parts)
    {
        Parts = parts;
        Text = string.Join(',', parts.Select(Show));
        _key = string.Join(',', parts.Select(p => string.Join('+', p.Select(a => $"{a.Attribute}={Escape(a.Value)}".ToUpperInvariant()).Order(StringComparer.Ordinal))));
    }

    /// <summary>Each part with its attributes; nearly always one.</summary>
    public IReadOnlyList<IReadOnlyList<(string Attribute, string Value)>> Parts { get; }

    public string Text { get; }

    /// <summary>Reads a name; null when the text is none. The empty text is the root.</summary>
    public static LdapDn? Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            return null;
        }

        var parts = new List<IReadOnlyList<(string, string)>>();
        if (string.IsNullOrWhiteSpace(text))
        {
            return new(parts);
        }

        foreach (var part in Split(text, ','))
        {
            var attributes = new List<(string, string)>();
            foreach (var one in Split(part, '+'))
            {
                var equals = one.IndexOf('=', StringComparison.Ordinal);
                if (equals < 1 || one[..equals].Trim() is not { Length: > 0 } name || Unescape(one[(equals + 1)..]) is not { } value)
                {
                    return null;
                }

                attributes.Add((name, value));
            }

            parts.Add(attributes);
        }

        return new(parts);
    }

    /// <summary>The name of an entry below this one; the value may be anything.</summary>
    public LdapDn Child(string attribute, string value) => new([[(attribute, value)], .. Parts]);

    /// <summary>The name of this entry with another first part.</summary>
    public LdapDn Renamed(string attribute, string value) => new([[(attribute, value)], .. Parts.Skip(1)]);

    /// <summary>The first part alone, as a renaming wants it.</summary>
    public string FirstPart => Parts.Count == 0 ? "" : Show(Parts[0]);

    /// <summary>The value of an attribute in the first part, or null.</summary>
    public string? First(string attribute) => Parts.Count == 0 ? null : Parts[0].FirstOrDefault(a => string.Equals(a.Attribute, attribute, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>Whether this is an entry below the other.</summary>
    public bool IsBelow(LdapDn other) => Parts.Count > other.Parts.Count && new LdapDn([.. Parts.Skip(Parts.Count - other.Parts.Count)]).Equals(other);

    /// <summary>A value as it stands in a name (§2.4).</summary>
    public static string Escape(string value)
    {
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c < ' ' || c == 127)
            {
                text.Append('\\').Append(((int)c).ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
                continue;
            }

            if (c is '"' or '+' or ',' or ';' or '<' or '>' or '\\' or '=' || (c == '#' && i == 0) || (c == ' ' && (i == 0 || i == value.Length - 1)))
            {
                text.Append('\\');
            }

            text.Append(c);
        }

        return text.ToString();
    }

    public bool Equals(LdapDn? other) => other is not null && other._key == _key;

    public override bool Equals(object? obj) => Equals(obj as LdapDn);

    public override int GetHashCode() => _key.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private static string Show(IReadOnlyList<(string Attribute, string Value)> part) => string.Join('+', part.Select(a => $"{a.Attribute}={Escape(a.Value)}"));

    private static IEnumerable<string> Split(string text, char separator)
    {
        var start = 0;
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && (text[i] == separator || (separator == ',' && text[i] == ';')))
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    private static string? Unescape(string value)
    {
        var trimmed = value.TrimStart();
        // A blank at the end may be an escaped one.
        var end = trimmed.Length;
        while (end > 0 && trimmed[end - 1] == ' ' && !(end > 1 && trimmed[end - 2] == '\\'))
        {
            end--;
        }

        trimmed = trimmed[..end];
        if (trimmed is ['#', .. var hex])
        {
            // The octets of a BER value; nobody names people that way, and no meaning is lost when it stays as it is.
            return hex.Length > 0 && hex.All(char.IsAsciiHexDigit) ? trimmed : null;
        }

        if (trimmed is ['"', .. var inner, '"'])
        {
            trimmed = inner;
        }

        var bytes = new List<byte>(trimmed.Length);
        for (var i = 0; i < trimmed.Length; i++)
        {
            if (trimmed[i] != '\\')
            {
                var length = char.IsHighSurrogate(trimmed[i]) && i + 1 < trimmed.Length ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(trimmed.Substring(i, length)));
                i += length - 1;
            }
            else if (i + 2 < trimmed.Length && char.IsAsciiHexDigit(trimmed[i + 1]) && char.IsAsciiHexDigit(trimmed[i + 2]))
            {
                bytes.Add(Convert.ToByte(trimmed.Substring(i + 1, 2), 16));
                i += 2;
            }
            else if (i + 1 < trimmed.Length)
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(trimmed.Substring(++i, 1)));
            }
            else
            {
                return null;
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
