using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Castellan.Server.Pages;

/// <summary>Markup that is safe as it stands: made by <see cref="HtmlWriter"/> or by a hand that knew what it wrote.</summary>
public readonly record struct Html(string Markup)
{
    public override string ToString() => Markup;

    /// <summary>Markup from an interpolated text: what is written out is markup, what is filled in is text and encoded.</summary>
    public static Html Of(HtmlWriter.Parts parts) => new(parts.ToMarkup());
}

/// <summary>
/// Writes a page from interpolated texts. The literal parts are markup as they stand; every value between braces is encoded, unless it is
/// <see cref="Html"/> already. So forgetting to encode is not possible, and leaving it out has a name.
/// </summary>
public sealed class HtmlWriter
{
    private readonly StringBuilder _text = new(8192);

    public HtmlWriter Add([InterpolatedStringHandlerArgument("")] Parts parts) => this;

    public HtmlWriter Add(Html html)
    {
        _text.Append(html.Markup);
        return this;
    }

    /// <summary>The page as UTF-8.</summary>
    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(_text.ToString());

    public Html ToHtml() => new(_text.ToString());

    /// <summary>The pieces of an interpolated text on their way into a page.</summary>
    [InterpolatedStringHandler]
    public readonly struct Parts
    {
        // The five that can end a text or an attribute; everything else is what it is, the page being UTF-8.
        private static readonly SearchValues<char> s_special = SearchValues.Create("&<>\"'");
        private readonly StringBuilder _text;

        public Parts(int literals, int holes) => _text = new StringBuilder(literals + (holes * 16));

        public Parts(int literals, int holes, HtmlWriter writer) => _text = writer._text;

        public void AppendLiteral(string markup) => _text.Append(markup);

        public void AppendFormatted(string? text)
        {
            var rest = text.AsSpan();
            while (rest.IndexOfAny(s_special) is var at && at >= 0)
            {
                _text.Append(rest[..at]).Append(rest[at] switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", '"' => "&quot;", _ => "&#39;" });
                rest = rest[(at + 1)..];
            }

            _text.Append(rest);
        }

        public void AppendFormatted(Html html) => _text.Append(html.Markup);

        public void AppendFormatted(int number) => _text.Append(number);

        public void AppendFormatted(long number) => _text.Append(number);

        internal string ToMarkup() => _text.ToString();
    }
}
