using System.Text;

namespace Castellan.Server.Mail;

/// <summary>
/// What of a text's markup may go into a mail. Texts are the realm's to write, and names in them anybody's: only plain elements stay, of their
/// attributes only addresses of the web and of mail, and everything else is text.
/// </summary>
public static class MailHtml
{
    private static readonly System.Buffers.SearchValues<char> s_entity =
        System.Buffers.SearchValues.Create("#0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly HashSet<string> s_elements = new(StringComparer.OrdinalIgnoreCase)
    {
        "a", "b", "br", "blockquote", "code", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup",
        "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
    };

    private static readonly HashSet<string> s_void = new(StringComparer.OrdinalIgnoreCase) { "br", "hr", "img" };

    /// <summary>A value as text within markup, or within an attribute.</summary>
    public static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            Append(encoded, c);
        }

        return encoded.ToString();
    }

    /// <summary>The markup that may stay.</summary>
    public static string Clean(string html)
    {
        var clean = new StringBuilder(html.Length + 64);
        for (var i = 0; i < html.Length;)
        {
            if (html[i] == '<' && End(html, i) is var end && end > i)
            {
                Tag(clean, html[(i + 1)..end]);
                i = end + 1;
            }
            else if (html[i] == '&' && EntityEnd(html, i) is var semicolon && semicolon > i)
            {
                // Written as a character already: said again the way that all are said.
                var character = System.Net.WebUtility.HtmlDecode(html[i..(semicolon + 1)]);
                clean.Append(character.StartsWith('&') && character.Length > 1 ? Encode(character) : character == "\u00a0" ? "&nbsp;" : Encode(character));
                i = semicolon + 1;
            }
            else
            {
                Append(clean, html[i++]);
            }
        }

        return clean.ToString();
    }

    private static void Tag(StringBuilder clean, string tag)
    {
        var closing = tag.StartsWith('/');
        var rest = tag.AsSpan(closing ? 1 : 0).TrimEnd('/');
        var length = 0;
        while (length < rest.Length && char.IsAsciiLetterOrDigit(rest[length]))
        {
            length++;
        }

        var name = rest[..length].ToString().ToLowerInvariant();
        if (!s_elements.Contains(name))
        {
            return;
        }

        if (closing)
        {
            if (!s_void.Contains(name))
            {
                clean.Append("</").Append(name).Append('>');
            }

            return;
        }

        clean.Append('<').Append(name);
        foreach (var (attribute, value) in Attributes(rest[length..].ToString()))
        {
            if ((name, attribute) is ("a", "href") or ("img", "src") && IsAddress(value))
            {
                // An address is written as it is; what could end the attribute is encoded.
                clean.Append(' ').Append(attribute).Append("=\"").Append(value.Replace("\"", "%22", StringComparison.Ordinal).Replace("<", "%3C", StringComparison.Ordinal).Replace(">", "%3E", StringComparison.Ordinal)).Append('"');
                clean.Append(name == "a" ? " rel=\"nofollow\"" : "");
            }
            else if (attribute is "alt" or "title" or "width" or "height" or "align" or "dir" or "lang")
            {
                clean.Append(' ').Append(attribute).Append("=\"").Append(Encode(value)).Append('"');
            }
        }

        clean.Append('>');
    }

    private static IEnumerable<(string Name, string Value)> Attributes(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            while (i < text.Length && !char.IsAsciiLetter(text[i]))
            {
                i++;
            }

            var start = i;
            while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '-'))
            {
                i++;
            }

            var name = text[start..i].ToLowerInvariant();
            while (i < text.Length && text[i] == ' ')
            {
                i++;
            }

            if (i >= text.Length || text[i] != '=')
            {
                continue;
            }

            i++;
            while (i < text.Length && text[i] == ' ')
            {
                i++;
            }

            var quote = i < text.Length && text[i] is '"' or '\'' ? text[i++] : ' ';
            var end = text.IndexOf(quote, i);
            end = end < 0 ? text.Length : end;
            yield return (name, System.Net.WebUtility.HtmlDecode(text[i..end]));
            i = end + 1;
        }
    }

    private static bool IsAddress(string value) =>
        value.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || value.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        || value.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Where a tag ends, if one begins here: quotes may hold a bracket.</summary>
    private static int End(string html, int start)
    {
        if (start + 1 >= html.Length || !(char.IsAsciiLetter(html[start + 1]) || html[start + 1] is '/' or '!'))
        {
            return -1;
        }

        var quote = '\0';
        for (var i = start + 1; i < html.Length; i++)
        {
            if (quote != '\0')
            {
                quote = html[i] == quote ? '\0' : quote;
            }
            else if (html[i] is '"' or '\'')
            {
                quote = html[i];
            }
            else if (html[i] == '>')
            {
                return i;
            }
        }

        return -1;
    }

    private static int EntityEnd(string html, int start)
    {
        var end = html.IndexOf(';', start);
        return end > start + 1 && end - start <= 10 && html.AsSpan(start + 1, end - start - 1).IndexOfAnyExcept(s_entity) < 0 ? end : -1;
    }

    private static void Append(StringBuilder text, char c)
    {
        switch (c)
        {
            case '&':
                text.Append("&amp;");
                break;
            case '<':
                text.Append("&lt;");
                break;
            case '>':
                text.Append("&gt;");
                break;
            case '"' or '\'' or '+' or '=' or '@' or '`':
                // Keycloak's mails say these by number; no reader of HTML can then take an address for the beginning of anything.
                text.Append("&#").Append((int)c).Append(';');
                break;
            default:
                text.Append(c);
                break;
        }
    }
}
