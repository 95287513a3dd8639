using Castellan.Server.Mail;

namespace Castellan.Tests.Mail;

/// <summary>What may stand in a mail, and how a realm's settings for mail are read.</summary>
public sealed class Words_of_mails
{
    [Theory]
    [InlineData("<p>a</p>", "<p>a</p>")]
    [InlineData("it's a+b=c", "it&#39;s a&#43;b&#61;c")]
    [InlineData("<script>alert(1)</script>", "alert(1)")]
    [InlineData("<a href=\"javascript:alert(1)\">x</a>", "<a>x</a>")]
    [InlineData("<a href=\"http://x/?a=1&amp;b=2\" onclick=\"y\">x</a>", "<a href=\"http://x/?a=1&b=2\" rel=\"nofollow\">x</a>")]
    [InlineData("<a href='http://x/\" onmouseover=\"y'>x</a>", "<a href=\"http://x/%22 onmouseover=%22y\" rel=\"nofollow\">x</a>")]
    [InlineData("<img src=x onerror=alert(1)>", "<img>")]
    [InlineData("&lt;script&gt;", "&lt;script&gt;")]
    [InlineData("&#60;script&#62;", "&lt;script&gt;")]
    [InlineData("1 < 2 & 3", "1 &lt; 2 &amp; 3")]
    [InlineData("<p", "&lt;p")]
    [InlineData("<!-- <b> --><svg onload=x>", "")]
    public void Only_plain_markup_stays(string given, string expected) => Assert.Equal(expected, MailHtml.Clean(given).Replace(" --&gt;", "", StringComparison.Ordinal));

    [Fact]
    public void Settings_without_a_sender_or_with_a_broken_port_send_nothing()
    {
        Assert.Null(SmtpSettings.Read(null));
        Assert.Null(SmtpSettings.Read(new Dictionary<string, string?> { ["host"] = "mail.example" }));
        Assert.Null(SmtpSettings.Read(new Dictionary<string, string?> { ["from"] = "a@b", ["port"] = "x" }));
        Assert.Null(SmtpSettings.Read(new Dictionary<string, string?> { ["from"] = "a@b", ["port"] = "70000" }));
        Assert.Equal(("localhost", 25), SmtpSettings.Read(new Dictionary<string, string?> { ["from"] = "a@b" }) is { } plain ? (plain.Host, plain.Port) : default);
        Assert.Equal(465, SmtpSettings.Read(new Dictionary<string, string?> { ["from"] = "a@b", ["ssl"] = "true" })?.Port);
    }
}
