using System.Collections.Frozen;
using System.Net;
using System.Text.RegularExpressions;

namespace Castellan.Server.Pages;

/// <summary>
/// A text of a realm that may be formatted, such as its terms. A short list of tags comes through, without attributes but the address of a link;
/// of any other tag only the words inside stay, and of scripts and style sheets nothing.
/// </summary>
public static partial class Markup
{
    private static readonly FrozenSet<string> s_tags = FrozenSet.Create(StringComparer.Ordinal,
        "a", "b", "blockquote", "br", "code", "div", "em", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "pre", "small", "span", "strong", "u", "ul");

    private static readonly FrozenSet<string> s_silent = FrozenSet.Create(StringComparer.Ordinal, "script", "style", "template", "iframe", "object", "svg", "math", "noscript", "textarea", "title");

    public static Html Of(string text)
    {
        var html = new HtmlWriter();
        var open = new Stack<string>();
        var at = 0;
        while (at < text.Length)
        {
            var next = text.IndexOf('<', at);
            if (next < 0 || Tag().Match(text, next) is not { Success: true } tag)
            {
                // No tag: a sign like any other.
                var end = next < 0 ? text.Length : next + 1;
                html.Add($"{WebUtility.HtmlDecode(text[at..end])}");
                at = end;
                continue;
            }

            html.Add($"{WebUtility.HtmlDecode(text[at..next])}");
            at = next + tag.Length;
            var (closes, name) = (tag.Groups["close"].Length > 0, tag.Groups["name"].Value.ToLowerInvariant());
            if (s_silent.Contains(name))
            {
                at = closes ? at : text.IndexOf($"</{name}", at, StringComparison.OrdinalIgnoreCase) is var over and >= 0 ? over : text.Length;
            }
            else if (s_tags.Contains(name))
            {
                Write(html, open, name, closes, tag.Groups["rest"].Value);
            }
        }

        while (open.TryPop(out var left))
        {
            html.Add(new Html($"</{left}>"));
        }

        return html.ToHtml();
    }

    /// <summary>Whether there is anything to read in it: words outside of tags.</summary>
    public static bool HasWords(Html html)
    {
        var inside = false;
        foreach (var c in html.Markup)
        {
            inside = c == '<' || (inside && c != '>');
            if (!inside && c != '>' && !char.IsWhiteSpace(c))
            {
                return true;
            }
        }

        return false;
    }

    private static void Write(HtmlWriter html, Stack<string> open, string name, bool closes, string attributes)
    {
        if (name is "br" or "hr")
        {
            html.Add(new Html($"<{name}>"));
        }
        else if (!closes)
        {
            html.Add(name == "a" && Address(attributes) is { } address ? Html.Of($"""<a href="{address}" target="_blank" rel="noopener noreferrer">""") : new Html($"<{name}>"));
            open.Push(name);
        }
        else if (open.Contains(name))
        {
            string closed;
            do
            {
                closed = open.Pop();
                html.Add(new Html($"</{closed}>"));
            }
            while (closed != name);
        }
    }

    /// <summary>Where a link leads, when that is a page or a mailbox.</summary>
    private static string? Address(string attributes) =>
        Href().Match(attributes) is { Success: true } found && Uri.TryCreate(WebUtility.HtmlDecode(found.Groups["address"].Value), UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https" or "mailto" ? uri.AbsoluteUri : null;

    // A comment, or a tag with its attributes; '>' inside quotes ends nothing.
    [GeneratedRegex("""\G(?:<!--.*?-->|<(?<close>/?)(?<name>[a-zA-Z][a-zA-Z0-9]*)(?<rest>(?>[^>"']|"[^"]*"|'[^']*')*)>)""", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Tag();

    [GeneratedRegex("""(?:^|\s)href\s*=\s*(?:"(?<address>[^"]*)"|'(?<address>[^']*)'|(?<address>[^\s"'>]+))""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Href();
}
