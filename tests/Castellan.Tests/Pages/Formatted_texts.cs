using Castellan.Server.Pages;

namespace Castellan.Tests.Pages;

/// <summary>Texts of a realm that may be formatted come through as far as they are harmless.</summary>
public sealed class Formatted_texts
{
    [Theory]
    [InlineData("plain & simple", "plain &amp; simple")]
    [InlineData("Juniper &amp; Sons &copy; 1902", "Juniper &amp; Sons © 1902")]
    [InlineData("&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;")]
    [InlineData("1 < 2 > 0", "1 &lt; 2 &gt; 0")]
    [InlineData("<p>One</p><P class='x' onclick=\"go('>')\">Two</P>", "<p>One</p><p>Two</p>")]
    [InlineData("a<br/>b<br>c", "a<br>b<br>c")]
    [InlineData("<ul><li>one<li>two</ul>after", "<ul><li>one<li>two</li></li></ul>after")]
    [InlineData("<b>left open", "<b>left open</b>")]
    [InlineData("</p></div>nothing was open", "nothing was open")]
    [InlineData("<a href=\"https://example.org/?a=1&amp;b=2\">terms</a>", "<a href=\"https://example.org/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener noreferrer\">terms</a>")]
    [InlineData("<a href=javascript:alert(1)>no</a>", "<a>no</a>")]
    [InlineData("<a href=\"&#106;avascript:alert(1)\">no</a>", "<a>no</a>")]
    [InlineData("<a data-href=\"https://example.org\">no</a>", "<a>no</a>")]
    [InlineData("<script>alert('<p>')</script>after", "after")]
    [InlineData("<script>alert(1)", "")]
    [InlineData("<img src=x onerror=alert(1)>", "")]
    [InlineData("<scr<script>ipt>alert(1)</script>", "ipt&gt;alert(1)")]
    [InlineData("<svg><p>x</p></svg>y", "y")]
    [InlineData("a<!-- <p> -->b", "ab")]
    [InlineData("<p title=\"", "&lt;p title=&quot;")]
    public void Are_written_as(string text, string markup) => Assert.Equal(markup, Markup.Of(text).Markup);

    [Theory]
    [InlineData("<b>Juniper</b>", true)]
    [InlineData("Juniper &amp; Sons", true)]
    [InlineData("<img src=\"logo.png\" alt=\"Juniper\">", false)]
    [InlineData("<div> <span></span></div>", false)]
    public void Say_whether_there_is_anything_to_read(string text, bool words) => Assert.Equal(words, Markup.HasWords(Markup.Of(text)));
}
