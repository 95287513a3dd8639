using System.Text;

namespace Castellan.Protocol.Ldap;

/// <summary>Reads filters as RFC 4515 writes them.</summary>
internal sealed class LdapFilterParser(string text)
{
    /// <summary>Deeper than anybody writes by hand.</summary>
    private const int MaxDepth = 32;

    private int _at;

    public LdapFilter? Parse() => Filter(0) is { } filter && _at == text.Length ? filter : null;

    private LdapFilter? Filter(int depth)
    {
        Blanks();
        if (depth > MaxDepth || !Take('('))
        {
            return null;
        }

        Blanks();
        LdapFilter? read = _at >= text.Length ? null : text[_at] switch
        {
            '&' => Set(0, depth),
            '|' => Set(1, depth),
            '!' => Negation(depth),
            _ => Item(),
        };
        Blanks();
        if (read is null || !Take(')'))
        {
            return null;
        }

        Blanks();
        return read;
    }

    private LdapFilter.Set? Set(int tag, int depth)
    {
        _at++;
        Blanks();
        var parts = new List<LdapFilter>();
        while (_at < text.Length && text[_at] == '(')
        {
            if (Filter(depth + 1) is not { } part)
            {
                return null;
            }

            parts.Add(part);
        }

        return new(tag, parts);
    }

    private LdapFilter.Negation? Negation(int depth)
    {
        _at++;
        return Filter(depth + 1) is { } part ? new(part) : null;
    }

    private LdapFilter? Item()
    {
        var start = _at;
        while (_at < text.Length && text[_at] is not ('=' or '(' or ')'))
        {
            _at++;
        }

        if (_at >= text.Length || text[_at] != '=')
        {
            return null;
        }

        var name = text[start.._at++].Trim();
        var valueStart = _at;
        while (_at < text.Length && text[_at] is not ('(' or ')'))
        {
            _at++;
        }

        var value = text[valueStart.._at];
        return name switch
        {
            "" => null,
            [.. var attribute, '~'] => Compare(8, attribute, value),
            [.. var attribute, '>'] => Compare(5, attribute, value),
            [.. var attribute, '<'] => Compare(6, attribute, value),
            [.. var left, ':'] => ByRule(left, value),
            _ => Equal(name, value),
        };
    }

    private static LdapFilter? Compare(int tag, string attribute, string value) =>
        IsName(attribute) && Bytes(value) is { } bytes ? new LdapFilter.Comparison(tag, attribute, bytes) : null;

    private static LdapFilter? Equal(string attribute, string value)
    {
        if (!IsName(attribute))
        {
            return null;
        }

        if (value == "*")
        {
            return LdapFilter.Present(attribute);
        }

        var pieces = value.Split('*').Select(Bytes).ToList();
        return pieces.Contains(null) ? null : pieces.Count == 1 ? LdapFilter.Is(attribute, pieces[0]!) : new LdapFilter.Pieces(attribute, pieces!);
    }

    private static LdapFilter? ByRule(string left, string value)
    {
        var parts = left.Split(':');
        var dn = Array.Exists(parts[1..], p => p == "dn");
        var rules = parts[1..].Where(p => p != "dn").ToList();
        if (rules.Count > 1 || (rules.Count == 0 && parts[0].Length == 0) || Bytes(value) is not { } bytes)
        {
            return null;
        }

        return new LdapFilter.ByRule(rules is [var rule] ? rule : null, parts[0].Length == 0 ? null : parts[0], bytes, dn);
    }

    private static bool IsName(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or ';' or '_');

    /// <summary>A value with its escapes (<c>\2a</c>) undone; null when one is broken.</summary>
    private static byte[]? Bytes(string value)
    {
        var bytes = new List<byte>(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '\\')
            {
                var length = char.IsHighSurrogate(value[i]) && i + 1 < value.Length ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(value.Substring(i, length)));
                i += length - 1;
            }
            else if (i + 2 < value.Length && char.IsAsciiHexDigit(value[i + 1]) && char.IsAsciiHexDigit(value[i + 2]))
            {
                bytes.Add(Convert.ToByte(value.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                return null;
            }
        }

        return [.. bytes];
    }

    private bool Take(char c)
    {
        if (_at >= text.Length || text[_at] != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private void Blanks()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }
}
